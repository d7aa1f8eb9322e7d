//! Sessions: what a token stands for.

use crate::{Role, SessionId, Timestamp, UserId};

/// What opened a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// `POST /api/v1/login`.
    V1,
}

impl SessionKind {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
        }
    }
}

/// A session about to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session's identifier.
    pub id: SessionId,
    /// Who logged in.
    pub user_id: UserId,
    /// What opened it.
    pub kind: SessionKind,
    /// The account's generation at that time: a session opened before a revocation stays dead.
    pub generation: i64,
    /// From which address.
    pub address: String,
    /// With which program.
    pub user_agent: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What a request needs to know of the account and the session behind its token.
#[derive(Clone, Debug)]
pub struct SessionState {
    /// Whose token it is.
    pub user_id: UserId,
    /// The account's name, as typed at registration.
    pub username: String,
    /// What the account may do now.
    pub role: Role,
    /// How often the account's tokens were revoked.
    pub generation: i64,
    /// Whether the account is suspended.
    pub suspended: bool,
}
