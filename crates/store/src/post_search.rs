//! Searching posts by their words. The one file where the databases differ on purpose: FTS5 reads
//! the newest hits along its own order, PostgreSQL along an index of places.

use model::{PostId, SearchHit, SearchText, Timestamp};

use crate::db::{Row, Statement, Value, params, statements};
use crate::posts::tags_of;
use crate::{Result, Store};

/// A place goes by seconds, and within one by the number of the post.
const PLACES_A_SECOND: i64 = 1 << 24;

statements! {
    FORGET = "DELETE FROM post_search WHERE post_id = $1";
    // The words of what is not listed are not stored at all.
    STORE = {
        sqlite: "INSERT INTO post_search (post_id, place, words)
            SELECT id, listed_at / 1000000 * 16777216 + id % 16777216, $2 FROM posts
            WHERE id = $1 AND listed_at IS NOT NULL",
        postgres: "INSERT INTO post_search (post_id, place, words)
            SELECT id, listed_at / 1000000 * 16777216 + id % 16777216,
                (SELECT coalesce(string_agg(word || ':' || least(n, 16383), ' '), '')
                    FROM unnest(string_to_array($2, ' ')) WITH ORDINALITY AS cut (word, n)
                    WHERE word <> '_')::tsvector
            FROM posts WHERE id = $1 AND listed_at IS NOT NULL"
    };
    NEWEST = {
        sqlite: "SELECT p.id, s.place, p.title, p.tags
            FROM (SELECT rowid AS place FROM search_words
                WHERE search_words MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3) AS s
            CROSS JOIN search_places l ON l.place = s.place
            LEFT JOIN posts p ON p.id = l.post_id AND p.listed_at <= $4
                AND EXISTS (SELECT 1 FROM users u WHERE u.id = p.user_id AND u.deleted_at IS NULL)
            ORDER BY s.place DESC",
        postgres: "SELECT p.id, s.place, p.title, p.tags
            FROM (SELECT post_id, place FROM post_search
                WHERE words @@ ($1::text)::tsquery AND place < $2
                ORDER BY place DESC LIMIT $3) AS s
            LEFT JOIN posts p ON p.id = s.post_id AND p.listed_at <= $4
                AND EXISTS (SELECT 1 FROM users u WHERE u.id = p.user_id AND u.deleted_at IS NULL)
            ORDER BY s.place DESC"
    };
}

impl Store {
    /// The newest hits of `wanted` before `place`, `limit` at most: where each stands, and the post
    /// unless it is not public at `now` or its author is gone.
    pub async fn newest_hits(
        &self,
        wanted: &SearchText,
        place: Option<i64>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<(i64, Option<SearchHit>)>> {
        let place = place.unwrap_or_else(|| first_place(now));
        let params = Vec::from(params![wanted, place, limit, now]);
        self.db.rows_apart(&NEWEST, params, hit).await
    }
}

/// Before everything that is published by `now`.
fn first_place(now: Timestamp) -> i64 {
    now.as_seconds()
        .saturating_add(1)
        .saturating_mul(PLACES_A_SECOND)
}

/// The statements that make a post found by these words alone, where it is publicly listed.
pub(crate) fn search_again(id: Value, words: &str) -> [Statement; 2] {
    [not_found(id.clone()), found_by(id, words)]
}

/// The statement that makes a post found by these words, which was found by nothing, where it is
/// publicly listed.
pub(crate) fn found_by(id: Value, words: &str) -> Statement {
    Statement::new(&STORE, params![id, words].into())
}

/// The statement that makes a post found by nothing.
pub(crate) fn not_found(id: Value) -> Statement {
    Statement::new(&FORGET, params![id].into())
}

fn hit(row: &Row<'_>) -> Result<(i64, Option<SearchHit>)> {
    let place = row.int(1)?;
    let Some(id) = row.opt_int(0)? else {
        return Ok((place, None));
    };
    let hit = SearchHit {
        post_id: PostId(id),
        place,
        title: row.text(2)?.to_owned(),
        tags: tags_of(row.text(3)?)?,
    };
    Ok((place, Some(hit)))
}
