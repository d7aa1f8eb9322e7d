//! Questions about one post, and about posts by their numbers. Neither the trash nor the posts of
//! a deleted user are seen here.

use model::{Author, Cover, Post, PostFields, PostId, Timestamp, UserId};

use crate::db::{Row, Value, params, statements};
use crate::{BATCH_ROWS, Error, Result, Store};

/// The columns of a post, but for its HTML.
macro_rules! columns {
    () => {
        "p.id, p.user_id, u.username, u.display_name, u.avatar_url, p.slug, p.title, p.content, \
         p.category, p.tags, p.series, p.status, p.published_at, p.excerpt, p.cover_url, \
         p.cover_alt, p.canonical_url, p.language, p.pinned, p.comments_enabled, p.summary, \
         p.word_count, p.comment_count, p.favorite_count, p.created_at, p.updated_at, p.version, \
         p.title_key"
    };
}
pub(crate) use columns;

/// The column of the slug among them.
pub(crate) const SLUG: usize = 5;
/// Where [`columns`] ends: more may follow from here on.
pub(crate) const AFTER_COLUMNS: usize = 28;

/// A question for posts with their authors; the rest of the text follows.
macro_rules! select {
    ($more:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            $more,
            " FROM posts p JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL
            WHERE p.deleted_at IS NULL ",
            $rest
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

statements! {
    BY_ID = (select!(", p.html", "AND p.id = $1"));
    BY_SLUG = (select!(", p.html", "AND p.id = (SELECT post_id FROM post_slugs WHERE slug = $1)"));
    LISTED_AFTER = {
        sqlite: select!("", "AND p.listed_at <= $1 AND p.id > $2 ORDER BY p.id LIMIT $3"),
        postgres: bounded!("p.id", "AND p.listed_at <= $1 AND p.id > $2 ORDER BY p.id LIMIT $3")
    };
    LISTED_AFTER_OF_USER = {
        sqlite: select!("", "AND p.listed_at <= $1 AND p.id > $2 AND p.user_id = $4
            ORDER BY p.id LIMIT $3"),
        postgres: bounded!("p.id", "AND p.listed_at <= $1 AND p.id > $2 AND p.user_id = $4
            ORDER BY p.id LIMIT $3")
    };
    LISTED_BY_USERS = {
        sqlite: select!("", "AND p.listed_at <= $1 AND (p.user_id, p.id) > ($2, $3)
            AND p.user_id <= $4 ORDER BY p.user_id, p.id LIMIT $5"),
        postgres: bounded!("p.user_id, p.id", "AND p.listed_at <= $1
            AND (p.user_id, p.id) > ($2, $3) AND p.user_id <= $4
            ORDER BY p.user_id, p.id LIMIT $5")
    };
}

impl Store {
    /// The post with this number, with its HTML.
    pub async fn post(&self, id: PostId) -> Result<Option<Post>> {
        self.db.row(&BY_ID, &params![id], post_with_html).await
    }

    /// The post that has, or once had, this slug, with its HTML.
    pub async fn post_by_slug(&self, slug: &str) -> Result<Option<Post>> {
        self.db.row(&BY_SLUG, &params![slug], post_with_html).await
    }

    /// The posts that are public at `now`, after `after` by id, of one user if asked: at most
    /// `limit`, at most a batch. Empty only at the end of the list.
    pub async fn listed_posts_after(
        &self,
        now: Timestamp,
        after: PostId,
        user_id: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Post>> {
        let mut params = Vec::from(params![now, after, limit.min(BATCH_ROWS)]);
        params.extend(user_id.map(Value::from));
        let sql = match user_id {
            Some(_) => &LISTED_AFTER_OF_USER,
            None => &LISTED_AFTER,
        };
        self.db.batch(sql, &params, post, bytes).await
    }

    /// The posts that are public at `now` of the users up to `last`, ordered by user and id, after
    /// the post `after` of the user `user`: at most a batch. Empty only at the end.
    pub async fn listed_posts_by_users(
        &self,
        now: Timestamp,
        (user, after): (UserId, PostId),
        last: UserId,
    ) -> Result<Vec<Post>> {
        let params = params![now, user, after, last, BATCH_ROWS];
        self.db.batch(&LISTED_BY_USERS, &params, post, bytes).await
    }
}

fn bytes(post: &Post) -> usize {
    post.fields.title.len() + post.fields.content.len()
}

/// A row of [`columns`].
pub(crate) fn post(row: &Row<'_>) -> Result<Post> {
    let owned = |column: usize| Ok::<_, Error>(row.text(column)?.to_owned());
    let optional = |column: usize| Ok::<_, Error>(row.opt_text(column)?.map(str::to_owned));
    let cover = optional(14)?.map(|url| {
        let alt = optional(15)?.unwrap_or_default();
        Ok::<_, Error>(Cover { url, alt })
    });
    Ok(Post {
        id: PostId(row.int(0)?),
        author: Author {
            id: UserId(row.int(1)?),
            username: owned(2)?,
            display_name: optional(3)?,
            avatar_url: optional(4)?,
        },
        slug: owned(5)?,
        fields: PostFields {
            title: owned(6)?,
            content: owned(7)?,
            category: owned(8)?,
            tags: tags_of(row.text(9)?)?,
            series: optional(10)?,
            status: row.word(11)?,
            published_at: row.opt_time(12)?,
            excerpt: optional(13)?,
            cover: cover.transpose()?,
            canonical_url: optional(16)?,
            language: optional(17)?,
            pinned: row.bool(18)?,
            comments_enabled: row.bool(19)?,
        },
        summary: owned(20)?,
        word_count: row.int(21)?,
        html: None,
        comment_count: row.int(22)?,
        favorite_count: row.int(23)?,
        created_at: row.time(24)?,
        updated_at: row.time(25)?,
        version: row.int(26)?,
        title_key: owned(27)?,
    })
}

/// A row of [`columns`] and the HTML.
pub(crate) fn post_with_html(row: &Row<'_>) -> Result<Post> {
    let html = Some(row.text(AFTER_COLUMNS)?.to_owned());
    Ok(Post { html, ..post(row)? })
}

fn tags_of(json: &str) -> Result<Vec<String>> {
    if json == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(json).map_err(|error| Error::Other(error.into()))
}
