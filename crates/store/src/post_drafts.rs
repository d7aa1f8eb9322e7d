//! Questions about pending edits of posts.

use model::{PostDraft, PostId, Timestamp, UserId};

use crate::db::{Row, Statement, params, statements};
use crate::{Error, Result, Store};

statements! {
    BY_POST = "SELECT post_id, user_id, base_version, updated_at, version, changes
        FROM post_drafts WHERE post_id = $1";
    // The edit goes on from where it began, whoever saves it.
    SAVE = "INSERT INTO post_drafts (post_id, user_id, base_version, updated_at, changes)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (post_id) DO UPDATE SET user_id = excluded.user_id,
            updated_at = excluded.updated_at, changes = excluded.changes,
            version = post_drafts.version + 1
        RETURNING post_id, user_id, base_version, updated_at, version, changes";
    DELETE = "DELETE FROM post_drafts WHERE post_id = $1";
    END = "DELETE FROM post_drafts WHERE post_id = $1 AND version = $2";
}

impl Store {
    /// The pending edit of a post.
    pub async fn post_draft(&self, id: PostId) -> Result<Option<PostDraft>> {
        self.db.row(&BY_POST, &params![id], draft).await
    }

    /// Saves the pending edit of a post at `base_version`, in the place of the one that there was.
    ///
    /// # Errors
    /// [`Error::ForeignKey`] when the post is gone.
    pub async fn save_post_draft(
        &self,
        (id, base_version): (PostId, i64),
        by: UserId,
        now: Timestamp,
        changes: &str,
    ) -> Result<PostDraft> {
        let params = params![id, by, base_version, now, changes];
        let saved = self.db.write(Statement::new(&SAVE, params.into())).await?;
        saved.row(draft)?.ok_or(Error::ForeignKey)
    }

    /// Takes the pending edit of a post away. False: there is none.
    pub async fn delete_post_draft(&self, id: PostId) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![id].into());
        Ok(self.db.write(delete).await?.changed == 1)
    }
}

/// Ends the pending edit of a post that is at `version`.
pub(crate) fn end_draft(id: PostId, version: i64) -> Statement {
    Statement::new(&END, params![id, version].into()).expect_rows(1)
}

fn draft(row: &Row<'_>) -> Result<PostDraft> {
    Ok(PostDraft {
        post_id: PostId(row.int(0)?),
        user_id: row.opt_int(1)?.map(UserId),
        base_version: row.int(2)?,
        updated_at: row.time(3)?,
        version: row.int(4)?,
        changes: row.text(5)?.to_owned(),
    })
}
