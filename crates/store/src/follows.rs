//! Questions about who follows whom, and what comes of it.

use model::{Cursor, Follow, Page, PageLimit, Post, Timestamp, UserId};

use crate::db::{Statement, params, statements};
use crate::posts::{columns, post};
use crate::{BATCH_ROWS, Error, Result, Store};

/// A page of the posts whose numbers `$ids` finds, newest first.
macro_rules! newest {
    ($ids:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM posts p JOIN users u ON u.id = p.user_id WHERE p.id IN (",
            $ids,
            ") ORDER BY p.listed_at DESC, p.id DESC"
        )
    };
}

statements! {
    INSERT = "INSERT INTO follows (follower_id, followed_id, created_at)
        SELECT a.id, b.id, CAST($3 AS BIGINT) FROM users a CROSS JOIN users b
        WHERE a.id = $1 AND b.id = $2 AND a.deleted_at IS NULL AND b.deleted_at IS NULL
        ON CONFLICT DO NOTHING";
    DELETE = "DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2";
    COUNT = "SELECT count(*) FROM follows WHERE follower_id = $1 AND followed_id <> $2";
    // The newest post of each whom one follows tells who has written a part of the page: as many as
    // it is long. Of these as many posts each, and of those the newest. What it costs follows from
    // how many one follows, not from how much they have written.
    FEED = {
        sqlite: newest!("SELECT q.id FROM (
                SELECT n.user_id FROM follows f
                CROSS JOIN users a ON a.id = f.followed_id AND a.deleted_at IS NULL
                CROSS JOIN posts n ON n.id = (SELECT r.id FROM posts r
                    WHERE r.user_id = f.followed_id AND r.listed_at IS NOT NULL
                    AND (r.listed_at, r.id) < ($2, $3) ORDER BY r.listed_at DESC, r.id DESC LIMIT 1)
                WHERE f.follower_id = $1 ORDER BY n.listed_at DESC, n.id DESC LIMIT $4) AS w
            CROSS JOIN posts q ON q.id IN (SELECT r.id FROM posts r
                WHERE r.user_id = w.user_id AND r.listed_at IS NOT NULL
                AND (r.listed_at, r.id) < ($2, $3) ORDER BY r.listed_at DESC, r.id DESC LIMIT $4)
            ORDER BY q.listed_at DESC, q.id DESC LIMIT $4"),
        postgres: newest!("SELECT q.id FROM (
                SELECT f.followed_id AS user_id FROM follows f
                JOIN users a ON a.id = f.followed_id AND a.deleted_at IS NULL
                CROSS JOIN LATERAL (SELECT r.id, r.listed_at FROM posts r
                    WHERE r.user_id = f.followed_id AND r.listed_at IS NOT NULL
                    AND (r.listed_at, r.id) < ($2, $3) ORDER BY r.listed_at DESC, r.id DESC LIMIT 1) AS n
                WHERE f.follower_id = $1 ORDER BY n.listed_at DESC, n.id DESC LIMIT $4) AS w
            CROSS JOIN LATERAL (SELECT r.id, r.listed_at FROM posts r
                WHERE r.user_id = w.user_id AND r.listed_at IS NOT NULL
                AND (r.listed_at, r.id) < ($2, $3) ORDER BY r.listed_at DESC, r.id DESC LIMIT $4) AS q
            ORDER BY q.listed_at DESC, q.id DESC LIMIT $4")
    };
    COUNT_FEED = "SELECT count(*) FROM follows f
        JOIN users a ON a.id = f.followed_id AND a.deleted_at IS NULL
        JOIN posts p ON p.user_id = f.followed_id AND p.listed_at <= $2
        WHERE f.follower_id = $1";
    EXPORTED = "SELECT followed_id, created_at FROM follows WHERE follower_id = $1 AND followed_id > $2
        ORDER BY followed_id LIMIT $3";
}

impl Store {
    /// Lets `follower` follow `followed`. Where that is so already, it stays as it is, and so does
    /// everything when one of them is gone meanwhile.
    pub async fn insert_follow(
        &self,
        follower: UserId,
        followed: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let insert = Statement::new(&INSERT, params![follower, followed, now].into());
        match self.db.write(insert).await {
            Err(Error::ForeignKey) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets `follower` follow `followed` no more.
    pub async fn delete_follow(&self, follower: UserId, followed: UserId) -> Result<()> {
        let delete = Statement::new(&DELETE, params![follower, followed].into());
        self.db.write(delete).await.map(drop)
    }

    /// How many others than `followed` this user follows.
    pub async fn count_follows_beside(&self, follower: UserId, followed: UserId) -> Result<i64> {
        self.db.count(&COUNT, &params![follower, followed]).await
    }

    /// A page of the listed posts of those whom `follower` follows, newest first.
    pub async fn feed(
        &self,
        follower: UserId,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        let params = params![follower, &before.key, before.id, limit.get() + 1];
        let rows = self.db.rows(&FEED, &params, post).await?;
        Ok(Page::cut(rows, limit, |post| {
            let published = post.fields.published_at.unwrap_or(post.created_at);
            Cursor::of(published.as_micros(), post.id.0)
        }))
    }

    /// How many posts of those whom `follower` follows are listed at `now`.
    pub async fn count_feed(&self, follower: UserId, now: Timestamp) -> Result<i64> {
        let params = params![follower, now].into();
        self.db.count_apart(&COUNT_FEED, params).await
    }

    /// Those whom a user follows, after `after` by id: at most a batch.
    pub async fn exported_follows(&self, user: UserId, after: UserId) -> Result<Vec<Follow>> {
        let params = params![user, after, BATCH_ROWS];
        self.db
            .rows(&EXPORTED, &params, |row| {
                Ok(Follow {
                    user_id: UserId(row.int(0)?),
                    created_at: row.time(1)?,
                })
            })
            .await
    }
}
