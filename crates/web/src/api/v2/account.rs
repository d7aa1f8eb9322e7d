//! Shapes of accounts and of what opens them.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::TokenPair;
use model::{SessionKind, User};
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{V2Time, written};
use crate::app::App;
use crate::json;

/// A user, as everybody may see it.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserOut<'a> {
    id: i64,
    #[schema(example = "alice")]
    username: &'a str,
    /// The name to show instead of the username.
    #[schema(required, example = "Alice A.")]
    display_name: Option<&'a str>,
    #[schema(required)]
    bio: Option<&'a str>,
    #[schema(required, example = "https://example.org/alice.png")]
    avatar_url: Option<&'a str>,
    /// reader, author, editor or admin.
    #[schema(example = "author")]
    role: &'static str,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
}

/// A user, as the owner and admins see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountOut<'a> {
    #[serde(flatten)]
    user: UserOut<'a>,
    #[schema(required, example = "alice@example.org")]
    email: Option<&'a str>,
    /// Whether it is known that the user reads that mail.
    email_verified: bool,
    /// Whether a log-in needs a second factor.
    totp_enabled: bool,
    suspended: bool,
}

/// Tokens for a session, and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenPair)]
pub(super) struct TokenPairOut<'a> {
    /// A JWT (RFC 9068) to send as `Authorization: Bearer ...`.
    #[schema(example = "eyJhbGciOiJFZERTQSIs...")]
    access_token: &'a str,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// Exchanged for the next pair, once.
    #[schema(example = "ink_rt_...")]
    refresh_token: &'a str,
    /// How long the refresh token is good, in seconds.
    #[schema(example = 2_592_000)]
    refresh_expires_in: u64,
    user: AccountOut<'a>,
}

/// A session whose tokens are in cookies, and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = BrowserSession)]
pub(super) struct BrowserSessionOut<'a> {
    /// How long the access cookie is good, in seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// How long the refresh cookie is good, in seconds.
    #[schema(example = 2_592_000)]
    refresh_expires_in: u64,
    user: AccountOut<'a>,
}

/// A session: with its tokens, or with cookies beside it.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenedSession)]
#[serde(untagged)]
pub(super) enum OpenedOut<'a> {
    Tokens(TokenPairOut<'a>),
    Cookies(BrowserSessionOut<'a>),
}

impl<'a> From<&'a TokenPair> for OpenedOut<'a> {
    fn from(pair: &'a TokenPair) -> Self {
        match pair.kind {
            SessionKind::V1 | SessionKind::V2 => Self::Tokens(pair.into()),
            SessionKind::Cookie => Self::Cookies(BrowserSessionOut {
                expires_in: pair.expires_in.as_secs(),
                refresh_expires_in: pair.refresh_expires_in.as_secs(),
                user: (&pair.user).into(),
            }),
        }
    }
}

/// Answers with `value`, which shows the session of `pair`: a browser gets its cookies beside it.
pub(super) fn opened(app: &App, pair: &TokenPair, value: &impl Serialize) -> Response {
    let mut response = unstored(StatusCode::OK, value);
    app.cookies.give(&mut response, pair);
    response
}

impl<'a> From<&'a User> for UserOut<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.0,
            username: &user.username,
            display_name: user.display_name.as_deref(),
            bio: user.bio.as_deref(),
            avatar_url: user.avatar_url.as_deref(),
            role: user.role.as_str(),
            created_at: V2Time(user.created_at),
        }
    }
}

impl<'a> From<&'a User> for AccountOut<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            user: user.into(),
            email: user.email.as_deref(),
            email_verified: user.email_verified_at.is_some(),
            totp_enabled: user.totp_enabled_at.is_some(),
            suspended: user.suspended_at.is_some(),
        }
    }
}

impl<'a> From<&'a TokenPair> for TokenPairOut<'a> {
    fn from(pair: &'a TokenPair) -> Self {
        Self {
            access_token: pair.access_token.reveal(),
            token_type: "Bearer",
            expires_in: pair.expires_in.as_secs(),
            refresh_token: pair.refresh_token.reveal(),
            refresh_expires_in: pair.refresh_expires_in.as_secs(),
            user: (&pair.user).into(),
        }
    }
}

/// Something that no cache may keep: it is for one client, once.
pub(super) fn unstored(status: StatusCode, value: &impl Serialize) -> Response {
    no_store(json::answer(status, json::JSON, written(value).into()))
}

/// Done, and nothing to show.
pub(super) fn no_content() -> Response {
    empty(StatusCode::NO_CONTENT)
}

/// Will be done, and nothing to show.
pub(super) fn accepted() -> Response {
    empty(StatusCode::ACCEPTED)
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    no_store(response)
}

fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
