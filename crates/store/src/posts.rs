//! Questions about posts. Only what is publicly listed is seen here: neither the trash nor the
//! posts of a deleted user.

use model::{
    Author, Cursor, NewPost, Page, PageLimit, Post, PostFilter, PostId, PostPatch, Timestamp,
    UserId,
};

use crate::db::{Row, Statement, Value, params, statements};
use crate::{BATCH_ROWS, Change, Error, Result, Store};

/// The columns of a post.
macro_rules! columns {
    () => {
        "p.id, p.user_id, u.username, p.title, p.content, p.category, p.created_at, p.updated_at, \
         p.published_at, p.version, u.display_name, u.avatar_url, p.comments_enabled, p.comment_count, \
         p.favorite_count"
    };
}
pub(crate) use columns;

/// Where [`columns`] ends: more may follow from here on.
pub(crate) const AFTER_COLUMNS: usize = 15;

/// A question for posts with their authors; the rest of the text follows.
macro_rules! select {
    ($rest:literal) => {
        select!("", $rest)
    };
    ($column:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            $column,
            " FROM posts p JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL
            WHERE p.deleted_at IS NULL ",
            $rest
        )
    };
}

/// What a write gives back: the columns of `select!`.
macro_rules! returning {
    ($write:literal) => {
        concat!(
            $write,
            " RETURNING id, user_id, (SELECT username FROM users u WHERE u.id = posts.user_id), title,
                content, category, created_at, updated_at, published_at, version,
                (SELECT display_name FROM users u WHERE u.id = posts.user_id),
                (SELECT avatar_url FROM users u WHERE u.id = posts.user_id), comments_enabled, comment_count, favorite_count"
        )
    };
}

/// A question for a batch. PostgreSQL sends every row of the limit, whether or not somebody reads
/// on: it must count the bytes (`BATCH_BYTES`) itself.
macro_rules! bounded {
    ($order:literal, $rest:literal) => {
        concat!(
            "SELECT * FROM (",
            select!(
                concat!(
                    ", sum(octet_length(p.title) + octet_length(p.content)) OVER (ORDER BY ",
                    $order,
                    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before"
                ),
                $rest
            ),
            ") AS p WHERE coalesce(bytes_before, 0) < 524288 ORDER BY ",
            $order
        )
    };
}

/// The page before a cursor, newest first, of the posts that a filter lets through. One text for
/// each set of filters: an optional condition would keep the database from its index.
macro_rules! newest {
    ($filter:literal) => {
        concat!(
            select!("AND (p.published_at, p.id) < ($1, $2) "),
            $filter,
            " ORDER BY p.published_at DESC, p.id DESC LIMIT $3"
        )
    };
}

statements! {
    INSERT = (returning!("INSERT INTO posts
        (user_id, title, content, category, created_at, updated_at, published_at)
        VALUES ($1, $2, $3, $4, $5, $5, $6)"));
    BY_ID = (select!("AND p.id = $1"));
    AFTER = {
        sqlite: select!("AND p.id > $1 ORDER BY p.id LIMIT $2"),
        postgres: bounded!("p.id", "AND p.id > $1 ORDER BY p.id LIMIT $2")
    };
    AFTER_OF_USER = {
        sqlite: select!("AND p.id > $1 AND p.user_id = $3 ORDER BY p.id LIMIT $2"),
        postgres: bounded!("p.id", "AND p.id > $1 AND p.user_id = $3 ORDER BY p.id LIMIT $2")
    };
    BY_USERS = {
        sqlite: select!("AND (p.user_id, p.id) > ($1, $2) AND p.user_id <= $3
            ORDER BY p.user_id, p.id LIMIT $4"),
        postgres: bounded!("p.user_id, p.id", "AND (p.user_id, p.id) > ($1, $2)
            AND p.user_id <= $3 ORDER BY p.user_id, p.id LIMIT $4")
    };
    NEWEST = (newest!(""));
    NEWEST_OF_USER = (newest!("AND p.user_id = $4"));
    NEWEST_OF_CATEGORY = (newest!("AND p.category = $4"));
    NEWEST_OF_BOTH = (newest!("AND p.user_id = $4 AND p.category = $5"));
    UPDATE = (returning!("UPDATE posts SET title = coalesce($2, title), content = coalesce($3, content),
            category = coalesce($4, category), updated_at = $5, version = version + 1
        WHERE id = $1 AND deleted_at IS NULL AND version = coalesce($6, version)
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = posts.user_id AND u.deleted_at IS NULL)"));
    DELETE = "UPDATE posts SET deleted_at = $2, deleted_by = $3, version = version + 1
        WHERE id = $1 AND deleted_at IS NULL AND version = coalesce($4, version)
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = posts.user_id AND u.deleted_at IS NULL)";
}

impl Store {
    /// Stores a post and gives it.
    pub async fn insert_post(
        &self,
        user_id: UserId,
        new: &NewPost,
        now: Timestamp,
        published_at: Timestamp,
    ) -> Result<Post> {
        let params = params![
            user_id,
            new.title.as_str(),
            new.content.as_str(),
            new.category.as_str(),
            now,
            published_at,
        ];
        let insert = Statement::new(&INSERT, params.into()).changing(Change::Posts);
        let outcome = self.db.write(insert).await?;
        outcome.row(post)?.ok_or(Error::RowCount {
            statement: 0,
            met: 0,
        })
    }

    /// The post with this number.
    pub async fn post(&self, id: PostId) -> Result<Option<Post>> {
        self.db.row(&BY_ID, &params![id], post).await
    }

    /// The posts after `after` by id, of one user if asked: at most `limit`, at most a batch.
    /// Empty only at the end of the list.
    pub async fn posts_after(
        &self,
        after: PostId,
        user_id: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Post>> {
        let mut params = vec![Value::from(after), Value::from(limit.min(BATCH_ROWS))];
        let sql = match user_id {
            Some(user_id) => {
                params.push(user_id.into());
                &AFTER_OF_USER
            }
            None => &AFTER,
        };
        self.db.batch(sql, &params, post, bytes).await
    }

    /// The posts of the users up to `last`, ordered by user and id, after the post `after` of the
    /// user `user`: at most a batch. Empty only at the end.
    pub async fn posts_by_users(
        &self,
        user: UserId,
        after: PostId,
        last: UserId,
    ) -> Result<Vec<Post>> {
        let params = params![user, after, last, BATCH_ROWS];
        self.db.batch(&BY_USERS, &params, post, bytes).await
    }

    /// A page of posts, newest first.
    pub async fn newest_posts(
        &self,
        filter: &PostFilter,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Post>> {
        if matches!(&filter.category, Some(category) if category.contains('\0')) {
            // No category holds it, and PostgreSQL refuses to look for it.
            return Ok(Page::empty());
        }
        let mut params = Vec::from(params![&before.key, before.id, limit.get() + 1]);
        params.extend(filter.user_id.map(Value::from));
        params.extend(filter.category.as_deref().map(Value::from));
        let sql = match (filter.user_id, &filter.category) {
            (None, None) => &NEWEST,
            (Some(_), None) => &NEWEST_OF_USER,
            (None, Some(_)) => &NEWEST_OF_CATEGORY,
            (Some(_), Some(_)) => &NEWEST_OF_BOTH,
        };
        let rows = self.db.rows(sql, &params, post).await?;
        Ok(Page::cut(rows, limit, |post| {
            Cursor::of(post.published_at.as_micros(), post.id.0)
        }))
    }

    /// Changes a post and gives what it is now. Nothing when there is no such post, or its version
    /// is not `version`.
    pub async fn update_post(
        &self,
        id: PostId,
        patch: &PostPatch,
        version: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Post>> {
        let params = params![
            id,
            patch.title.as_ref().map(model::Title::as_str),
            patch.content.as_ref().map(model::Content::as_str),
            patch.category.as_ref().map(model::Category::as_str),
            now,
            version,
        ];
        let update = Statement::new(&UPDATE, params.into()).changing(Change::Post(id));
        self.db.write(update).await?.row(post)
    }

    /// Moves a post to the trash. False when there is no such post, or its version is not
    /// `version`.
    pub async fn delete_post(
        &self,
        id: PostId,
        by: UserId,
        version: Option<i64>,
        now: Timestamp,
    ) -> Result<bool> {
        let params = params![id, now, by, version];
        let delete = Statement::new(&DELETE, params.into()).changing(Change::Post(id));
        let outcome = self.db.write(delete).await?;
        Ok(outcome.changed == 1)
    }
}

fn bytes(post: &Post) -> usize {
    post.title.len() + post.content.len()
}

pub(crate) fn post(row: &Row<'_>) -> Result<Post> {
    Ok(Post {
        id: PostId(row.int(0)?),
        author: Author {
            id: UserId(row.int(1)?),
            username: row.text(2)?.to_owned(),
            display_name: row.opt_text(10)?.map(str::to_owned),
            avatar_url: row.opt_text(11)?.map(str::to_owned),
        },
        title: row.text(3)?.to_owned(),
        content: row.text(4)?.to_owned(),
        category: row.text(5)?.to_owned(),
        created_at: row.time(6)?,
        updated_at: row.time(7)?,
        published_at: row.time(8)?,
        comments_enabled: row.bool(12)?,
        comment_count: row.int(13)?,
        favorite_count: row.int(14)?,
        version: row.int(9)?,
    })
}
