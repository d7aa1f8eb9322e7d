//! What refusals look like, for the documents: one that each operation can give, by its status.

use std::time::Duration;

use domain::{AuthFailure, Denial, Error as E, Exceeded, Noun, Quota};
use model::FieldError;
use utoipa::openapi::path::Operation;

use crate::body::{MAX_ACCOUNT_BYTES, MAX_BYTES};
use crate::error::{Error, Refusal};

/// A refusal of `operation` with this status.
pub(super) fn refusal(status: &str, operation: &Operation) -> Option<Refusal> {
    let has_body = operation.request_body.is_some();
    let name = operation.operation_id.as_deref().unwrap_or_default();
    let error = match status {
        // v1 has no 409.
        "400" if name == "delete_user" => E::LastAdmin.into(),
        "400" if has_body => Error::MalformedJson,
        "400" => Error::InvalidQuery(field("limit", "invalid_query", "must be an integer")),
        "401" => E::Unauthenticated(failure(name)).into(),
        "403" => E::Forbidden(denial(name)).into(),
        "404" => E::NotFound(noun(name)).into(),
        "408" => Error::SlowBody,
        "409" => conflict(name).into(),
        "412" => E::Stale { current: 3 }.into(),
        "413" => Error::BodyTooLarge {
            limit: most_bytes(operation),
        },
        "415" => Error::UnsupportedMediaType,
        "422" => E::Invalid(vec![wrong_field(name)]).into(),
        "429" => E::TooMany(exceeded()).into(),
        "503" => E::Overloaded {
            retry_after: Duration::from_secs(1),
        }
        .into(),
        _ => return None,
    };
    Some(error.refusal())
}

/// Bodies about accounts and log-in have less room.
fn most_bytes(operation: &Operation) -> usize {
    let tag = operation.tags.iter().flatten().next();
    match tag.map(String::as_str) {
        Some("auth" | "me" | "users") => MAX_ACCOUNT_BYTES,
        _ => MAX_BYTES,
    }
}

fn failure(name: &str) -> AuthFailure {
    match name {
        "login" => AuthFailure::InvalidCredentials,
        "finish_login" => AuthFailure::InvalidCode,
        "refresh" => AuthFailure::InvalidRefreshToken,
        "reset_password" | "verify_email" => AuthFailure::InvalidToken,
        _ => AuthFailure::MissingToken,
    }
}

fn denial(name: &str) -> Denial {
    match name {
        "login" | "finish_login" | "refresh" => Denial::Suspended,
        "register" | "create_user" => Denial::RegistrationClosed,
        "change_password" | "change_email" | "delete_me" | "export_me" | "offer_totp"
        | "confirm_totp" | "delete_totp" => Denial::WrongPassword,
        "list_events" | "patch_user" | "delete_user" | "log_out_user" => Denial::AdminOnly,
        "create_post" => Denial::WritePost,
        "delete_post" => Denial::DeletePost,
        "restore_post" => Denial::RestorePost,
        "create_comment" => Denial::CommentsDisabled,
        "patch_comment" => Denial::EditComment,
        "delete_comment" => Denial::DeleteComment,
        name if name.ends_with("_comment") => Denial::ModerateComment,
        name if name.ends_with("_post") => Denial::EditPost,
        name if name.contains("todo") => Denial::OthersTodos,
        _ => Denial::Scope(None),
    }
}

fn noun(name: &str) -> Noun {
    let nouns = [
        ("user", Noun::User),
        ("token", Noun::PersonalToken),
        ("session", Noun::Session),
        ("todo", Noun::Todo),
        ("post", Noun::Post),
        ("comment", Noun::Comment),
    ];
    let found = nouns.into_iter().find(|(word, _)| name.contains(word));
    found.map_or(Noun::Post, |(_, noun)| noun)
}

fn conflict(name: &str) -> E {
    match name {
        "register" => E::UsernameTaken,
        "verify_email" => E::EmailTaken,
        "create_token" => E::TooManyPersonalTokens,
        "offer_totp" | "confirm_totp" => E::TotpEnabled,
        "delete_totp" => E::TotpNotEnabled,
        "delete_me" | "delete_user" | "patch_user" => E::LastAdmin,
        "follow_user" => E::TooManyFollows,
        "create_post" | "put_post" | "patch_post" => E::SlugTaken,
        _ => E::IdempotencyInProgress,
    }
}

fn wrong_field(name: &str) -> FieldError {
    match name {
        "follow_user" => field("id", "invalid", "must not be your own"),
        _ => field("colour", "unknown_field", "is not a field that can be set here"),
    }
}

fn field(name: &str, code: &'static str, message: &str) -> FieldError {
    FieldError {
        field: name.to_owned(),
        code,
        message: message.to_owned(),
    }
}

fn exceeded() -> Exceeded {
    Exceeded {
        name: "writes",
        quota: Quota {
            count: 300,
            period: Duration::from_secs(60),
        },
        retry_after: Duration::from_secs(12),
    }
}
