//! Marks: what readers put on posts, each at most once.

use crate::{PostId, Timestamp};

/// A mark on a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A favorite: counted beside the post, for everybody to see.
    Favorite,
    /// A bookmark: nobody else knows of it.
    Bookmark,
}

/// A post that somebody has put a mark on.
#[derive(Clone, Copy, Debug)]
pub struct MarkedPost {
    /// The post's number.
    pub post_id: PostId,
    /// When the mark was put on it.
    pub created_at: Timestamp,
}
