//! E-mail addresses, and what is done by a link in a mail.

use axum::extract::State;
use axum::response::Response;
use model::{Email, Password};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Problem;
use super::account::{accepted, no_content};
use crate::app::App;
use crate::auth::SessionWriter;
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::fields::text;

/// An address to have from now on.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct EmailChange {
    /// Up to 254 bytes.
    #[schema(example = "alice@example.org")]
    new_email: String,
    #[schema(example = "correct horse")]
    current_password: String,
}

/// What was mailed to an address.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct EmailConfirmation {
    #[schema(example = "ink_verify_...")]
    token: String,
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct ForgottenPassword {
    #[schema(example = "alice@example.org")]
    email: String,
}

/// A password to set, and what was mailed.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PasswordReset {
    #[schema(example = "ink_reset_...")]
    token: String,
    /// 1 to 1,024 bytes; in production at least 8 characters and not a common one.
    #[schema(example = "battery staple")]
    new_password: String,
}

/// Asks for another e-mail address.
///
/// It is mailed a link; the address changes once that is confirmed, and the old one is told. The
/// answer is the same whether another account has the address.
#[utoipa::path(post, path = "/api/v2/auth/email", tag = "auth", security(("bearer" = [])),
    request_body = EmailChange,
    responses((status = 202), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn change_email(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let new = fields.require("new_email", text(Email::parse));
    let current = fields.require("current_password", text(Password::parse));
    fields.finish_strictly()?;
    let (new, current) = new.zip(current).ok_or(Error::NotAnObject)?;
    app.domain
        .request_email_change(&caller.actor, &new, current, &client)
        .await?;
    Ok(accepted())
}

/// Confirms an e-mail address with the token that was mailed to it: from now on it logs in and
/// resets the password.
#[utoipa::path(post, path = "/api/v2/auth/email/verify", tag = "auth", request_body = EmailConfirmation,
    responses((status = 204), (status = 401, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn verify_email(
    State(app): State<App>,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let token = fields.require("token", text(any));
    fields.finish_strictly()?;
    let token = token.ok_or(Error::NotAnObject)?;
    app.domain.verify_email(&token, &client).await?;
    Ok(no_content())
}

/// Mails a link to set a new password, if a confirmed address of an account was given.
///
/// The answer is the same if not.
#[utoipa::path(post, path = "/api/v2/auth/password/forgot", tag = "auth", request_body = ForgottenPassword,
    responses((status = 202), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn forgot_password(
    State(app): State<App>,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let email = fields.require("email", text(Email::parse));
    fields.finish_strictly()?;
    let email = email.ok_or(Error::NotAnObject)?;
    app.domain.forgot_password(&email, &client).await?;
    Ok(accepted())
}

/// Sets a new password with the token that was mailed, which is spent then.
///
/// Every session ends, and every token that was given out is revoked. It logs nobody in.
#[utoipa::path(post, path = "/api/v2/auth/password/reset", tag = "auth", request_body = PasswordReset,
    responses((status = 204), (status = 401, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn reset_password(
    State(app): State<App>,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let token = fields.require("token", text(any));
    let new = fields.require("new_password", text(Password::parse));
    fields.finish_strictly()?;
    let (token, new) = token.zip(new).ok_or(Error::NotAnObject)?;
    app.domain.reset_password(&token, new, &client).await?;
    Ok(no_content())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "fields are read by functions that may fail"
)]
fn any(text: &str) -> std::result::Result<String, model::Invalid> {
    Ok(text.to_owned())
}
