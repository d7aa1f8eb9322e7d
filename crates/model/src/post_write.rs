//! What a write makes of a post.

use std::fmt;
use std::str::FromStr;

use crate::{NewIdempotencyKey, PostFields, RenderedPost, Timestamp, UserId};

/// A post as a write leaves it, with all that is made of it.
#[derive(Clone, Debug)]
pub struct PostWrite {
    /// What its author has set.
    pub fields: PostFields,
    /// What titles are sorted by.
    pub title_key: String,
    /// The tags, folded, in the order of `fields.tags`, none of them twice.
    pub tag_keys: Vec<TagKey>,
    /// What was made of the source; `None` where that has not changed.
    pub rendered: Option<RenderedPost>,
    /// The words that it is found by, cut as the database stores them.
    pub words: String,
    /// What becomes of its name in URLs.
    pub slug: SlugWish,
    /// What is remembered of it as a revision; `None`: nothing.
    pub revision: Option<RevisionChange>,
    /// Who writes.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
    /// What is stored with it, so that it is done once.
    pub key: Option<NewIdempotencyKey>,
}

/// A tag as it is compared, and as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagKey {
    /// Folded.
    pub key: String,
    /// As typed.
    pub name: String,
}

/// What becomes of a post's name in URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlugWish {
    /// It stays.
    Keep,
    /// This one, or the write fails.
    Exact(String),
    /// This one, or with the first free number behind it.
    Free(String),
}

/// Why a revision was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionChange {
    /// The post was made.
    Created,
    /// Its title or its source was changed.
    Updated,
    /// It was published.
    Published,
    /// An older revision, or the post itself, was brought back.
    Restored,
}

impl RevisionChange {
    /// The word for it on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Published => "published",
            Self::Restored => "restored",
        }
    }
}

impl fmt::Display for RevisionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RevisionChange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [
            Self::Created,
            Self::Updated,
            Self::Published,
            Self::Restored,
        ]
        .into_iter()
        .find(|change| change.as_str() == text)
        .ok_or_else(|| format!("no change {text:?}"))
    }
}
