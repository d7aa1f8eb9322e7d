//! Comments: what readers say below a post, in threads two deep.

use std::str::FromStr;

use crate::{Author, CommentContent, CommentId, PostId, Timestamp, UserId};

/// Who sees a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommentStatus {
    /// Everybody who sees the post.
    Approved,
    /// Its author, and whoever may moderate it: nobody has looked at it yet.
    Pending,
    /// The same; somebody has looked at it, and it is an advertisement or worse.
    Spam,
    /// The same; somebody has looked at it, and does not want it here.
    Rejected,
}

impl CommentStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Approved, Self::Pending, Self::Spam, Self::Rejected];

    /// The word for it on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "pending",
            Self::Spam => "spam",
            Self::Rejected => "rejected",
        }
    }
}

impl FromStr for CommentStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| format!("{text:?} is no status of a comment"))
    }
}

/// A comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// The comment's number.
    pub id: CommentId,
    /// The post that it stands below.
    pub post_id: PostId,
    /// Who wrote that post.
    pub post_author: UserId,
    /// Who wrote the comment; nobody once that account is deleted.
    pub author: Option<Author>,
    /// The comment that it answers, which answers none itself.
    pub parent_id: Option<CommentId>,
    /// Its source, byte for byte.
    pub content: String,
    /// What the source looks like, safe to show.
    pub html: String,
    /// Who sees it.
    pub status: CommentStatus,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its words were changed last.
    pub updated_at: Timestamp,
    /// How often it was saved or moderated, from 1 up.
    pub version: i64,
}

impl Comment {
    /// Whether this user wrote it.
    pub fn is_by(&self, user: UserId) -> bool {
        self.author.as_ref().is_some_and(|author| author.id == user)
    }
}

/// What somebody says, and below which comment.
#[derive(Clone, Debug)]
pub struct CommentDraft {
    /// The source.
    pub content: CommentContent,
    /// The comment that it answers.
    pub parent_id: Option<CommentId>,
}

/// A comment about to be stored.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// The post that it stands below.
    pub post_id: PostId,
    /// Who writes it.
    pub user_id: UserId,
    /// What is said.
    pub draft: CommentDraft,
    /// What the source looks like, safe to show.
    pub html: String,
    /// Who sees it.
    pub status: CommentStatus,
}

/// Other words for a comment.
#[derive(Clone, Debug)]
pub struct CommentRevision {
    /// The source.
    pub content: CommentContent,
    /// What the source looks like, safe to show.
    pub html: String,
    /// Whether somebody must look at it again, if it was approved.
    pub moderated: bool,
}

/// Which comments to look through.
#[derive(Clone, Copy, Debug)]
pub struct CommentFilter {
    /// Only those that are this.
    pub status: CommentStatus,
    /// Only those below posts of this user.
    pub post_author: Option<UserId>,
}
