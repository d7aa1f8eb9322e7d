//! The caller's second factor, and log-ins that wait for a code of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{EnabledSecondFactor, OfferedSecondFactor, SecondFactorCode};
use model::{Password, Secret};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::account::{BrowserSessionOut, OpenedOut, TokenPairOut, no_content, opened, unstored};
use super::me::{CurrentPassword, current_password};
use crate::app::App;
use crate::auth::SessionWriter;
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::fields::text;
use crate::own_page::OwnPage;

/// How large a QR code is drawn at least, in pixels.
const QR_SIZE: u32 = 240;

/// The second step of a log-in.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct MfaIn {
    /// From the first step.
    #[schema(example = "ink_mfa_...")]
    mfa_token: String,
    /// Six digits from an app, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

/// A code of the caller's app.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct CodeIn {
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
}

/// What takes a second factor away.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PasswordAndCode {
    #[schema(example = "correct horse")]
    current_password: String,
    /// Six digits from an app, or a recovery code.
    #[schema(example = "123456")]
    code: String,
}

/// A second factor to confirm.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpOffer)]
pub(super) struct OfferOut<'a> {
    /// To be typed into an app: base32, 160 bits.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: &'a str,
    /// The same as a link for an app.
    #[schema(example = "otpauth://totp/...")]
    otpauth_uri: &'a str,
    /// The link as a picture, to be scanned by an app.
    #[schema(example = "<svg ...")]
    qr_svg: String,
}

/// A second factor that a log-in needs from now on.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpConfirmed)]
#[serde(untagged)]
pub(super) enum ConfirmedOut<'a> {
    Tokens(ConfirmedTokensOut<'a>),
    Cookies(ConfirmedCookiesOut<'a>),
}

/// Recovery codes, and the tokens of the session.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpConfirmedByToken)]
pub(super) struct ConfirmedTokensOut<'a> {
    /// Ten codes for the day when the device is gone, each good once. They are shown this once.
    #[schema(example = json!(["MFRG-GZDF-MZTW-Q2LK"]))]
    recovery_codes: Vec<&'a str>,
    #[serde(flatten)]
    session: TokenPairOut<'a>,
}

/// Recovery codes, and the session whose tokens are in cookies.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpConfirmedByCookie)]
pub(super) struct ConfirmedCookiesOut<'a> {
    /// Ten codes for the day when the device is gone, each good once. They are shown this once.
    #[schema(example = json!(["MFRG-GZDF-MZTW-Q2LK"]))]
    recovery_codes: Vec<&'a str>,
    #[serde(flatten)]
    session: BrowserSessionOut<'a>,
}

impl<'a> From<&'a EnabledSecondFactor> for ConfirmedOut<'a> {
    fn from(enabled: &'a EnabledSecondFactor) -> Self {
        let codes = enabled.recovery_codes.iter().map(Secret::reveal);
        let recovery_codes = codes.map(String::as_str).collect();
        match (&enabled.pair).into() {
            OpenedOut::Tokens(session) => Self::Tokens(ConfirmedTokensOut {
                recovery_codes,
                session,
            }),
            OpenedOut::Cookies(session) => Self::Cookies(ConfirmedCookiesOut {
                recovery_codes,
                session,
            }),
        }
    }
}

fn offer_out(offer: &OfferedSecondFactor) -> Result<OfferOut<'_>> {
    let uri = offer.uri.reveal();
    // A name of 50 characters fits by far.
    let code = QrCode::new(uri).map_err(|_| Error::Panic)?;
    let mut picture = code.render::<svg::Color<'_>>();
    Ok(OfferOut {
        secret: offer.secret.reveal(),
        otpauth_uri: uri,
        qr_svg: picture.min_dimensions(QR_SIZE, QR_SIZE).build(),
    })
}

/// Finishes a log-in that waits for a code.
///
/// It waits five minutes. After ten wrong codes it is over, and begins again with the password.
#[utoipa::path(post, path = "/api/v2/auth/login/mfa", tag = "auth", request_body = MfaIn,
    responses((status = 200, body = OpenedOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn finish_login(
    State(app): State<App>,
    Sender(client): Sender,
    page: OwnPage,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let token = fields.require("mfa_token", text(|token| Ok(Secret::new(token.to_owned()))));
    let code = fields.require("code", text(SecondFactorCode::parse));
    fields.finish_strictly()?;
    let (token, code) = token.zip(code).ok_or(Error::NotAnObject)?;
    let own = page.is_own();
    let finished = app.domain.finish_login(token.reveal(), &code, own, &client);
    let pair = finished.await?;
    Ok(opened(&app, &pair, &OpenedOut::from(&pair)))
}

/// Offers a second factor. A log-in does not need it before it is confirmed.
///
/// The offer holds for 15 minutes; another takes its place.
#[utoipa::path(post, path = "/api/v2/auth/totp", tag = "auth", security(("bearer" = [])),
    request_body = CurrentPassword,
    responses((status = 200, body = OfferOut), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn offer_totp(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let password = current_password(body.exact_fields()?)?;
    let offer = app
        .domain
        .offer_second_factor(&caller.actor, password, &client)
        .await?;
    Ok(unstored(StatusCode::OK, &offer_out(&offer)?))
}

/// Confirms the second factor that was offered: a log-in needs it from now on.
///
/// Every other session ends, and every token that was given out is revoked; this session goes on
/// with the new pair.
#[utoipa::path(post, path = "/api/v2/auth/totp/confirm", tag = "auth", security(("bearer" = [])),
    request_body = CodeIn,
    responses((status = 200, body = ConfirmedOut), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn confirm_totp(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let code = fields.require("code", text(SecondFactorCode::parse));
    fields.finish_strictly()?;
    let code = code.ok_or(Error::NotAnObject)?;
    let enabled = app.domain.confirm_second_factor(&caller, &code, &client);
    let enabled = enabled.await?;
    Ok(opened(&app, &enabled.pair, &ConfirmedOut::from(&enabled)))
}

/// Takes the second factor away, with its recovery codes. Sessions go on.
#[utoipa::path(delete, path = "/api/v2/auth/totp", tag = "auth", security(("bearer" = [])),
    request_body = PasswordAndCode,
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn delete_totp(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let password = fields.require("current_password", text(Password::parse));
    let code = fields.require("code", text(SecondFactorCode::parse));
    fields.finish_strictly()?;
    let (password, code) = password.zip(code).ok_or(Error::NotAnObject)?;
    app.domain
        .disable_second_factor(&caller.actor, password, &code, &client)
        .await?;
    Ok(no_content())
}
