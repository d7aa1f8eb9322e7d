//! What can go wrong, said for a person. Which status it is, `web` knows alone.

use std::fmt;
use std::time::Duration;

use model::{FieldError, Scope};

use crate::rate_limit::Exceeded;

/// Why a use case ended without doing what was asked; nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not know of it.
    #[error("{0} not found")]
    NotFound(Noun),
    /// The caller could not be recognised.
    #[error("{0}")]
    Unauthenticated(AuthFailure),
    /// The caller may not.
    #[error("{0}")]
    Forbidden(Denial),
    /// Some fields are wrong.
    #[error("some fields are invalid")]
    Invalid(Vec<FieldError>),
    /// The name, or one that looks like it, is taken.
    #[error("Username already exists")]
    UsernameTaken,
    /// The address is another account's own.
    #[error("Another account has this e-mail address")]
    EmailTaken,
    /// The name in URLs is another post's, or was.
    #[error("Another post has, or had, this slug")]
    SlugTaken,
    /// Somebody has saved a pending edit while it was published.
    #[error("The draft was saved again meanwhile: look at it before you publish it")]
    DraftChanged,
    /// Somebody must be left who can manage users.
    #[error("The last admin must stay")]
    LastAdmin,
    /// A second factor must be taken away before there can be another.
    #[error("A second factor is on already: DELETE it first")]
    TotpEnabled,
    /// There is no second factor to take away.
    #[error("No second factor is on")]
    TotpNotEnabled,
    /// Nothing was offered that could be confirmed, or too long ago.
    #[error("Nothing was offered within the last 15 minutes: POST /api/v2/auth/totp first")]
    TotpNotOffered,
    /// Nobody needs so many.
    #[error("You have 100 personal access tokens already: delete one first")]
    TooManyPersonalTokens,
    /// A feed holds so many authors and no more.
    #[error("You follow 1000 users already: stop following one first")]
    TooManyFollows,
    /// The thing has changed since the caller saw it; this is its version now.
    #[error("the version is {current} by now")]
    Stale {
        /// The version now.
        current: i64,
    },
    /// The key came with another body before.
    #[error("This Idempotency-Key came with another body: give every request a key of its own")]
    IdempotencyMismatch,
    /// Another request with the key is not through yet.
    #[error("A request with this Idempotency-Key is being done: try again in a moment")]
    IdempotencyInProgress,
    /// What the key stands for was done, by somebody who was faster.
    #[error("A request with this Idempotency-Key was done already: try again")]
    DoneAlready,
    /// Too much of this in too short a time.
    #[error("too many attempts")]
    TooMany(Exceeded),
    /// Too many requests wait already.
    #[error("too many requests are waiting")]
    Overloaded {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The database does not answer.
    #[error("the database is not available")]
    Unavailable(#[source] store::Error),
    /// A mistake of ours.
    #[error("something went wrong")]
    Unexpected(#[source] store::Error),
}

/// The end of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A user.
    User,
    /// A post.
    Post,
    /// A todo.
    Todo,
    /// A comment.
    Comment,
    /// A session.
    Session,
    /// A personal access token.
    PersonalToken,
    /// A key that signs tokens.
    SigningKey,
    /// A job.
    Job,
    /// A saved version of a post.
    Revision,
    /// A pending edit of a post.
    Draft,
    /// A link to a post that is not public.
    PreviewLink,
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "User",
            Self::Post => "Post",
            Self::Todo => "Todo",
            Self::Comment => "Comment",
            Self::Session => "Session",
            Self::PersonalToken => "Personal access token",
            Self::SigningKey => "Signing key",
            Self::Job => "Job",
            Self::Revision => "Revision",
            Self::Draft => "Draft",
            Self::PreviewLink => "Preview link",
        })
    }
}

/// Why a caller could not be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFailure {
    /// No credential came.
    MissingToken,
    /// The token was good until now.
    ExpiredToken,
    /// The token is not one of ours, or stands for nothing any more.
    InvalidToken,
    /// No such name, or another password.
    InvalidCredentials,
    /// The refresh token is not one of ours, was spent, or its session is over.
    InvalidRefreshToken,
    /// The code of a second factor is wrong, used up, or too old.
    InvalidCode,
}

impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingToken => "Missing token",
            Self::ExpiredToken => "Token has expired",
            Self::InvalidToken => "Invalid token",
            Self::InvalidCredentials => "Invalid credentials",
            Self::InvalidRefreshToken => "Invalid refresh token",
            Self::InvalidCode => "Invalid code",
        })
    }
}

/// Why a caller may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Editing a post of somebody else.
    EditPost,
    /// Deleting a post of somebody else.
    DeletePost,
    /// Commenting on a post that takes no comments.
    CommentsDisabled,
    /// Changing a comment of somebody else.
    EditComment,
    /// Deleting a comment of somebody else.
    DeleteComment,
    /// Deciding who sees a comment below a post of somebody else.
    ModerateComment,
    /// Bringing back what somebody with a higher role has deleted.
    RestorePost,
    /// Todos of somebody else.
    OthersTodos,
    /// Something for admins.
    AdminOnly,
    /// Writing posts as a reader.
    WritePost,
    /// Registering where nobody may.
    RegistrationClosed,
    /// Logging in to a suspended account, with the right password.
    Suspended,
    /// Logging in to an account with a second factor where none can be shown.
    SecondFactor,
    /// Doing something grave with the wrong current password.
    WrongPassword,
    /// Speaking by cookies from a page that may be somebody else's.
    ForeignPage,
    /// Showing a personal access token that has not this scope; `None` where none is enough.
    Scope(Option<Scope>),
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EditPost => "You can only edit your own posts",
            Self::DeletePost => "You can only delete your own posts",
            Self::CommentsDisabled => "This post takes no comments",
            Self::EditComment => "You can only edit your own comments",
            Self::DeleteComment => "You can only delete your own comments, and those on your own posts",
            Self::ModerateComment => "You can only moderate comments on your own posts",
            Self::RestorePost => "Somebody with a higher role has deleted this post",
            Self::OthersTodos => "You can only manage your own todos",
            Self::AdminOnly => "Admin access required",
            Self::WritePost => "Your role may not write posts",
            Self::RegistrationClosed => "Registration is closed",
            Self::Suspended => "Account is suspended",
            Self::SecondFactor => {
                "This account has a second factor: log in with POST /api/v2/auth/login"
            }
            Self::WrongPassword => "The current password is wrong",
            Self::ForeignPage => {
                "With cookies, this must come from a page of INKGATE_PUBLIC_URL, with the header X-Inkgate-CSRF: 1"
            }
            Self::Scope(Some(_)) => "The personal access token has not the scope that this needs",
            Self::Scope(None) => "No personal access token may do this",
        })
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Overloaded => Self::Overloaded {
                retry_after: Duration::from_secs(1),
            },
            store::Error::Unavailable(_) => Self::Unavailable(error),
            error if error.is_done_already() => Self::DoneAlready,
            error => Self::Unexpected(error),
        }
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}
