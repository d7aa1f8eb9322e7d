//! The caller's own account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::{AvatarUrl, Bio, DisplayName, Password, ProfilePatch};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Problem;
use super::account::{AccountOut, OpenedOut, no_content, opened, unstored};
use crate::app::App;
use crate::auth::{Caller, SessionWriter};
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::fields::{Fields, nullable, text};

/// What to change of a profile: a merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct ProfilePatchIn {
    /// 1 to 100 characters; null clears it.
    #[schema(example = "Alice A.")]
    display_name: Option<String>,
    /// Up to 2,000 characters; null clears it.
    bio: Option<String>,
    /// An `https` URL of up to 2,048 characters; null clears it.
    #[schema(example = "https://example.org/alice.png")]
    avatar_url: Option<String>,
}

/// The password once more, for what is grave.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct CurrentPassword {
    #[schema(example = "correct horse")]
    current_password: String,
}

/// A password to set.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PasswordChange {
    #[schema(example = "correct horse")]
    current_password: String,
    /// 1 to 1,024 bytes; in production at least 8 characters and not a common one.
    #[schema(example = "battery staple")]
    new_password: String,
}

pub(super) fn profile_patch(mut fields: Fields) -> Result<ProfilePatch> {
    let patch = ProfilePatch {
        display_name: fields.take("display_name", nullable(text(DisplayName::parse))),
        bio: fields.take("bio", nullable(text(Bio::parse))),
        avatar_url: fields.take("avatar_url", nullable(text(AvatarUrl::parse))),
    };
    fields.finish_strictly()?;
    Ok(patch)
}

pub(super) fn current_password(mut fields: Fields) -> Result<Password> {
    let password = fields.require("current_password", text(Password::parse));
    fields.finish_strictly()?;
    password.ok_or(Error::NotAnObject)
}

/// The caller's account.
#[utoipa::path(get, path = "/api/v2/me", tag = "me", security(("bearer" = [])),
    responses((status = 200, body = AccountOut), (status = 401, body = Problem)))]
pub(super) async fn get_me(State(app): State<App>, Caller(actor): Caller) -> Result<Response> {
    let user = app.domain.own_account(&actor).await?;
    Ok(unstored(StatusCode::OK, &AccountOut::from(&user)))
}

/// Changes the fields of the caller's profile that are named.
#[utoipa::path(patch, path = "/api/v2/me", tag = "me", security(("bearer" = [])),
    request_body(content((ProfilePatchIn = "application/json"), (ProfilePatchIn = "application/merge-patch+json"))),
    responses((status = 200, body = AccountOut), (status = 401, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn patch_me(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    body: AccountBody,
) -> Result<Response> {
    let patch = profile_patch(body.patch_fields()?)?;
    let user = app.domain.update_profile(&caller.actor, &patch).await?;
    Ok(unstored(StatusCode::OK, &AccountOut::from(&user)))
}

/// Deletes the caller's account: its name is free and its posts are gone at once.
#[utoipa::path(delete, path = "/api/v2/me", tag = "me", security(("bearer" = [])),
    request_body = CurrentPassword,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn delete_me(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let password = current_password(body.exact_fields()?)?;
    app.domain
        .delete_own_account(&caller.actor, password, &client)
        .await?;
    Ok(no_content())
}

/// Changes the caller's password.
///
/// Every other session ends, and every token that was given out is revoked; this session goes on
/// with the new pair.
#[utoipa::path(post, path = "/api/v2/auth/password", tag = "auth", security(("bearer" = [])),
    request_body = PasswordChange,
    responses((status = 200, body = OpenedOut), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn change_password(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let current = fields.require("current_password", text(Password::parse));
    let new = fields.require("new_password", text(Password::parse));
    fields.finish_strictly()?;
    let (current, new) = current.zip(new).ok_or(Error::NotAnObject)?;
    let changed = app.domain.change_password(&caller, current, new, &client);
    let pair = changed.await?;
    Ok(opened(&app, &pair, &OpenedOut::from(&pair)))
}
