//! The trash: posts that are gone for everybody, until they are restored or purged. Their slugs stay
//! theirs.

use model::{
    Cursor, NewIdempotencyKey, Page, PageLimit, Post, PostId, RevisionChange, Timestamp,
    TrashedPost, UserId,
};

use crate::db::{Row, Sql, Statement, Value, params, statements};
use crate::idempotency_keys::remember_key;
use crate::post_search::search_again;
use crate::post_writes::{insert_revision, list_tags};
use crate::posts::{AFTER_COLUMNS, columns, post};
use crate::{BATCH_ROWS, Change, Error, Result, Store};

/// A question for posts in the trash; the rest of the text follows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", p.deleted_at, p.deleted_role FROM posts p
            JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL
            WHERE p.deleted_at IS NOT NULL ",
            $rest
        )
    };
}

statements! {
    BY_ID = (select!("AND p.id = $1"));
    NEWEST = (select!("AND (p.deleted_at, p.id) < ($1, $2)
        ORDER BY p.deleted_at DESC, p.id DESC LIMIT $3"));
    NEWEST_OF_USER = (select!("AND (p.deleted_at, p.id) < ($1, $2) AND p.user_id = $4
        ORDER BY p.deleted_at DESC, p.id DESC LIMIT $3"));
    COUNT = "SELECT count(*) FROM posts p JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL
        WHERE p.deleted_at IS NOT NULL AND (CAST($1 AS BIGINT) IS NULL OR p.user_id = $1)";
    RESTORE = "UPDATE posts SET deleted_at = NULL, deleted_by = NULL, deleted_role = NULL,
            updated_at = $3, version = version + 1
        WHERE id = $1 AND version = $2 AND deleted_at IS NOT NULL";
    DELETE = "DELETE FROM posts WHERE id = $1 AND version = coalesce($2, version)
        AND deleted_at IS NOT NULL";
    // One post may have brought together more than one step should take away.
    PURGE_COMMENTS = "DELETE FROM comments WHERE id IN (SELECT c.id FROM posts p CROSS JOIN comments c
        WHERE c.post_id = p.id AND p.deleted_at < $1 LIMIT $2)";
    PURGE_FAVORITES = "DELETE FROM favorites WHERE (user_id, post_id) IN (SELECT f.user_id, f.post_id
        FROM posts p CROSS JOIN favorites f WHERE f.post_id = p.id AND p.deleted_at < $1 LIMIT $2)";
    PURGE_BOOKMARKS = "DELETE FROM bookmarks WHERE (user_id, post_id) IN (SELECT b.user_id, b.post_id
        FROM posts p CROSS JOIN bookmarks b WHERE b.post_id = p.id AND p.deleted_at < $1 LIMIT $2)";
    PURGE_REVISIONS = "DELETE FROM post_revisions WHERE (post_id, n) IN (SELECT r.post_id, r.n
        FROM posts p CROSS JOIN post_revisions r WHERE r.post_id = p.id AND p.deleted_at < $1 LIMIT $2)";
    PURGE = "DELETE FROM posts WHERE id IN (SELECT id FROM posts WHERE deleted_at < $1 LIMIT $2)";
}

/// How the trash is emptied, in this order.
const PURGE_STEPS: &[&Sql] = &[
    &PURGE_COMMENTS,
    &PURGE_FAVORITES,
    &PURGE_BOOKMARKS,
    &PURGE_REVISIONS,
    &PURGE,
];

impl Store {
    /// The post with this number, if it is in the trash.
    pub async fn trashed_post(&self, id: PostId) -> Result<Option<TrashedPost>> {
        self.db.row(&BY_ID, &params![id], trashed).await
    }

    /// A page of the trash, of one user if asked, what was deleted last first.
    pub async fn trashed_posts(
        &self,
        user_id: Option<UserId>,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<TrashedPost>> {
        let mut params = Vec::from(params![before.key.int(), before.id, limit.get() + 1]);
        params.extend(user_id.map(Value::from));
        let sql = match user_id {
            Some(_) => &NEWEST_OF_USER,
            None => &NEWEST,
        };
        let rows = self.db.rows(sql, &params, trashed).await?;
        Ok(Page::cut(rows, limit, |trashed| {
            Cursor::of(trashed.deleted_at.as_micros(), trashed.post.id.0)
        }))
    }

    /// How many posts are in the trash, of one user if asked.
    pub async fn count_trashed_posts(&self, user_id: Option<UserId>) -> Result<i64> {
        self.db.count_apart(&COUNT, params![user_id].into()).await
    }

    /// Takes a post out of the trash, into the state that it had; it is found by `words` again. False
    /// when it is not there, or at another version.
    pub async fn restore_post(
        &self,
        post: &Post,
        words: &str,
        (by, now): (UserId, Timestamp),
        key: Option<&NewIdempotencyKey>,
    ) -> Result<bool> {
        let id = post.id;
        let restore = Statement::new(&RESTORE, params![id, post.version, now].into());
        let mut list = vec![
            restore.expect_rows(1).changing(Change::Post(id)),
            list_tags(id),
            insert_revision(id.into(), RevisionChange::Restored, by, now),
        ];
        list.extend(remember_key(key, &id.into()));
        list.extend(search_again(id.into(), words));
        match self.db.atomic(list).await {
            Err(Error::RowCount { statement: 0, .. }) => Ok(false),
            outcomes => outcomes.map(|_| true),
        }
    }

    /// Deletes a post in the trash for good. False when it is not there, or its version is not
    /// `version`.
    pub async fn delete_post(&self, id: PostId, version: Option<i64>) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![id, version].into());
        let outcome = self.db.write(delete.changing(Change::Post(id))).await?;
        Ok(outcome.changed == 1)
    }

    /// Takes one step of emptying the trash of what was deleted before `before`; gives how many rows
    /// went. Zero: nothing is left to do.
    pub async fn purge_trash(&self, before: Timestamp) -> Result<u64> {
        for sql in PURGE_STEPS {
            let purge = Statement::new(sql, params![before, BATCH_ROWS].into());
            let gone = self.db.write(purge).await?.changed;
            if gone > 0 {
                return Ok(gone);
            }
        }
        Ok(0)
    }
}

fn trashed(row: &Row<'_>) -> Result<TrashedPost> {
    Ok(TrashedPost {
        post: post(row)?,
        deleted_at: row.time(AFTER_COLUMNS)?,
        deleted_role: row.word(AFTER_COLUMNS + 1)?,
    })
}
