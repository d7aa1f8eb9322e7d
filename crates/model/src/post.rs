//! Posts.

use std::str::FromStr;

use crate::{
    Author, CanonicalUrl, Category, Content, Cover, CoverPatch, Excerpt, FieldError, Language,
    PostId, Role, Series, Slug, Tags, Timestamp, Title, UserId,
};

/// A post that is not in the trash.
#[derive(Clone, Debug)]
pub struct Post {
    /// The post's number.
    pub id: PostId,
    /// Who wrote it.
    pub author: Author,
    /// Its name in URLs.
    pub slug: String,
    /// What its author has set.
    pub fields: PostFields,
    /// What titles are sorted by: without case and accents, compared byte by byte.
    pub title_key: String,
    /// The first words of its text: what is shown where it has no excerpt of its own.
    pub summary: String,
    /// How many words its text has; each CJK character is one.
    pub word_count: i64,
    /// Safe HTML, where it was asked for.
    pub html: Option<String>,
    /// How many comments everybody sees.
    pub comment_count: i64,
    /// How many have it among their favorites.
    pub favorite_count: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was saved, from 1 up; what is counted beside it does not count.
    pub version: i64,
}

/// What the author of a post sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostFields {
    /// Its title, as typed.
    pub title: String,
    /// Its source, byte for byte.
    pub content: String,
    /// What it is filed under.
    pub category: String,
    /// As typed and in order.
    pub tags: Vec<String>,
    /// The series that it is a part of.
    pub series: Option<String>,
    /// What is stored of its state.
    pub status: PostStatus,
    /// When it was, or will be, published, in milliseconds; a draft may have none.
    pub published_at: Option<Timestamp>,
    /// Its own excerpt.
    pub excerpt: Option<String>,
    /// The picture above it.
    pub cover: Option<Cover>,
    /// Where the text stood first.
    pub canonical_url: Option<String>,
    /// A language tag (BCP 47).
    pub language: Option<String>,
    /// Whether it is to stand first where somebody wants that.
    pub pinned: bool,
    /// Whether readers may comment.
    pub comments_enabled: bool,
}

/// The state of a post as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostStatus {
    /// Seen by those who may edit it.
    Draft,
    /// Publicly listed once its time has come.
    Published,
    /// Shown to whoever knows its slug.
    Unlisted,
    /// Seen by those who may edit it.
    Archived,
}

/// The state of a post as it is shown: the time decides when somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostState {
    /// As it is stored, and its time has come.
    Stored(PostStatus),
    /// Published, with a time ahead.
    Scheduled,
}

/// A post about to be stored.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// Its title.
    pub title: Title,
    /// Its source.
    pub content: Content,
    /// Everything else that was set; without a status it is published at once.
    pub rest: PostPatch,
}

/// What to change of a post: what is absent stays as it is; an inner `None` clears.
#[derive(Clone, Debug, Default)]
pub struct PostPatch {
    /// A new title.
    pub title: Option<Title>,
    /// A new source.
    pub content: Option<Content>,
    /// Another category.
    pub category: Option<Category>,
    /// Other tags.
    pub tags: Option<Tags>,
    /// Another series, or none.
    pub series: Option<Option<Series>>,
    /// Another name in URLs; none makes one of the title.
    pub slug: Option<Option<Slug>>,
    /// Another state.
    pub status: Option<PostState>,
    /// Another time.
    pub published_at: Option<Option<Timestamp>>,
    /// Another excerpt, or none.
    pub excerpt: Option<Option<Excerpt>>,
    /// Another picture, or none.
    pub cover: Option<Option<CoverPatch>>,
    /// Another first place, or none.
    pub canonical_url: Option<Option<CanonicalUrl>>,
    /// Another language, or none.
    pub language: Option<Option<Language>>,
    /// First, or not.
    pub pinned: Option<bool>,
    /// Whether readers may comment.
    pub comments_enabled: Option<bool>,
}

/// What is made of a post's source when it is written.
#[derive(Clone, Debug)]
pub struct RenderedPost {
    /// Safe HTML.
    pub html: String,
    /// The first words, as plain text.
    pub summary: String,
    /// How many words; each CJK character is one.
    pub word_count: i64,
}

impl Post {
    /// The state to show at `now`.
    pub fn state(&self, now: Timestamp) -> PostState {
        match self.fields.status {
            PostStatus::Published if self.fields.published_at.is_none_or(|at| at > now) => {
                PostState::Scheduled
            }
            status => PostState::Stored(status),
        }
    }

    /// Whether everybody may see it everywhere.
    pub fn is_listed(&self, now: Timestamp) -> bool {
        self.state(now) == PostState::Stored(PostStatus::Published)
    }
}

impl NewPost {
    /// A post of nothing but a title and a source.
    pub fn of(title: Title, content: Content) -> Self {
        Self {
            title,
            content,
            rest: PostPatch::default(),
        }
    }
}

impl PostFields {
    /// A draft of nothing but a title and a source.
    pub fn new(title: Title, content: Content) -> Self {
        Self {
            title: title.into_string(),
            content: content.into_string(),
            category: Category::default().into_string(),
            tags: Vec::new(),
            series: None,
            status: PostStatus::Draft,
            published_at: None,
            excerpt: None,
            cover: None,
            canonical_url: None,
            language: None,
            pinned: false,
            comments_enabled: true,
        }
    }

    /// Takes over what `patch` names. Slug, status and time follow rules of their own, and are not
    /// touched here.
    ///
    /// # Errors
    /// On `cover`, when it has no picture.
    pub fn apply(&mut self, patch: &PostPatch) -> Result<(), FieldError> {
        fn set<T: Clone>(field: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        let text = |value: &Option<Title>| value.clone().map(Title::into_string);
        set(&mut self.title, text(&patch.title).as_ref());
        let content = patch.content.clone().map(Content::into_string);
        set(&mut self.content, content.as_ref());
        let category = patch.category.clone().map(Category::into_string);
        set(&mut self.category, category.as_ref());
        let tags = patch.tags.clone().map(Tags::into_vec);
        set(&mut self.tags, tags.as_ref());
        let series = patch.series.clone().map(|it| it.map(Series::into_string));
        set(&mut self.series, series.as_ref());
        let excerpt = patch.excerpt.clone().map(|it| it.map(Excerpt::into_string));
        set(&mut self.excerpt, excerpt.as_ref());
        if let Some(cover) = &patch.cover {
            let applied = cover
                .as_ref()
                .map(|cover| cover.applied(self.cover.as_ref()));
            self.cover = applied.transpose().map_err(|error| error.of("cover"))?;
        }
        let url = patch.canonical_url.clone();
        let url = url.map(|it| it.map(CanonicalUrl::into_string));
        set(&mut self.canonical_url, url.as_ref());
        let language = patch.language.clone();
        let language = language.map(|it| it.map(Language::into_string));
        set(&mut self.language, language.as_ref());
        set(&mut self.pinned, patch.pinned.as_ref());
        set(&mut self.comments_enabled, patch.comments_enabled.as_ref());
        Ok(())
    }
}

impl PostPatch {
    /// Whether nothing is to be changed.
    pub const fn is_empty(&self) -> bool {
        self.title.is_none()
            && self.content.is_none()
            && self.category.is_none()
            && self.tags.is_none()
            && self.series.is_none()
            && self.slug.is_none()
            && self.status.is_none()
            && self.published_at.is_none()
            && self.excerpt.is_none()
            && self.cover.is_none()
            && self.canonical_url.is_none()
            && self.language.is_none()
            && self.pinned.is_none()
            && self.comments_enabled.is_none()
    }
}

impl PostStatus {
    /// Every state that is stored.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Published, Self::Unlisted, Self::Archived];

    /// The word for it on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Unlisted => "unlisted",
            Self::Archived => "archived",
        }
    }
}

impl FromStr for PostStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| format!("no status {text:?}"))
    }
}

impl PostState {
    /// The word for it on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored(status) => status.as_str(),
            Self::Scheduled => "scheduled",
        }
    }
}

impl FromStr for PostState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "scheduled" => Ok(Self::Scheduled),
            _ => text.parse().map(Self::Stored),
        }
    }
}

/// A post in the trash.
#[derive(Clone, Debug)]
pub struct TrashedPost {
    /// The post as it was.
    pub post: Post,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// What whoever deleted it was.
    pub deleted_role: Role,
}

/// A post that came without what is made of its source.
#[derive(Clone, Debug)]
pub struct PostToComplete {
    /// The post's number.
    pub id: PostId,
    /// Who wrote it.
    pub user_id: UserId,
    /// Its title.
    pub title: String,
    /// Its source.
    pub content: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
