//! Questions about pending edits of posts.

use model::{PostDraft, PostId, Timestamp, UserId};

use crate::db::{Row, Statement, params, statements};
use crate::{Result, Store};

statements! {
    BY_POST = "SELECT post_id, user_id, base_version, updated_at, version, changes
        FROM post_drafts WHERE post_id = $1";
    // The edit goes on from where it began, whoever saves it.
    SAVE = "INSERT INTO post_drafts (post_id, user_id, base_version, updated_at, changes)
        SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT),
            CAST($5 AS TEXT)
        WHERE CAST($6 AS BIGINT) IS NULL
            OR EXISTS (SELECT 1 FROM post_drafts d WHERE d.post_id = $1 AND d.version = $6)
        ON CONFLICT (post_id) DO UPDATE SET user_id = excluded.user_id,
            updated_at = excluded.updated_at, changes = excluded.changes,
            version = post_drafts.version + 1
        WHERE post_drafts.version = coalesce($6, post_drafts.version)
        RETURNING post_id, user_id, base_version, updated_at, version, changes";
    DELETE = "DELETE FROM post_drafts WHERE post_id = $1 AND version = coalesce($2, version)";
    // Versions begin anew with each edit: the time tells one from another.
    END = "DELETE FROM post_drafts WHERE post_id = $1 AND version = $2 AND updated_at = $3";
}

impl Store {
    /// The pending edit of a post.
    pub async fn post_draft(&self, id: PostId) -> Result<Option<PostDraft>> {
        self.db.row(&BY_POST, &params![id], draft).await
    }

    /// Saves the pending edit of a post at `base_version`, in the place of the one that there was.
    /// Nothing when `version` is named and there is none at it.
    ///
    /// # Errors
    /// [`crate::Error::ForeignKey`] when the post is gone.
    pub async fn save_post_draft(
        &self,
        (id, base_version): (PostId, i64),
        (by, now): (UserId, Timestamp),
        changes: &str,
        version: Option<i64>,
    ) -> Result<Option<PostDraft>> {
        let params = params![id, by, base_version, now, changes, version];
        let saved = self.db.write(Statement::new(&SAVE, params.into())).await?;
        saved.row(draft)
    }

    /// Takes the pending edit of a post away. False: there is none, or its version is not `version`.
    pub async fn delete_post_draft(&self, id: PostId, version: Option<i64>) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![id, version].into());
        Ok(self.db.write(delete).await?.changed == 1)
    }
}

/// Ends a pending edit, unless it was saved again.
pub(crate) fn end_draft(draft: &PostDraft) -> Statement {
    let params = params![draft.post_id, draft.version, draft.updated_at];
    Statement::new(&END, params.into()).expect_rows(1)
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
