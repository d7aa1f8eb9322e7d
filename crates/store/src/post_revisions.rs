//! Questions about what posts were.

use model::{Cursor, Page, PageLimit, PostId, Revision, UserId};

use crate::db::{Row, params, statements};
use crate::{Result, Store};

statements! {
    BY_NUMBER = "SELECT n, change, user_id, created_at, word_count, title, content
        FROM post_revisions WHERE post_id = $1 AND n = $2";
    COUNT = "SELECT count(*) FROM post_revisions WHERE post_id = $1";
    // Contents may have a megabyte each: a list does without them.
    NEWEST = "SELECT n, change, user_id, created_at, word_count, title, ''
        FROM post_revisions WHERE post_id = $1 AND n < $2 ORDER BY n DESC LIMIT $3";
}

impl Store {
    /// A revision of a post.
    pub async fn revision(&self, id: PostId, n: i64) -> Result<Option<Revision>> {
        self.db.row(&BY_NUMBER, &params![id, n], revision).await
    }

    /// A page of a post's revisions without their contents, the newest first.
    pub async fn revisions(
        &self,
        id: PostId,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Revision>> {
        let params = params![id, before.id, limit.get() + 1];
        let rows = self.db.rows(&NEWEST, &params, revision).await?;
        Ok(Page::cut(rows, limit, |revision| {
            Cursor::of(revision.n, revision.n)
        }))
    }

    /// How many revisions a post has.
    pub async fn count_revisions(&self, id: PostId) -> Result<i64> {
        self.db.count_apart(&COUNT, params![id].into()).await
    }
}

fn revision(row: &Row<'_>) -> Result<Revision> {
    Ok(Revision {
        n: row.int(0)?,
        change: row.word(1)?,
        user_id: row.opt_int(2)?.map(UserId),
        created_at: row.time(3)?,
        word_count: row.int(4)?,
        title: row.text(5)?.to_owned(),
        content: row.text(6)?.to_owned(),
    })
}
