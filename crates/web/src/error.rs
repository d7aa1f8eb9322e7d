//! The only file that turns what went wrong into statuses.
//!
//! An [`Error`] becomes an empty response that carries it; `respond` hands it to the version of
//! the API that was asked, which writes the body in its own shape.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{AuthFailure, Denial, Exceeded};
use model::FieldError;

/// The end of a handler.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) enum Error {
    Domain(domain::Error),
    NoRoute,
    MethodNotAllowed,
    UnsupportedMediaType,
    MalformedJson,
    NotAnObject,
    MissingKeys(&'static str),
    /// A write came too late: the thing is at version `current`, its entity tag is `tag`.
    Stale {
        current: i64,
        tag: Bytes,
    },
    InvalidQuery(FieldError),
    InvalidIdempotencyKey,
    BodyTooLarge {
        limit: usize,
    },
    SlowBody,
    BrokenBody,
    TooManyLists,
    Panic,
}

impl From<domain::Error> for Error {
    fn from(error: domain::Error) -> Self {
        Self::Domain(error)
    }
}

/// What a client is told.
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// A stable word for programs.
    pub(crate) code: &'static str,
    /// What to do, for people.
    pub(crate) detail: Cow<'static, str>,
    pub(crate) fields: Vec<FieldError>,
}

impl Error {
    /// The one table of statuses, codes and words.
    pub(crate) fn refusal(&self) -> Refusal {
        const NO_ROUTE: &str = "The requested URL was not found on the server. If you entered the \
                                URL manually please check your spelling and try again.";
        let row = |status, code, detail: &'static str| Refusal::new(status, code, detail.into());
        match self {
            Self::Domain(error) => domain_refusal(error),
            Self::NoRoute => row(StatusCode::NOT_FOUND, "not_found", NO_ROUTE),
            Self::MethodNotAllowed => {
                let detail = "The method is not allowed for the requested URL.";
                row(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
            }
            Self::UnsupportedMediaType => {
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                row(status, "unsupported_media_type", "Request must be JSON")
            }
            Self::MalformedJson => {
                let detail = "The browser (or proxy) sent a request that this server could not \
                              understand.";
                row(StatusCode::BAD_REQUEST, "malformed_json", detail)
            }
            Self::NotAnObject => {
                let detail = "Request body must be a JSON object";
                row(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
            }
            Self::MissingKeys(detail) => row(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail),
            Self::Stale { current, .. } => {
                domain_refusal(&domain::Error::Stale { current: *current })
            }
            Self::InvalidQuery(field) => Refusal {
                status: StatusCode::BAD_REQUEST,
                code: field.code,
                detail: field_detail(field).into(),
                fields: vec![field.clone()],
            },
            Self::InvalidIdempotencyKey => {
                let detail = "Idempotency-Key must be one header of 1 to 255 printable ASCII \
                              characters";
                row(StatusCode::BAD_REQUEST, "invalid_idempotency_key", detail)
            }
            Self::BodyTooLarge { limit } => {
                let detail = format!("The body must have at most {limit} bytes");
                Refusal::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    detail.into(),
                )
            }
            Self::SlowBody => {
                let detail = "The body did not arrive in time";
                row(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
            }
            Self::BrokenBody => row(StatusCode::BAD_REQUEST, "broken_body", "The body broke off"),
            Self::TooManyLists => {
                let detail = "Too many complete lists are being read; try again, or use ?limit=";
                row(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail)
            }
            Self::Panic => Refusal::internal(),
        }
    }

    /// What stands in the head of the answer besides.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
        match self {
            Self::Domain(domain::Error::Unauthenticated(failure)) => {
                let challenge = match failure {
                    AuthFailure::MissingToken
                    | AuthFailure::InvalidCredentials
                    | AuthFailure::InvalidCode => "Bearer realm=\"inkgate\"",
                    AuthFailure::ExpiredToken
                    | AuthFailure::InvalidToken
                    | AuthFailure::InvalidRefreshToken => {
                        "Bearer realm=\"inkgate\", error=\"invalid_token\""
                    }
                };
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(challenge),
                );
            }
            Self::Domain(domain::Error::Forbidden(Denial::Scope(needed))) => {
                // RFC 6750, section 3.1.
                let scope = needed.map(|scope| format!(", scope=\"{}\"", scope.as_str()));
                let challenge = format!(
                    "Bearer realm=\"inkgate\", error=\"insufficient_scope\"{}",
                    scope.unwrap_or_default()
                );
                let challenge = HeaderValue::from_maybe_shared(Bytes::from(challenge));
                headers.extend(challenge.map(|line| (header::WWW_AUTHENTICATE, line)));
            }
            Self::Stale { tag, .. } => {
                let tag = HeaderValue::from_maybe_shared(tag.clone());
                headers.extend(tag.map(|tag| (header::ETAG, tag)));
            }
            Self::Domain(domain::Error::TooMany(exceeded)) => limit_headers(exceeded, headers),
            Self::Domain(domain::Error::Overloaded { retry_after }) => {
                headers.insert(header::RETRY_AFTER, seconds(*retry_after).into());
            }
            Self::Domain(
                domain::Error::Unavailable(_)
                | domain::Error::IdempotencyInProgress
                | domain::Error::DoneAlready,
            )
            | Self::TooManyLists => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::BodyTooLarge { .. } | Self::SlowBody | Self::BrokenBody => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
    }

    /// Writes what somebody must look at to the log, once, here at the edge.
    pub(crate) fn log(&self, request_id: crate::request_id::RequestId) {
        match self {
            Self::Domain(domain::Error::Unexpected(error)) => {
                let error = error as &dyn std::error::Error;
                tracing::error!(%request_id, error, "a request failed");
            }
            Self::Domain(domain::Error::Unavailable(error)) => {
                let error = error as &dyn std::error::Error;
                tracing::warn!(%request_id, error, "the database is not available");
            }
            Self::Panic => tracing::error!(%request_id, "a request panicked"),
            _ => {}
        }
    }
}

fn domain_refusal(error: &domain::Error) -> Refusal {
    use domain::Error as E;
    let detail = error.to_string();
    let conflict = |code| Refusal::new(StatusCode::CONFLICT, code, error.to_string().into());
    match error {
        E::NotFound(_) => Refusal::new(StatusCode::NOT_FOUND, "not_found", detail.into()),
        E::Unauthenticated(failure) => {
            let code = failure_code(*failure);
            Refusal::new(StatusCode::UNAUTHORIZED, code, detail.into())
        }
        E::Forbidden(denial) => {
            let code = denial_code(*denial);
            Refusal::new(StatusCode::FORBIDDEN, code, detail.into())
        }
        E::Invalid(fields) => Refusal {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: fields.first().map_or("invalid", |field| field.code),
            detail: fields.first().map_or(detail, field_detail).into(),
            fields: fields.clone(),
        },
        E::UsernameTaken => conflict("username_taken"),
        E::EmailTaken => conflict("email_taken"),
        E::SlugTaken => conflict("slug_taken"),
        E::DraftChanged => conflict("draft_changed"),
        E::LastAdmin => conflict("last_admin"),
        E::TooManyPersonalTokens => conflict("too_many_tokens"),
        E::TooManyFollows => conflict("too_many_follows"),
        E::TotpEnabled => conflict("totp_enabled"),
        E::TotpNotEnabled => conflict("totp_not_enabled"),
        E::TotpNotOffered => conflict("totp_not_offered"),
        E::IdempotencyInProgress | E::DoneAlready => conflict("idempotency_in_progress"),
        E::IdempotencyMismatch => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Refusal::new(status, "idempotency_mismatch", detail.into())
        }
        E::Stale { current } => {
            let detail = format!("The resource is at version {current} by now: read it again");
            Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                "stale_version",
                detail.into(),
            )
        }
        E::TooMany(exceeded) => {
            let seconds = seconds(exceeded.retry_after);
            let detail = format!("Too many attempts: try again in {seconds} seconds");
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail.into())
        }
        E::Overloaded { .. } | E::Unavailable(_) => {
            let detail = "The server is busy: try again in a moment";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail.into())
        }
        E::Unexpected(_) => Refusal::internal(),
    }
}

const fn failure_code(failure: AuthFailure) -> &'static str {
    match failure {
        AuthFailure::MissingToken => "missing_token",
        AuthFailure::ExpiredToken | AuthFailure::InvalidToken => "invalid_token",
        AuthFailure::InvalidCredentials => "invalid_credentials",
        AuthFailure::InvalidRefreshToken => "invalid_refresh_token",
        AuthFailure::InvalidCode => "invalid_code",
    }
}

const fn denial_code(denial: Denial) -> &'static str {
    match denial {
        Denial::AdminOnly | Denial::WritePost => "role_required",
        Denial::RegistrationClosed => "registration_closed",
        Denial::Suspended => "account_suspended",
        Denial::WrongPassword => "wrong_password",
        Denial::ForeignPage => "csrf_failed",
        Denial::SecondFactor => "mfa_required",
        Denial::Scope(_) => "insufficient_scope",
        Denial::CommentsDisabled => "comments_disabled",
        Denial::EditPost
        | Denial::DeletePost
        | Denial::RestorePost
        | Denial::OthersTodos
        | Denial::EditComment
        | Denial::DeleteComment
        | Denial::ModerateComment => "forbidden",
    }
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, detail: Cow<'static, str>) -> Self {
        Self {
            status,
            code,
            detail,
            fields: Vec::new(),
        }
    }

    fn internal() -> Self {
        let detail = Cow::Borrowed("Something went wrong on our end");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

/// The field and what must hold; a message that is a sentence of its own stands alone.
fn field_detail(field: &FieldError) -> String {
    match field.code {
        "unknown_user" => field.message.clone(),
        _ => format!("{} {}", field.field, field.message),
    }
}

/// `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers-10 writes them.
fn limit_headers(exceeded: &Exceeded, headers: &mut HeaderMap) {
    let Exceeded {
        name,
        quota,
        retry_after,
    } = exceeded;
    let wait = seconds(*retry_after);
    headers.insert(header::RETRY_AFTER, wait.into());
    let limit = format!("\"{name}\";r=0;t={wait}");
    let policy = format!("\"{name}\";q={};w={}", quota.count, quota.period.as_secs());
    for (name, text) in [("ratelimit", limit), ("ratelimit-policy", policy)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn seconds(duration: Duration) -> u64 {
    duration
        .as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
        .max(1)
}

/// An error on its way from a handler to `respond`.
#[derive(Clone)]
pub(crate) struct Carried(pub(crate) Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        // axum adds `Allow` to what has this status already.
        if matches!(self, Self::MethodNotAllowed) {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}
