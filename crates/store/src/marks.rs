//! Questions about marks on posts: favorites, which triggers count beside the post, and bookmarks.

use model::{Cursor, Mark, MarkedPost, Page, PageLimit, Post, PostId, Timestamp, UserId};

use crate::db::{Row, Statement, params, statements};
use crate::posts::{AFTER_COLUMNS, columns, post};
use crate::{BATCH_ROWS, Change, Error, Result, Store};

/// A page of the posts with a mark of this table: listed ones, and of others what the reader may see
/// all the same.
macro_rules! marked {
    ($table:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", (SELECT m.created_at FROM ",
            $table,
            " m WHERE m.user_id = $1 AND m.post_id = p.id) AS marked_at
            FROM posts p JOIN users u ON u.id = p.user_id
            WHERE p.id IN (SELECT m.post_id FROM ",
            $table,
            " m JOIN posts q ON q.id = m.post_id AND q.deleted_at IS NULL
                    AND (q.listed_at <= $5 OR q.user_id = $1 OR $6)
                JOIN users o ON o.id = q.user_id AND o.deleted_at IS NULL
                WHERE m.user_id = $1 AND (m.created_at, m.post_id) < ($2, $3)
                ORDER BY m.created_at DESC, m.post_id DESC LIMIT $4)
            ORDER BY marked_at DESC, p.id DESC"
        )
    };
}

/// How many posts a page of these would hold if it had no end.
macro_rules! count {
    ($table:literal) => {
        concat!(
            "SELECT count(*) FROM ",
            $table,
            " m JOIN posts q ON q.id = m.post_id AND q.deleted_at IS NULL
                AND (q.listed_at <= $2 OR q.user_id = $1 OR $3)
            JOIN users o ON o.id = q.user_id AND o.deleted_at IS NULL
            WHERE m.user_id = $1"
        )
    };
}

statements! {
    INSERT_FAVORITE = "INSERT INTO favorites (user_id, post_id, created_at)
        SELECT u.id, p.id, CAST($3 AS BIGINT) FROM users u CROSS JOIN posts p
        WHERE u.id = $1 AND p.id = $2 AND u.deleted_at IS NULL AND p.deleted_at IS NULL
        ON CONFLICT DO NOTHING";
    INSERT_BOOKMARK = "INSERT INTO bookmarks (user_id, post_id, created_at)
        SELECT u.id, p.id, CAST($3 AS BIGINT) FROM users u CROSS JOIN posts p
        WHERE u.id = $1 AND p.id = $2 AND u.deleted_at IS NULL AND p.deleted_at IS NULL
        ON CONFLICT DO NOTHING";
    DELETE_FAVORITE = "DELETE FROM favorites WHERE user_id = $1 AND post_id = $2";
    DELETE_BOOKMARK = "DELETE FROM bookmarks WHERE user_id = $1 AND post_id = $2";
    FAVORITES = (marked!("favorites"));
    BOOKMARKS = (marked!("bookmarks"));
    COUNT_FAVORITES = (count!("favorites"));
    COUNT_BOOKMARKS = (count!("bookmarks"));
    EXPORTED_FAVORITES = "SELECT post_id, created_at FROM favorites WHERE user_id = $1 AND post_id > $2
        ORDER BY post_id LIMIT $3";
    EXPORTED_BOOKMARKS = "SELECT post_id, created_at FROM bookmarks WHERE user_id = $1 AND post_id > $2
        ORDER BY post_id LIMIT $3";
}

/// Who looks at a list of posts, and when: it holds what they may see then.
#[derive(Clone, Copy, Debug)]
pub struct PostReader {
    /// Who looks.
    pub user_id: UserId,
    /// Whether they may see every post, listed or not.
    pub sees_all: bool,
    /// When they look.
    pub now: Timestamp,
}

impl Store {
    /// Puts a mark on a post. One that is there already stays as it is, and so does a post that is
    /// gone meanwhile.
    pub async fn insert_mark(
        &self,
        mark: Mark,
        user: UserId,
        post: PostId,
        now: Timestamp,
    ) -> Result<()> {
        let params = params![user, post, now].into();
        let insert = match mark {
            Mark::Favorite => Statement::new(&INSERT_FAVORITE, params).changing(Change::Post(post)),
            Mark::Bookmark => Statement::new(&INSERT_BOOKMARK, params),
        };
        match self.db.write(insert).await {
            Err(Error::ForeignKey) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes a mark off a post, if it is there.
    pub async fn delete_mark(&self, mark: Mark, user: UserId, post: PostId) -> Result<()> {
        let params = params![user, post].into();
        let delete = match mark {
            Mark::Favorite => Statement::new(&DELETE_FAVORITE, params).changing(Change::Post(post)),
            Mark::Bookmark => Statement::new(&DELETE_BOOKMARK, params),
        };
        self.db.write(delete).await.map(drop)
    }

    /// A page of the posts that `reader` has put this mark on and may see, the last one marked first.
    pub async fn marked_posts(
        &self,
        mark: Mark,
        reader: &PostReader,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        let params = params![
            reader.user_id,
            &before.key,
            before.id,
            limit.get() + 1,
            reader.now,
            reader.sees_all,
        ];
        let sql = match mark {
            Mark::Favorite => &FAVORITES,
            Mark::Bookmark => &BOOKMARKS,
        };
        let decode = |row: &Row<'_>| Ok((post(row)?, row.int(AFTER_COLUMNS)?));
        let rows = self.db.rows(sql, &params, decode).await?;
        let page = Page::cut(rows, limit, |(post, marked_at)| {
            Cursor::of(*marked_at, post.id.0)
        });
        Ok(Page {
            rows: page.rows.into_iter().map(|(post, _)| post).collect(),
            next: page.next,
        })
    }

    /// How many posts `reader` has put this mark on and may see.
    pub async fn count_marked_posts(&self, mark: Mark, reader: &PostReader) -> Result<i64> {
        let sql = match mark {
            Mark::Favorite => &COUNT_FAVORITES,
            Mark::Bookmark => &COUNT_BOOKMARKS,
        };
        let params = params![reader.user_id, reader.now, reader.sees_all].into();
        self.db.count_apart(sql, params).await
    }

    /// The posts that a user has put this mark on, after `after` by id: at most a batch.
    pub async fn exported_marks(
        &self,
        mark: Mark,
        user: UserId,
        after: PostId,
    ) -> Result<Vec<MarkedPost>> {
        let sql = match mark {
            Mark::Favorite => &EXPORTED_FAVORITES,
            Mark::Bookmark => &EXPORTED_BOOKMARKS,
        };
        let params = params![user, after, BATCH_ROWS];
        self.db
            .rows(sql, &params, |row| {
                Ok(MarkedPost {
                    post_id: PostId(row.int(0)?),
                    created_at: row.time(1)?,
                })
            })
            .await
    }
}
