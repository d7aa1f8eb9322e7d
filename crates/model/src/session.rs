//! Sessions: what a token stands for.

use std::str::FromStr;

use crate::{Role, SessionId, Timestamp, UserId};

/// What opened a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// `POST /api/v1/login`.
    V1,
    /// `POST /api/v2/auth/login`.
    V2,
    /// The same, for a browser that keeps its tokens in cookies.
    Cookie,
}

impl SessionKind {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::Cookie => "cookie",
        }
    }
}

impl FromStr for SessionKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "v1" => Ok(Self::V1),
            "v2" => Ok(Self::V2),
            "cookie" => Ok(Self::Cookie),
            _ => Err(format!("{text:?} is no kind of session")),
        }
    }
}

/// How an account was recognised when its session began (RFC 8176, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethods {
    /// By its password.
    Password,
    /// By its password and a second factor.
    PasswordAndSecondFactor,
}

impl AuthMethods {
    /// The words for it, separated by blanks.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::PasswordAndSecondFactor => "pwd otp",
        }
    }
}

impl FromStr for AuthMethods {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pwd" => Ok(Self::Password),
            "pwd otp" => Ok(Self::PasswordAndSecondFactor),
            _ => Err(format!("{text:?} are no methods of authentication")),
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
    /// How the account was recognised.
    pub methods: AuthMethods,
    /// What its refresh tokens depend on, beside the server's key; v1 has none.
    pub refresh_nonce: Option<[u8; 16]>,
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

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session's identifier.
    pub id: SessionId,
    /// What opened it.
    pub kind: SessionKind,
    /// From which address it was used last.
    pub address: String,
    /// With which program.
    pub user_agent: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its tokens were last renewed.
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What a refresh needs to know of a session that is alive.
#[derive(Clone, Debug)]
pub struct RefreshState {
    /// Whose it is.
    pub user_id: UserId,
    /// What opened it.
    pub kind: SessionKind,
    /// How often the account's tokens were revoked.
    pub generation: i64,
    /// How the account was recognised.
    pub methods: AuthMethods,
    /// How often the session was refreshed.
    pub counter: i64,
    /// What its refresh tokens depend on, beside the server's key.
    pub nonce: Vec<u8>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was refreshed last.
    pub last_used_at: Timestamp,
}

/// One turn of a session: what a refresh changes.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The session.
    pub id: SessionId,
    /// How often it was refreshed before.
    pub counter: i64,
    /// When.
    pub now: Timestamp,
    /// When it ends by itself from now on.
    pub expires_at: Timestamp,
    /// From which address.
    pub address: String,
    /// With which program.
    pub user_agent: String,
}

/// The one session that outlives a change which ends all others.
#[derive(Clone, Debug)]
pub struct KeptSession {
    /// The session.
    pub id: SessionId,
    /// What opened it.
    pub kind: SessionKind,
    /// Whose it is.
    pub user_id: UserId,
    /// The account's generation after the change.
    pub generation: i64,
    /// How the account is recognised from now on.
    pub methods: AuthMethods,
    /// What its refresh tokens depend on from now on.
    pub refresh_nonce: [u8; 16],
    /// When.
    pub now: Timestamp,
    /// When it ends by itself from now on.
    pub expires_at: Timestamp,
}
