//! Posts from before there were slugs, and those that another program brought.

use futures_util::{StreamExt, TryStreamExt, stream};
use model::{PostId, PostToComplete};

use crate::post_writes::TRIES_OF_NUMBERS;
use crate::{Domain, Error, Result};

/// How many posts are completed at once.
const AT_ONCE: usize = 64;

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
            // Many at once, so that one commit takes many.
            let completing = batch.iter().map(|post| self.complete_post(post));
            stream::iter(completing)
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
            done += batch.len() as u64;
            progress(done, total);
        }
    }

    async fn complete_post(&self, post: &PostToComplete) -> Result<()> {
        let rendered = match self.renderer.render(&post.content).await {
            // Nobody is there who could write it another way: it is shown as it stands.
            Err(Error::Invalid(_)) => self.renderer.render(&as_code(&post.content)).await?,
            rendered => rendered?,
        };
        let (mut slug, key) = (render::slug(&post.title), render::title_key(&post.title));
        let mut tries = 0;
        loop {
            if tries == TRIES_OF_NUMBERS {
                slug = format!("{slug}-{}", self.slug_end()?);
            }
            tries += 1;
            let names = (slug.as_str(), key.as_str());
            match self.store.complete_post(post, names, &rendered).await {
                // Another post of this title got the number first.
                Err(store::Error::Unique(_)) => {}
                outcome => return Ok(outcome?),
            }
        }
    }
}

/// A source as a block of code.
fn as_code(source: &str) -> String {
    source.lines().map(|line| format!("    {line}\n")).collect()
}
