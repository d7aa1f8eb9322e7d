//! The audit log: who did what to whom, in rows that are added and never changed.

use std::str::FromStr;

use crate::{Timestamp, UserId};

/// Declares the kinds with their words, once.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What can be told of in the audit log: the one list of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditKind {
            $($(#[$doc])* $name,)*
        }

        impl AuditKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word for it in the database and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// A log-in that opened a session.
    LoggedIn = "logged_in",
    /// A name and a password that opened nothing, a wrong current password, or a wrong code.
    LogInFailed = "log_in_failed",
    /// More attempts than a limit allows, gathered by key and minute.
    LimitHit = "limit_hit",
    /// A spent refresh token came again: its session was ended.
    RefreshReused = "refresh_reused",
    /// One session was ended.
    SessionEnded = "session_ended",
    /// Every session of an account was ended, and every token revoked.
    SessionsEnded = "sessions_ended",
    /// An account was made.
    AccountCreated = "account_created",
    /// The data of another program was brought in.
    DataImported = "data_imported",
    /// A user took everything along that is held about them.
    DataExported = "data_exported",
    /// An account was deleted.
    AccountDeleted = "account_deleted",
    /// An account got another password.
    PasswordChanged = "password_changed",
    /// A second factor is demanded from now on.
    SecondFactorEnabled = "second_factor_enabled",
    /// A second factor is demanded no more.
    SecondFactorDisabled = "second_factor_disabled",
    /// A recovery code stood in for a second factor, and is used up.
    RecoveryCodeUsed = "recovery_code_used",
    /// An account got another password by a link in a mail.
    PasswordReset = "password_reset",
    /// An account asked for another e-mail address.
    EmailChangeRequested = "email_change_requested",
    /// An e-mail address was shown to be an account's own.
    EmailVerified = "email_verified",
    /// A personal access token was made.
    PersonalTokenCreated = "personal_token_created",
    /// A personal access token was taken away.
    PersonalTokenDeleted = "personal_token_deleted",
    /// An account got another role.
    RoleChanged = "role_changed",
    /// An account was suspended.
    AccountSuspended = "account_suspended",
    /// A suspension was lifted.
    AccountRestored = "account_restored",
    /// The next key signs from now on.
    SigningKeyRotated = "signing_key_rotated",
    /// A signing key was taken away, and with it every token that it had signed.
    SigningKeyRevoked = "signing_key_revoked",
}

impl FromStr for AuditKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut kinds = Self::ALL.iter().copied();
        let found = kinds.find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("{text:?} is no kind of the audit log"))
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditActor {
    /// Somebody who was recognised.
    User(UserId),
    /// Whoever runs the program's commands.
    CommandLine,
    /// The server itself.
    Server,
    /// Somebody who was not recognised.
    Nobody,
}

impl AuditActor {
    /// The word for it in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::CommandLine => "command_line",
            Self::Server => "server",
            Self::Nobody => "nobody",
        }
    }

    /// The user's number, if it is one.
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::CommandLine | Self::Server | Self::Nobody => None,
        }
    }
}

/// Whose account something happened to.
#[derive(Clone, Debug)]
pub enum AuditAccount {
    /// Nobody's.
    None,
    /// This one.
    Of(UserId),
    /// The account of this name, if somebody has it when the entry is written. Otherwise these are
    /// the details: looking the name up and writing costs the same either way.
    Named {
        /// The name as it is looked up.
        key: String,
        /// JSON.
        details_if_nobody: String,
    },
    /// The same by an e-mail address that is known to be an account's own.
    Mailed {
        /// The address as it is looked up.
        key: String,
        /// JSON.
        details_if_nobody: String,
    },
}

/// Where a request came from. It is stored apart from the log, so that it can be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditClient {
    /// From which address, or which network of IPv6.
    pub address: String,
    /// With which program: what it says of itself.
    pub user_agent: String,
}

/// An entry about to be added. No secret and no address may stand in `details`.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AuditKind,
    /// Who.
    pub actor: AuditActor,
    /// To whose account.
    pub account: AuditAccount,
    /// To which other thing: its noun and its identifier.
    pub subject: Option<(&'static str, String)>,
    /// What else is to be known: a small JSON object.
    pub details: String,
    /// From where.
    pub client: Option<AuditClient>,
}

impl AuditEntry {
    /// The entry, about this other thing besides.
    #[must_use]
    pub fn about(mut self, noun: &'static str, id: &impl ToString) -> Self {
        self.subject = Some((noun, id.to_string()));
        self
    }

    /// The entry with these details, a JSON object.
    #[must_use]
    pub fn with(mut self, details: &impl ToString) -> Self {
        self.details = details.to_string();
        self
    }
}

/// A row of the log, as it stands in the database: whoever has changed it may have written anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// The row's number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What: the word of an [`AuditKind`].
    pub kind: String,
    /// Who: the word of an [`AuditActor`].
    pub actor: String,
    /// Who, if it was a user.
    pub actor_id: Option<i64>,
    /// Whose account it happened to.
    pub user_id: Option<i64>,
    /// The noun of the other thing that it happened to.
    pub subject: Option<String>,
    /// That thing's identifier.
    pub subject_id: Option<String>,
    /// A JSON object.
    pub details: String,
}

/// An event with where it came from, as long as that is remembered.
#[derive(Clone, Debug)]
pub struct AuditTrace {
    /// The event.
    pub event: AuditEvent,
    /// From where.
    pub client: Option<AuditClient>,
}

/// Which events are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter {
    /// Only what happened to this account, or what its owner did.
    pub user_id: Option<UserId>,
    /// Only this kind.
    pub kind: Option<AuditKind>,
    /// Only from this time on.
    pub after: Option<Timestamp>,
    /// Only what is older than this.
    pub before: Option<Timestamp>,
}

/// A link of the chain: it vouches for some events and for the link before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSeal {
    /// From 1 up, without a gap.
    pub number: i64,
    /// When it was made.
    pub at: Timestamp,
    /// Which key made it.
    pub key_id: Vec<u8>,
    /// For how many events it vouches.
    pub events: i64,
    /// The code over the seal before, over the above, and over the codes of the events.
    pub mac: Vec<u8>,
}

/// An event's place in the chain.
#[derive(Clone, Debug)]
pub struct SealedEvent {
    /// The event's number.
    pub id: i64,
    /// The code over the event.
    pub mac: Vec<u8>,
    /// The event, unless somebody has removed it.
    pub event: Option<AuditEvent>,
}
