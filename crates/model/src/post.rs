//! Posts.

use crate::{Author, Category, Content, PostId, Timestamp, Title, UserId};

/// A post that is publicly listed.
#[derive(Clone, Debug)]
pub struct Post {
    /// The post's number.
    pub id: PostId,
    /// Who wrote it.
    pub author: Author,
    /// Its title, as typed.
    pub title: String,
    /// Its source, byte for byte.
    pub content: String,
    /// What it is filed under.
    pub category: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was published, in milliseconds.
    pub published_at: Timestamp,
    /// Whether readers may comment.
    pub comments_enabled: bool,
    /// How many comments everybody sees.
    pub comment_count: i64,
    /// How many have it among their favorites.
    pub favorite_count: i64,
    /// How often it was saved, from 1 up.
    pub version: i64,
}

/// A post about to be stored.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// Its title.
    pub title: Title,
    /// Its source.
    pub content: Content,
    /// What it is filed under.
    pub category: Category,
}

/// What to change of a post: what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PostPatch {
    /// A new title.
    pub title: Option<Title>,
    /// A new source.
    pub content: Option<Content>,
    /// Another category.
    pub category: Option<Category>,
}

/// Which posts to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PostFilter {
    /// Only those of this user.
    pub user_id: Option<UserId>,
    /// Only those filed under this category.
    pub category: Option<String>,
}

impl PostPatch {
    /// Whether nothing is to be changed.
    pub const fn is_empty(&self) -> bool {
        self.title.is_none() && self.content.is_none() && self.category.is_none()
    }
}
