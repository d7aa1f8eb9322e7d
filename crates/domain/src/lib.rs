//! What Inkgate can do, and who may: use cases, rules, tokens. No HTTP, no SQL.

mod accounts;
mod audit;
pub mod auth;
mod bodies;
mod comment_moderation;
mod comments;
mod domain;
mod emails;
mod error;
mod export;
mod following;
mod follows;
mod housekeeping;
mod idempotency;
mod import;
mod jobs;
mod mail;
mod many_todos;
mod marks;
mod password_reset;
mod pending_logins;
mod personal_tokens;
mod post_completion;
mod post_diff;
mod post_drafts;
mod post_revisions;
mod post_state;
mod post_trash;
mod post_writes;
mod posts;
mod preview_links;
mod rate_limit;
mod rendering;
mod search;
mod second_factors;
mod seeding;
mod sessions;
mod settings;
mod todos;
mod users;

pub use audit::{AuditFault, AuditReport, KeptSeal};
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub use auth::fuzzing;
pub use auth::{
    Action, Actor, Caller, Client, ClientAddress, Credential, Login, LoginName, SecondFactorCode,
    SessionActor,
};
pub use bodies::{Body, Form};
pub use domain::Domain;
pub use error::{AuthFailure, Denial, Error, Noun, Result};
pub use idempotency::{ClaimedKey, Terms};
pub use import::{ImportEvent, import_flask};
pub use mail::{MailFrom, MailSettings, MailTransport, SmtpUrl};
pub use pending_logins::LoginOutcome;
pub use personal_tokens::WantedToken;
pub use post_diff::{Change, ChangeKind};
pub use post_revisions::RevisionDiff;
pub use posts::{BySlug, known};
pub use rate_limit::{Exceeded, Quota, Quotas};
pub use render::{SearchQuery, tag_key};
pub use search::{Found, SearchSort, search_text};
pub use second_factors::{EnabledSecondFactor, OfferedSecondFactor};
pub use seeding::{ReadyPost, SeedComment, SeedPost, SeedUser};
pub use sessions::TokenPair;
pub use settings::{CommentModeration, PasswordProfile, Registration, Settings};
pub use store::FacetKind;
pub use todos::todo_words;
