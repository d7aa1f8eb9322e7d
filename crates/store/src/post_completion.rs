//! Posts that came from before there were slugs, or from another program: what is made of a source
//! when it is written is made of theirs afterwards, once.

use model::{PostId, PostToComplete, RenderedPost, RevisionChange, UserId};

use crate::db::{Row, Statement, Value, params, statements};
use crate::post_search::search_again;
use crate::post_writes::{insert_revision, insert_slug, slug};
use crate::{BATCH_ROWS, Change, Error, Result, Store};

statements! {
    TO_COMPLETE = "SELECT id, user_id, title, content, updated_at FROM posts
        WHERE slug = '' AND id > $1 ORDER BY id LIMIT $2";
    COUNT = "SELECT count(*) FROM posts WHERE slug = ''";
    COMPLETE = (concat!("UPDATE posts SET slug = ", slug!("CAST($2 AS TEXT)", "FALSE", ""), ",
            title_key = $3, html = $4, summary = $5, word_count = $6
        WHERE id = $1 AND slug = '' RETURNING slug"));
}

impl Store {
    /// How many posts are to be completed.
    pub async fn count_posts_to_complete(&self) -> Result<i64> {
        self.db.count(&COUNT, &[]).await
    }

    /// The next posts to complete after `after` by id: at most a batch.
    pub async fn posts_to_complete(&self, after: PostId) -> Result<Vec<PostToComplete>> {
        let params = params![after, BATCH_ROWS];
        let bytes = |post: &PostToComplete| post.content.len();
        self.db.batch(&TO_COMPLETE, &params, post, bytes).await
    }

    /// Completes a post; its version and its dates stay. Nothing happens where somebody else was
    /// faster.
    ///
    /// # Errors
    /// [`Error::Unique`] when another post took the slug meanwhile.
    pub async fn complete_post(
        &self,
        post: &PostToComplete,
        (slug, title_key, words): (&str, &str, &str),
        rendered: &RenderedPost,
    ) -> Result<()> {
        let id = post.id;
        let params = params![
            id,
            slug,
            title_key,
            rendered.html.as_str(),
            rendered.summary.as_str(),
            rendered.word_count
        ];
        let complete = Statement::new(&COMPLETE, params.into());
        let mut list = vec![
            complete.expect_rows(1).changing(Change::Post(id)),
            insert_slug(Value::of(0, 0), slug, id.into()),
            insert_revision(
                id.into(),
                RevisionChange::Created,
                post.user_id,
                post.updated_at,
            ),
        ];
        list.extend(search_again(id.into(), words));
        match self.db.atomic(list).await {
            Err(Error::RowCount { statement: 0, .. }) => Ok(()),
            outcomes => outcomes.map(drop),
        }
    }
}

fn post(row: &Row<'_>) -> Result<PostToComplete> {
    Ok(PostToComplete {
        id: PostId(row.int(0)?),
        user_id: UserId(row.int(1)?),
        title: row.text(2)?.to_owned(),
        content: row.text(3)?.to_owned(),
        updated_at: row.time(4)?,
    })
}
