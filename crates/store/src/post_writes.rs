//! Writes to posts. Whatever belongs to a post - its slugs, its tags, its revisions - is written in
//! one list with it.

use model::{
    Post, PostDraft, PostFields, PostId, PostWrite, RevisionChange, Role, SlugWish, Timestamp,
    UserId,
};

use crate::db::{Outcome, Statement, Value, params, statements};
use crate::idempotency_keys::remember_key;
use crate::post_drafts::end_draft;
use crate::post_search::{found_by, not_found};
use crate::posts::{SLUG, post_with_html};
use crate::{Change, Error, Result, Store};

/// The slug to store, of the one that is wanted. One that was made gets the first number behind it
/// that is above all those in use; `$exact` takes it as it is.
macro_rules! slug {
    ($wanted:literal, $exact:literal, $own:literal) => {
        concat!(
            "CASE WHEN NOT ",
            $exact,
            " AND EXISTS (SELECT 1 FROM post_slugs s WHERE s.slug = ",
            $wanted,
            $own,
            ")
            THEN ",
            $wanted,
            " || '-' || (SELECT coalesce(max(s.number), 1) + 1 FROM post_slugs s
                WHERE s.number > 1 AND s.base = ",
            $wanted,
            ")
            ELSE ",
            $wanted,
            " END"
        )
    };
}
pub(crate) use slug;

/// What a write gives back: the columns of a post with its HTML.
macro_rules! returning {
    () => {
        " RETURNING id, user_id, (SELECT username FROM users u WHERE u.id = posts.user_id),
            (SELECT display_name FROM users u WHERE u.id = posts.user_id),
            (SELECT avatar_url FROM users u WHERE u.id = posts.user_id), slug, title, content,
            category, tags, series, status, published_at, excerpt, cover_url, cover_alt,
            canonical_url, language, pinned, comments_enabled, summary, word_count, comment_count,
            favorite_count, created_at, updated_at, version, title_key,
            html"
    };
}

statements! {
    INSERT = (concat!("INSERT INTO posts (user_id, slug, title, title_key, content, category, tags,
            series, status, published_at, excerpt, cover_url, cover_alt, canonical_url, language,
            pinned, comments_enabled, html, summary, word_count, created_at, updated_at)
        SELECT id, ", slug!("CAST($2 AS TEXT)", "CAST($3 AS BOOLEAN)", ""), ", CAST($4 AS TEXT),
            CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS TEXT),
            CAST($9 AS TEXT), CAST($10 AS TEXT), CAST($11 AS BIGINT), CAST($12 AS TEXT),
            CAST($13 AS TEXT), CAST($14 AS TEXT), CAST($15 AS TEXT), CAST($16 AS TEXT),
            CAST($17 AS BOOLEAN), CAST($18 AS BOOLEAN), CAST($19 AS TEXT), CAST($20 AS TEXT),
            CAST($21 AS BIGINT), CAST($22 AS BIGINT), $22
        FROM users WHERE id = $1 AND deleted_at IS NULL", returning!()));
    UPDATE = (concat!("UPDATE posts SET slug = CASE WHEN CAST($2 AS TEXT) IS NULL THEN slug ELSE ",
                slug!("CAST($2 AS TEXT)", "CAST($3 AS BOOLEAN)", " AND s.post_id <> posts.id"), " END,
            title = $4, title_key = $5, content = $6, category = $7, tags = $8, series = $9,
            status = $10, published_at = $11, excerpt = $12, cover_url = $13, cover_alt = $14,
            canonical_url = $15, language = $16, pinned = $17, comments_enabled = $18,
            html = coalesce($19, html), summary = coalesce($20, summary),
            word_count = coalesce($21, word_count), updated_at = $22, version = version + 1
        WHERE id = $1 AND deleted_at IS NULL AND version = $23
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = posts.user_id AND u.deleted_at IS NULL)",
        returning!()));
    // A slug that the post had before is its own still; one of another post's is taken.
    INSERT_SLUG = "INSERT INTO post_slugs (slug, base, number, post_id)
        SELECT CAST($1 AS TEXT), CASE WHEN $1 = CAST($2 AS TEXT) THEN CAST($3 AS TEXT) ELSE $2 END,
            CASE WHEN $1 = $2 THEN CAST($4 AS BIGINT)
                ELSE CAST(substr($1, length($2) + 2) AS BIGINT) END,
            CAST($5 AS BIGINT)
        WHERE NOT EXISTS (SELECT 1 FROM post_slugs WHERE slug = $1 AND post_id = $5)";
    DELETE_TAGS = "DELETE FROM post_tags WHERE post_id = $1";
    INSERT_TAG = "INSERT INTO post_tags (post_id, tag, name, user_id, listed_at)
        SELECT id, CAST($2 AS TEXT), CAST($3 AS TEXT), user_id, listed_at FROM posts WHERE id = $1";
    LIST_TAGS = "UPDATE post_tags SET listed_at =
            (SELECT listed_at FROM posts WHERE id = post_tags.post_id)
        WHERE post_id = $1";
    INSERT_REVISION = "INSERT INTO post_revisions
            (post_id, n, change, user_id, created_at, word_count, title, content)
        SELECT id, 1 + coalesce((SELECT max(n) FROM post_revisions r WHERE r.post_id = posts.id), 0),
            CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), word_count, title, content
        FROM posts WHERE id = $1";
    TRASH = "UPDATE posts SET deleted_at = $2, deleted_by = $3, deleted_role = $4, version = version + 1
        WHERE id = $1 AND deleted_at IS NULL AND version = coalesce($5, version)
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = posts.user_id AND u.deleted_at IS NULL)";
}

impl Store {
    /// Stores a post and gives it with its HTML.
    ///
    /// # Errors
    /// [`Error::Unique`] of `post_slugs.slug`: an exact slug is taken, or another node took the free
    /// one first. [`Error::ForeignKey`] when the author does not exist.
    pub async fn insert_post(&self, author: UserId, write: &PostWrite) -> Result<Post> {
        match self.db.atomic(insert(0, author, write)).await {
            Err(Error::RowCount { statement: 0, .. }) => Err(Error::ForeignKey),
            outcomes => written(&outcomes?)?.ok_or(Error::ForeignKey),
        }
    }

    /// Writes a post that is still at `version` and gives what it is now, with its HTML; with it ends
    /// the pending edit `draft`. Nothing when there is no such post, or it is at another version.
    ///
    /// # Errors
    /// As [`Store::insert_post`] of the slug; [`Error::RowCount`] when the pending edit was saved
    /// again.
    pub async fn update_post(
        &self,
        id: PostId,
        version: i64,
        write: &PostWrite,
        draft: Option<&PostDraft>,
    ) -> Result<Option<Post>> {
        let mut params = fields(id.into(), write);
        params.push(version.into());
        let update = Statement::new(&UPDATE, params).expect_rows(1);
        let mut list = vec![update.changing(Change::Post(id))];
        list.extend(remember_key(write.key.as_ref(), &id.into()));
        list.push(Statement::new(&DELETE_TAGS, params![id].into()));
        list.push(not_found(id.into()));
        list.extend(belongings(id.into(), Value::of(0, SLUG), write));
        list.extend(draft.map(end_draft));
        match self.db.atomic(list).await {
            Err(Error::RowCount { statement: 0, .. }) => Ok(None),
            outcomes => written(&outcomes?),
        }
    }

    /// Moves a post to the trash. False when there is no such post, or its version is not
    /// `version`.
    pub async fn trash_post(
        &self,
        id: PostId,
        (by, role): (UserId, Role),
        version: Option<i64>,
        now: Timestamp,
    ) -> Result<bool> {
        let params = params![id, now, by, role.as_str(), version];
        let trash = Statement::new(&TRASH, params.into()).expect_rows(1);
        let trash = trash.changing(Change::Post(id));
        let list = vec![trash, list_tags(id), not_found(id.into())];
        match self.db.atomic(list).await {
            Err(Error::RowCount { .. }) => Ok(false),
            outcomes => outcomes.map(|_| true),
        }
    }
}

/// Shows a post's tags where the post is shown, after its state was changed.
pub(crate) fn list_tags(id: PostId) -> Statement {
    Statement::new(&LIST_TAGS, params![id].into())
}

fn written(outcomes: &[Outcome]) -> Result<Option<Post>> {
    let first = outcomes.first().map(|outcome| outcome.row(post_with_html));
    first.transpose().map(Option::flatten)
}

/// The parameters of a write from the first to the time, whose first is `subject`.
fn fields(subject: Value, write: &PostWrite) -> Vec<Value> {
    let PostFields {
        title,
        content,
        category,
        tags,
        series,
        status,
        published_at,
        excerpt,
        cover,
        canonical_url,
        language,
        pinned,
        comments_enabled,
    } = write.fields.clone();
    let (slug, exact) = match write.slug.clone() {
        SlugWish::Keep => (None, false),
        SlugWish::Exact(slug) => (Some(slug), true),
        SlugWish::Free(slug) => (Some(slug), false),
    };
    // Texts have no other way to become JSON.
    let tags = serde_json::to_string(&tags).unwrap_or_default();
    let (url, alt) = cover.map(|cover| (cover.url, cover.alt)).unzip();
    let rendered = write.rendered.as_ref();
    let html = rendered.map(|rendered| rendered.html.as_str());
    let summary = rendered.map(|rendered| rendered.summary.as_str());
    let words = rendered.map(|rendered| rendered.word_count);
    params![
        subject,
        slug,
        exact,
        title,
        write.title_key.as_str(),
        content,
        category,
        tags,
        series,
        status.as_str(),
        published_at,
        excerpt,
        url,
        alt,
        canonical_url,
        language,
        pinned,
        comments_enabled,
        html,
        summary,
        words,
        write.now,
    ]
    .into()
}

/// Stores a post with all that belongs to it; the first statement is at the place `at` of its list,
/// and returns the post.
pub(crate) fn insert(at: usize, author: UserId, write: &PostWrite) -> Vec<Statement> {
    let insert = Statement::new(&INSERT, fields(author.into(), write)).expect_rows(1);
    let mut list = vec![insert.changing(Change::Posts)];
    // Before the slug: of two that ask for the same with one key, the second is to learn that.
    list.extend(remember_key(write.key.as_ref(), &Value::of(at, 0)));
    list.extend(belongings(Value::of(at, 0), Value::of(at, SLUG), write));
    list
}

/// What is written beside the post `id`, which got this slug; of what was there before, tags and words
/// are gone.
fn belongings(id: Value, slug: Value, write: &PostWrite) -> Vec<Statement> {
    let mut list = Vec::new();
    if let SlugWish::Exact(wanted) | SlugWish::Free(wanted) = &write.slug {
        list.push(insert_slug(slug, wanted, id.clone()));
    }
    for tag in &write.tag_keys {
        let params = params![id.clone(), tag.key.as_str(), tag.name.as_str()];
        list.push(Statement::new(&INSERT_TAG, params.into()));
    }
    list.push(found_by(id.clone(), &write.words));
    if let Some(change) = write.revision {
        list.push(insert_revision(id, change, write.by, write.now));
    }
    list
}

/// Keeps a slug for the post that got it; `wanted` is what it was made of.
pub(crate) fn insert_slug(slug: Value, wanted: &str, id: Value) -> Statement {
    let (base, number) = numbered(wanted);
    Statement::new(&INSERT_SLUG, params![slug, wanted, base, number, id].into())
}

/// Saves the post as it is now as a revision.
pub(crate) fn insert_revision(
    id: Value,
    change: RevisionChange,
    by: UserId,
    now: Timestamp,
) -> Statement {
    let params = params![id, change.as_str(), by, now];
    Statement::new(&INSERT_REVISION, params.into()).expect_rows(1)
}

/// Takes the number at the end of a slug off: `my-post-3` is the third of `my-post`.
fn numbered(slug: &str) -> (&str, i64) {
    let parts = slug
        .rsplit_once('-')
        .filter(|(_, number)| (1..=9).contains(&number.len()) && !number.starts_with('0'));
    parts
        .and_then(|(base, number)| Some((base, number.parse().ok().filter(|number| *number > 1)?)))
        .unwrap_or((slug, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_off_only_where_one_could_have_been_added() {
        assert_eq!(numbered("my-post"), ("my-post", 1));
        assert_eq!(numbered("my-post-3"), ("my-post", 3));
        for slug in [
            "my-post-1",
            "my-post-03",
            "my-post-0",
            "3",
            "top-9999999999",
        ] {
            assert_eq!(numbered(slug), (slug, 1), "{slug}");
        }
    }
}
