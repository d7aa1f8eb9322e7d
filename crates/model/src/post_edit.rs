//! What surrounds the writing of a post: what it was, what it may become, who may see it before.

use crate::{PostId, RevisionChange, Timestamp, UserId};

/// A saved version of a post's title and source.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Its number in its post, from 1 up.
    pub n: i64,
    /// Why it was saved.
    pub change: RevisionChange,
    /// Who saved it; none once the account is gone.
    pub user_id: Option<UserId>,
    /// When it was saved.
    pub created_at: Timestamp,
    /// How many words it has.
    pub word_count: i64,
    /// The title.
    pub title: String,
    /// The source; empty in lists.
    pub content: String,
}

/// A pending edit of a post.
#[derive(Clone, Debug)]
pub struct PostDraft {
    /// Which post it would change.
    pub post_id: PostId,
    /// Who saved it last; none once the account is gone.
    pub user_id: Option<UserId>,
    /// The version of the post that the edit began with.
    pub base_version: i64,
    /// When it was saved last.
    pub updated_at: Timestamp,
    /// How often it was saved, from 1 up.
    pub version: i64,
    /// What it would change: a merge patch, in JSON.
    pub changes: String,
}

/// A link by which somebody sees a post before it is published.
#[derive(Clone, Debug)]
pub struct PreviewLink {
    /// Its number.
    pub id: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}
