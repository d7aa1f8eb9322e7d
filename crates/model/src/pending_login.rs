//! Log-ins that wait: the password was right, and a code is to come.

use crate::{SecondFactor, SessionKind, Timestamp, UserId};

/// A log-in about to wait for its code.
#[derive(Clone, Debug)]
pub struct NewPendingLogin {
    /// SHA-256 of the token that stands for it.
    pub token_hash: [u8; 32],
    /// Whose password was right.
    pub user_id: UserId,
    /// What it is to open.
    pub kind: SessionKind,
    /// The account's generation at that time.
    pub generation: i64,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A log-in that waits for its code.
#[derive(Clone, Debug)]
pub struct PendingLogin {
    /// The account's name, as typed at registration.
    pub username: String,
    /// What it is to open.
    pub kind: SessionKind,
    /// What its code is compared with.
    pub factor: SecondFactor,
}

/// How a step of such a log-in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeOutcome {
    /// It was done.
    Done,
    /// The log-in is over: too late, tried too often, used, or revoked. Nothing has changed.
    LoginOver,
    /// The account says no: too many codes were tried, or this one is used up. Nothing has changed.
    Refused,
}
