//! One-time tokens: what is mailed to somebody, to show that they read that mail.

use std::str::FromStr;

use crate::{Email, JobId, Timestamp, UserId};

/// What a one-time token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OneTimeKind {
    /// To set another password.
    Reset,
    /// To show that an address is one's own.
    Verify,
}

impl OneTimeKind {
    /// The word for it in the database and in the token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
        }
    }
}

impl FromStr for OneTimeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "reset" => Ok(Self::Reset),
            "verify" => Ok(Self::Verify),
            _ => Err(format!("{text:?} is no kind of one-time token")),
        }
    }
}

/// A token about to be stored, in place of the account's last one of its kind.
#[derive(Clone, Debug)]
pub struct NewOneTimeToken {
    /// Whose it is.
    pub user_id: UserId,
    /// What it is good for.
    pub kind: OneTimeKind,
    /// SHA-256 of its secret.
    pub hash: [u8; 32],
    /// The address that it is mailed to.
    pub email: Email,
    /// How often the tokens of the account were revoked when it was asked for.
    pub generation: i64,
    /// The job that mails it.
    pub job_id: JobId,
    /// When that was asked for.
    pub asked_at: Timestamp,
    /// When it is made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A token as it is stored, to be put back if the mail of the next one is not sent.
#[derive(Clone, Debug)]
pub struct StoredOneTimeToken {
    /// SHA-256 of its secret.
    pub hash: [u8; 32],
    /// The address that it was mailed to.
    pub email: String,
    /// The key of that address.
    pub email_key: String,
    /// How often the tokens of the account were revoked.
    pub generation: i64,
    /// The job that has mailed it.
    pub job_id: JobId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A token that is good, and the account that it is for.
#[derive(Clone, Debug)]
pub struct OneTimeToken {
    /// SHA-256 of its secret.
    pub hash: [u8; 32],
    /// Whose it is.
    pub user_id: UserId,
    /// The account's name.
    pub username: String,
    /// The address that it was mailed to.
    pub email: String,
    /// The key of that address.
    pub email_key: String,
    /// How often the tokens of the account were revoked.
    pub generation: i64,
    /// The account's address at this moment, if it is known to be its own.
    pub verified_email: Option<String>,
}
