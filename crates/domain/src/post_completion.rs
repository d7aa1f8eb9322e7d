//! Posts from before there were slugs, and those that another program brought.

use model::PostId;

use crate::{Domain, Error, Result};

impl Domain {
    /// Makes what every post has of those that came without: slug, HTML, word count, first revision.
    /// `progress` hears how many of how many are done. Gives how many there were.
    pub async fn complete_posts(&self, progress: impl Fn(u64, u64)) -> Result<u64> {
        let total = self.store.count_posts_to_complete().await?;
        let total = u64::try_from(total).unwrap_or_default();
        let (mut done, mut after) = (0, PostId(0));
        loop {
            let batch = self.store.posts_to_complete(after).await?;
            let Some(last) = batch.last() else {
                return Ok(done);
            };
            after = last.id;
            for post in &batch {
                let rendered = match self.rendered(&post.content).await {
                    // Nobody is there who could write it another way: it is shown as it stands.
                    Err(Error::Invalid(_)) => self.rendered(&as_code(&post.content)).await?,
                    rendered => rendered?,
                };
                let names = (render::slug(&post.title), render::title_key(&post.title));
                self.store
                    .complete_post(post, (&names.0, &names.1), &rendered)
                    .await?;
                done += 1;
            }
            progress(done, total);
        }
    }
}

/// A source as a block of code.
fn as_code(source: &str) -> String {
    source.lines().map(|line| format!("    {line}\n")).collect()
}
