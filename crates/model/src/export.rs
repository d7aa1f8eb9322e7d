//! What a user is given of what is held about them, where it is more than others see.

use crate::{PostId, Session, Timestamp};

/// A post, in the trash or not.
#[derive(Clone, Debug)]
pub struct ExportedPost {
    /// The post's number.
    pub id: PostId,
    /// Its title.
    pub title: String,
    /// Its source.
    pub content: String,
    /// What it is filed under.
    pub category: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// Since when it is in the trash, if it is.
    pub deleted_at: Option<Timestamp>,
    /// How often it was saved.
    pub version: i64,
}

/// A session, alive or not.
#[derive(Clone, Debug)]
pub struct ExportedSession {
    /// As its owner sees it while it is alive.
    pub session: Session,
    /// When somebody ended it, if somebody did.
    pub ended_at: Option<Timestamp>,
}
