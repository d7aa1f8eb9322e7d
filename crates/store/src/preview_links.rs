//! Questions about links to posts that are not public.

use model::{Cursor, Page, PageLimit, PostId, PreviewLink, Timestamp};

use crate::db::{Row, Statement, params, statements};
use crate::{BATCH_ROWS, Error, Result, Store};

statements! {
    INSERT = "INSERT INTO preview_links (post_id, token_hash, created_at, expires_at)
        VALUES ($1, $2, $3, $4) RETURNING id, created_at, expires_at";
    POST = "SELECT post_id FROM preview_links WHERE token_hash = $1 AND expires_at > $2";
    BY_ID = "SELECT id, created_at, expires_at FROM preview_links
        WHERE post_id = $1 AND id = $2 AND expires_at > $3";
    NEWEST = "SELECT id, created_at, expires_at FROM preview_links
        WHERE post_id = $1 AND expires_at > $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    DELETE = "DELETE FROM preview_links WHERE post_id = $1 AND id = $2";
    PURGE = "DELETE FROM preview_links WHERE id IN
        (SELECT id FROM preview_links WHERE expires_at <= $1 LIMIT $2)";
}

impl Store {
    /// Stores a link to a post by the hash of its token.
    pub async fn insert_preview_link(
        &self,
        id: PostId,
        token_hash: &[u8; 32],
        (now, until): (Timestamp, Timestamp),
    ) -> Result<PreviewLink> {
        let insert = Statement::new(&INSERT, params![id, token_hash, now, until].into());
        let inserted = self.db.write(insert).await?;
        inserted.row(link)?.ok_or(Error::ForeignKey)
    }

    /// The post that a token leads to at `now`.
    pub async fn previewed_post(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<PostId>> {
        let params = params![token_hash, now];
        self.db
            .row(&POST, &params, |row| Ok(PostId(row.int(0)?)))
            .await
    }

    /// The link of a post with this number, if it is good at `now`.
    pub async fn preview_link(
        &self,
        id: PostId,
        link: i64,
        now: Timestamp,
    ) -> Result<Option<PreviewLink>> {
        self.db
            .row(&BY_ID, &params![id, link, now], self::link)
            .await
    }

    /// A page of the links to a post that are good at `now`, the newest first.
    pub async fn preview_links(
        &self,
        id: PostId,
        now: Timestamp,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<PreviewLink>> {
        let params = params![id, now, before.id, limit.get() + 1];
        let rows = self.db.rows(&NEWEST, &params, link).await?;
        Ok(Page::cut(rows, limit, |link| Cursor::of(link.id, link.id)))
    }

    /// Revokes a link. False: the post has no such link.
    pub async fn delete_preview_link(&self, id: PostId, link: i64) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![id, link].into());
        Ok(self.db.write(delete).await?.changed == 1)
    }

    /// Takes one step of purging links that ended by `now`; gives how many went.
    pub async fn purge_preview_links(&self, now: Timestamp) -> Result<u64> {
        let purge = Statement::new(&PURGE, params![now, BATCH_ROWS].into());
        Ok(self.db.write(purge).await?.changed)
    }
}

fn link(row: &Row<'_>) -> Result<PreviewLink> {
    Ok(PreviewLink {
        id: row.int(0)?,
        created_at: row.time(1)?,
        expires_at: row.time(2)?,
    })
}
