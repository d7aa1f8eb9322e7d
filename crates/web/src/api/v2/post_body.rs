//! Bodies that write posts.

use model::{
    CanonicalUrl, Category, Content, CoverAlt, CoverPatch, Excerpt, Invalid, Language, NewPost,
    PostPatch, PostState, Series, Slug, Tag, Tags, Timestamp, Title,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::fields::{Fields, boolean, nullable, text};

/// A post to write.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PostIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(example = "My Post")]
    title: String,
    /// Markdown, up to 1 MiB.
    #[schema(example = "# Hello")]
    content: String,
    #[serde(flatten)]
    rest: PostPropertiesIn,
}

/// What to change of a post: a merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PostPatchIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(nullable = false, example = "My Post")]
    title: Option<String>,
    /// Markdown, up to 1 MiB.
    #[schema(nullable = false, example = "# Hello again")]
    content: Option<String>,
    #[serde(flatten)]
    rest: PostPropertiesIn,
}

/// What may be set of a post besides its title and its source.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
struct PostPropertiesIn {
    /// 1 to 50 characters; null makes it `general`.
    #[schema(example = "tech")]
    category: Option<String>,
    /// At most 20, of 1 to 50 characters each; two that differ in case alone are one.
    #[schema(example = json!(["rust"]), max_items = 20)]
    tags: Option<Vec<String>>,
    /// 1 to 100 characters.
    series: Option<String>,
    /// 1 to 100 of a-z, 0-9 and single hyphens; left out or null, one is made of the title.
    #[schema(example = "my-post")]
    slug: Option<String>,
    /// 1 to 500 characters; left out or null, the first words of the text are shown.
    excerpt: Option<String>,
    /// `draft`, `scheduled`, `published`, `unlisted` or `archived`; a new post is published at once.
    #[schema(nullable = false, example = "published")]
    status: Option<String>,
    /// When it is published; a time ahead schedules.
    #[schema(format = DateTime, example = "2026-11-23T19:00:00Z")]
    published_at: Option<String>,
    cover: Option<CoverIn>,
    /// Where the text stood first: an http or https URL.
    canonical_url: Option<String>,
    /// A language tag such as `en` or `zh-Hant` (BCP 47).
    #[schema(example = "en")]
    language: Option<String>,
    /// Whether it is to stand first where somebody wants that; the order of lists is the same.
    #[schema(nullable = false)]
    pinned: Option<bool>,
    /// Whether readers may comment; they may if it is left out.
    #[schema(nullable = false)]
    comments_enabled: Option<bool>,
}

/// The picture above a post.
#[derive(Deserialize, ToSchema)]
#[schema(as = CoverInput)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
struct CoverIn {
    /// An http or https URL.
    #[schema(example = "https://example.org/cover.png")]
    url: String,
    /// What it shows, in words: up to 500 characters.
    #[schema(nullable = false, example = "A lighthouse at dusk")]
    alt: Option<String>,
}

pub(super) fn new_post(mut fields: Fields) -> Result<NewPost> {
    let title = fields.require("title", text(Title::parse));
    let content = fields.require("content", text(Content::parse));
    let rest = properties(&mut fields);
    fields.finish_strictly()?;
    let (title, content) = title.zip(content).ok_or(Error::NotAnObject)?;
    Ok(NewPost {
        title,
        content,
        rest,
    })
}

pub(super) fn post_patch(mut fields: Fields) -> Result<PostPatch> {
    let title = fields.take("title", text(Title::parse));
    let content = fields.take("content", text(Content::parse));
    let rest = properties(&mut fields);
    fields.finish_strictly()?;
    Ok(PostPatch {
        title,
        content,
        ..rest
    })
}

/// Takes everything but title and source.
fn properties(fields: &mut Fields) -> PostPatch {
    let category = fields.take("category", nullable(text(Category::parse)));
    let tags = fields.take("tags", nullable(tags));
    PostPatch {
        title: None,
        content: None,
        category: category.map(Option::unwrap_or_default),
        tags: tags.map(Option::unwrap_or_default),
        series: fields.take("series", nullable(text(Series::parse))),
        slug: fields.take("slug", nullable(text(Slug::parse))),
        excerpt: fields.take("excerpt", nullable(text(Excerpt::parse))),
        status: fields.take("status", text(status)),
        published_at: fields.take("published_at", nullable(text(Timestamp::parse_rfc3339))),
        cover: fields.take("cover", nullable(cover)),
        canonical_url: fields.take("canonical_url", nullable(text(CanonicalUrl::parse))),
        language: fields.take("language", nullable(text(Language::parse))),
        pinned: fields.take("pinned", boolean),
        comments_enabled: fields.take("comments_enabled", boolean),
    }
}

pub(super) fn status(text: &str) -> std::result::Result<PostState, Invalid> {
    text.parse()
        .map_err(|_| Invalid::new("must be draft, scheduled, published, unlisted or archived"))
}

fn tags(value: &Value) -> std::result::Result<Tags, Invalid> {
    let must = || Invalid::new("must be a list of strings");
    let values = value.as_array().ok_or_else(must)?;
    // Before each of ten thousand is looked at.
    if values.len() > Tags::MOST {
        return Err(Invalid::new(format!("must be at most {} tags", Tags::MOST)));
    }
    let tags = values.iter().map(|value| {
        let text = value.as_str().ok_or_else(must)?;
        Tag::parse(text).map_err(|invalid| Invalid {
            message: format!("must be tags, each of which {}", invalid.message),
            ..invalid
        })
    });
    Tags::of(tags.collect::<std::result::Result<_, _>>()?)
}

fn cover(value: &Value) -> std::result::Result<CoverPatch, Invalid> {
    let must = |what: &str| Invalid::new(format!("must be an object with url and alt: {what}"));
    let object = value.as_object().ok_or_else(|| must("it is none"))?;
    if let Some(key) = object.keys().find(|key| *key != "url" && *key != "alt") {
        return Err(must(&format!("{key:?} is neither")));
    }
    let text = |key: &str| match object.get(key) {
        None => Ok(None),
        // An alternative text may be left empty, a picture may not.
        Some(Value::Null) if key == "alt" => Ok(Some("")),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(must(&format!("{key} is no string"))),
    };
    let url = text("url")?.map(CanonicalUrl::parse).transpose();
    let alt = text("alt")?.map(CoverAlt::parse).transpose();
    Ok(CoverPatch {
        url: url.map_err(|error| must(&format!("url {}", error.message)))?,
        alt: alt.map_err(|error| must(&format!("alt {}", error.message)))?,
    })
}
