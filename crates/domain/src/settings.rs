//! What whoever runs Inkgate may choose about its rules.

use std::time::Duration;

use model::{Role, Secret};

use crate::mail::MailSettings;
use crate::rate_limit::Quotas;

/// The choices; every one has a name in `docs/reference/configuration.md`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Signs tokens.
    pub secret_key: Secret<Vec<u8>>,
    /// Verify tokens whose session is alive, and never sign.
    pub previous_keys: Vec<Secret<Vec<u8>>>,
    /// The URL that clients reach the server by, without a slash at its end: it stands in tokens and
    /// links.
    pub public_url: String,
    /// How mail leaves, and what stands in it.
    pub mail: MailSettings,
    /// Whether the seed's own tokens, which stand for no session, are accepted.
    pub accept_seed_tokens: bool,
    /// Whether anybody may register.
    pub registration: Registration,
    /// What an account that registers may do.
    pub default_role: Role,
    /// Which comments wait until somebody approves them.
    pub comment_moderation: CommentModeration,
    /// Whether weak passwords are refused.
    pub strong_passwords: bool,
    /// How much work a password costs.
    pub password_profile: PasswordProfile,
    /// How long a password may wait for its turn before whoever sent it is told to come back.
    pub password_patience: Duration,
    /// Mixed into every password's hash and kept outside the database.
    pub pepper: Option<Secret<Vec<u8>>>,
    /// How often what may be tried; `None` turns the limits off.
    pub quotas: Option<Quotas>,
    /// How much memory the finished bodies of public reads may take, in bytes; 0 keeps none.
    pub cache_bytes: u64,
}

/// Whether anybody may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anybody may.
    Open,
    /// Accounts come from the command line.
    Closed,
}

/// Which comments wait until somebody approves them; never those of whoever may do that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentModeration {
    /// None: everybody sees them at once.
    None,
    /// Those of users of whom no comment was approved so far.
    First,
    /// All, and those that were approved once they have other words.
    All,
}

/// How much work a password costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProfile {
    /// Argon2id with 19 MiB and two passes.
    Standard,
    /// Argon2id with 46 MiB and one pass.
    Hardened,
}
