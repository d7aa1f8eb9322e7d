//! The nouns of Inkgate: identifiers, time, text that only parsing can build, users, posts, todos
//! and pages. No input or output, no SQL, no HTTP.

mod audit;
mod comment;
mod cursor;
mod email;
mod export;
mod field_error;
mod follow;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod idempotency;
mod ids;
mod job;
mod mark;
mod name;
mod one_time_token;
mod page;
mod pending_login;
mod personal_token;
mod post;
mod post_edit;
mod post_filter;
mod post_texts;
mod post_write;
mod role;
mod second_factor;
mod secret;
mod session;
mod signing_key;
mod text;
mod time;
mod todo;
mod user;

pub use audit::{
    AuditAccount, AuditActor, AuditClient, AuditEntry, AuditEvent, AuditFilter, AuditKind,
    AuditSeal, AuditTrace, SealedEvent,
};
pub use comment::{
    Comment, CommentDraft, CommentFilter, CommentRevision, CommentStatus, NewComment,
};
pub use cursor::{Cursor, Key, ListName};
pub use email::Email;
pub use export::{ExportedPost, ExportedSession};
pub use field_error::{FieldError, Invalid};
pub use follow::Follow;
pub use idempotency::{IdempotencyKey, NewIdempotencyKey, StoredAnswer, StoredIdempotencyKey};
pub use ids::{CommentId, JobId, PersonalTokenId, PostId, SessionId, TodoId, UserId};
pub use job::{ClaimedJob, Job, JobAccount, JobCounts, NewJob};
pub use mark::{Mark, MarkedPost};
pub use name::Username;
pub use one_time_token::{NewOneTimeToken, OneTimeKind, OneTimeToken, StoredOneTimeToken};
pub use page::{Page, PageLimit};
pub use pending_login::{CodeOutcome, NewPendingLogin, PendingLogin};
pub use personal_token::{NewPersonalToken, PersonalToken, PersonalTokenState, Scope, Scopes};
pub use post::{
    NewPost, Post, PostFields, PostPatch, PostState, PostStatus, PostToComplete, RenderedPost,
    TrashedPost,
};
pub use post_edit::{PostDraft, PreviewLink, Revision};
pub use post_filter::{Facet, PostFilter, PostSort};
pub use post_texts::{
    CanonicalUrl, Cover, CoverAlt, CoverPatch, Excerpt, Language, Series, Slug, Tag, Tags,
};
pub use post_write::{PostWrite, RevisionChange, SlugWish, TagKey};
pub use role::Role;
pub use second_factor::{FactorProof, SecondFactor, TotpAttempt};
pub use secret::Secret;
pub use session::{
    AuthMethods, KeptSession, NewSession, Refresh, RefreshState, Session, SessionKind, SessionState,
};
pub use signing_key::{KeyState, SigningKey};
pub use text::{
    AvatarUrl, Bio, Category, CommentContent, Content, Description, DisplayName, Password, Title,
    TokenName,
};
pub use time::{Clock, Timestamp};
pub use todo::{NewTodo, Priority, Todo, TodoFilter, TodoPatch};
pub use user::{AccountPatch, Author, NewUser, ProfilePatch, User, UserLogin};
