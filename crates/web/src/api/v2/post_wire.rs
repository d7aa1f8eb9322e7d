//! How v2 shows posts.

use std::sync::LazyLock;

use model::{Author, Cover, Post, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::shape::Names;
use super::wire::V2Time;

/// How many words somebody reads in a minute.
const WORDS_A_MINUTE: i64 = 200;

/// A post.
#[derive(Serialize, ToSchema)]
#[schema(as = Post)]
pub(super) struct PostOut<'a> {
    id: i64,
    /// Its name in URLs.
    #[schema(example = "my-post")]
    slug: &'a str,
    #[schema(example = "My Post")]
    title: &'a str,
    /// Markdown source, kept byte for byte.
    #[schema(example = "# Hello")]
    content: &'a str,
    /// Its own, or its first words.
    #[schema(example = "Hello")]
    excerpt: &'a str,
    #[schema(example = "general")]
    category: &'a str,
    #[schema(example = json!(["rust"]))]
    tags: &'a [String],
    #[schema(required)]
    series: Option<&'a str>,
    /// `draft`, `scheduled`, `published`, `unlisted` or `archived`.
    #[schema(example = "published")]
    status: &'static str,
    /// Null for a draft that was never given a time.
    #[schema(value_type = Option<String>, format = DateTime, required, example = "2026-11-23T19:00:00.123Z")]
    published_at: Option<V2Time>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    updated_at: V2Time,
    /// Who wrote it.
    user_id: i64,
    author: AuthorOut<'a>,
    /// Each CJK character is one word.
    word_count: i64,
    /// At 200 words a minute.
    reading_minutes: i64,
    #[schema(required)]
    cover: Option<CoverOut<'a>>,
    /// Where the text stood first.
    #[schema(required)]
    canonical_url: Option<&'a str>,
    /// A language tag (BCP 47).
    #[schema(required, example = "en")]
    language: Option<&'a str>,
    pinned: bool,
    comments_enabled: bool,
    comment_count: i64,
    favorite_count: i64,
    /// How often it was saved, from 1 up; counts beside it do not count.
    version: i64,
    /// Safe HTML, made of the source: always of a single post, of a list with `include=html`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "<h1>Hello</h1>")]
    html: Option<&'a str>,
}

/// The author of a post.
#[derive(Serialize, ToSchema)]
#[schema(as = Author)]
pub(super) struct AuthorOut<'a> {
    id: i64,
    #[schema(example = "alice")]
    username: &'a str,
    /// The name to show instead of the username.
    #[schema(required, example = "Alice A.")]
    display_name: Option<&'a str>,
    #[schema(required, example = "https://example.org/alice.png")]
    avatar_url: Option<&'a str>,
}

/// The picture above a post.
#[derive(Serialize, ToSchema)]
#[schema(as = Cover)]
struct CoverOut<'a> {
    #[schema(example = "https://example.org/cover.png")]
    url: &'a str,
    /// What it shows, in words; may be empty.
    #[schema(example = "A lighthouse at dusk")]
    alt: &'a str,
}

/// What can be shown of a post in a list that has no HTML.
pub(super) static NAMES_IN_LISTS: LazyLock<Names> =
    LazyLock::new(|| Names::of::<PostOut<'_>>(&[]).without("html"));

impl<'a> From<&'a Author> for AuthorOut<'a> {
    fn from(author: &'a Author) -> Self {
        Self {
            id: author.id.0,
            username: &author.username,
            display_name: author.display_name.as_deref(),
            avatar_url: author.avatar_url.as_deref(),
        }
    }
}

impl<'a> From<&'a Cover> for CoverOut<'a> {
    fn from(cover: &'a Cover) -> Self {
        Self {
            url: &cover.url,
            alt: &cover.alt,
        }
    }
}

impl<'a> PostOut<'a> {
    /// The post as it is at `now`.
    pub(super) fn of(post: &'a Post, now: Timestamp) -> Self {
        let (author, fields) = (AuthorOut::from(&post.author), &post.fields);
        Self {
            id: post.id.0,
            slug: &post.slug,
            title: &fields.title,
            content: &fields.content,
            excerpt: fields.excerpt.as_deref().unwrap_or(&post.summary),
            category: &fields.category,
            tags: &fields.tags,
            series: fields.series.as_deref(),
            status: post.state(now).as_str(),
            published_at: fields.published_at.map(V2Time),
            created_at: V2Time(post.created_at),
            updated_at: V2Time(post.updated_at),
            user_id: author.id,
            author,
            word_count: post.word_count,
            reading_minutes: reading_minutes(post.word_count),
            cover: fields.cover.as_ref().map(CoverOut::from),
            canonical_url: fields.canonical_url.as_deref(),
            language: fields.language.as_deref(),
            pinned: fields.pinned,
            comments_enabled: fields.comments_enabled,
            comment_count: post.comment_count,
            favorite_count: post.favorite_count,
            version: post.version,
            html: post.html.as_deref(),
        }
    }
}

/// Whole minutes, at least one.
const fn reading_minutes(words: i64) -> i64 {
    if words <= WORDS_A_MINUTE {
        1
    } else {
        (words + WORDS_A_MINUTE - 1) / WORDS_A_MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_whole() {
        let minutes = [0, 1, 180, 200, 201, 400, 401].map(reading_minutes);
        assert_eq!(minutes, [1, 1, 1, 1, 2, 2, 3]);
    }
}
