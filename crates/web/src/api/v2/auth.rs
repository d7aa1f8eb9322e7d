//! Registering, logging in, staying logged in, logging out.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use domain::{Login, LoginName, LoginOutcome};
use model::{Email, Invalid, Password, SessionKind, Username};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::account::{AccountOut, OpenedOut, no_content, opened, unstored};
use crate::app::App;
use crate::auth::{Leaver, RefreshCookie, SessionCaller};
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::fields::{Fields, text};
use crate::json;
use crate::own_page::OwnPage;

/// How long others may keep our public keys, in seconds: a new one is published 90 days ahead.
const KEYS_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// An account to make.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct Registration {
    /// 1 to 50 visible characters; case does not matter.
    #[schema(example = "alice")]
    username: String,
    /// 1 to 1,024 bytes; in production at least 8 characters and not a common one.
    #[schema(example = "correct horse")]
    password: String,
    /// Up to 254 bytes; it is mailed a link, and good for nothing until that is confirmed.
    #[schema(example = "alice@example.org")]
    email: Option<String>,
}

/// Whose account to open: by the name, or by an address that was confirmed.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct Credentials {
    #[schema(example = "alice")]
    username: Option<String>,
    /// Instead of `username`.
    #[schema(example = "alice@example.org")]
    email: Option<String>,
    #[schema(example = "correct horse")]
    password: String,
    /// Where the tokens go: `token`, into the answer (the default); `cookie`, into cookies of a
    /// browser, for pages of `INKGATE_PUBLIC_URL` alone.
    #[schema(example = "token")]
    mode: Option<String>,
}

/// The password was right, and the account has a second factor: the log-in waits five minutes for
/// `POST /api/v2/auth/login/mfa`.
#[derive(Serialize, ToSchema)]
pub(super) struct MfaRequired<'a> {
    /// Always true: tells this answer from a pair of tokens.
    mfa_required: bool,
    /// Stands for this log-in, and for nothing else.
    #[schema(example = "ink_mfa_...")]
    mfa_token: &'a str,
    /// What the code may be: of an app, or a recovery code.
    #[schema(example = json!(["totp", "recovery"]))]
    methods: [&'static str; 2],
}

/// What a right password leads to.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum LoginOut<'a> {
    Opened(OpenedOut<'a>),
    SecondFactor(MfaRequired<'a>),
}

impl<'a> From<&'a LoginOutcome> for LoginOut<'a> {
    fn from(outcome: &'a LoginOutcome) -> Self {
        match outcome {
            LoginOutcome::Opened(pair) => Self::Opened(pair.as_ref().into()),
            LoginOutcome::SecondFactor(token) => Self::SecondFactor(MfaRequired {
                mfa_required: true,
                mfa_token: token.reveal(),
                methods: ["totp", "recovery"],
            }),
        }
    }
}

/// A refresh token to exchange.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct RefreshIn {
    /// Left out by a browser, which sends its cookie.
    #[schema(nullable = false, example = "ink_rt_...")]
    refresh_token: Option<String>,
}

/// Who has registered.
#[derive(Serialize, ToSchema)]
pub(super) struct Registered<'a> {
    user: AccountOut<'a>,
}

/// Public keys (RFC 7517).
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a body that is written elsewhere")]
pub(super) struct KeySet {
    keys: Vec<PublicKey>,
}

/// A public key of Ed25519 (RFC 8037).
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a body that is written elsewhere")]
pub(super) struct PublicKey {
    #[schema(example = "EdDSA")]
    alg: String,
    #[schema(example = "Ed25519")]
    crv: String,
    /// What a token's header calls it.
    #[schema(example = "SRgU6BEuGytEeykL4HnBkyW9VMz4RDwH-Ld6UbAKqGs")]
    kid: String,
    #[schema(example = "OKP")]
    kty: String,
    #[schema(rename = "use", example = "sig")]
    purpose: String,
    /// The key, base64url.
    #[schema(example = "fZ0oM1aqyiiUZ_sFx3SFdQayv8sgqcsdQRWIdp4C6T0")]
    x: String,
}

fn registration(mut fields: Fields) -> Result<(Username, Password, Option<Email>)> {
    let username = fields.require("username", text(Username::parse));
    let password = fields.require("password", text(Password::parse));
    let email = fields.take("email", text(Email::parse));
    fields.finish_strictly()?;
    let (username, password) = username.zip(password).ok_or(Error::NotAnObject)?;
    Ok((username, password, email))
}

fn credentials(mut fields: Fields) -> Result<(LoginName, Password, SessionKind)> {
    let by_email = fields.has("email") && !fields.has("username");
    let name = if by_email {
        let email = fields.require("email", text(Email::parse));
        email.map(LoginName::Email)
    } else {
        let beside = |_: &str| Err::<Email, _>(Invalid::new("must not stand beside username"));
        fields.take("email", text(beside));
        let username = fields.require("username", text(Username::parse));
        username.map(LoginName::Username)
    };
    let password = fields.require("password", text(Password::parse));
    let kind = fields.take("mode", text(mode));
    fields.finish_strictly()?;
    let (name, password) = name.zip(password).ok_or(Error::NotAnObject)?;
    Ok((name, password, kind.unwrap_or(SessionKind::V2)))
}

fn mode(text: &str) -> std::result::Result<SessionKind, Invalid> {
    match text {
        "token" => Ok(SessionKind::V2),
        "cookie" => Ok(SessionKind::Cookie),
        _ => Err(Invalid::new("must be token or cookie")),
    }
}

/// Registers somebody.
#[utoipa::path(post, path = "/api/v2/auth/register", tag = "auth", request_body = Registration,
    responses((status = 201, body = Registered, headers(("Location" = String, description = "The user"))),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn register(
    State(app): State<App>,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    app.domain.may_register(&client)?;
    let (username, password, email) = registration(body.exact_fields()?)?;
    let user = app
        .domain
        .register(username, password, email, &client)
        .await?;
    let registered = Registered {
        user: (&user).into(),
    };
    let mut response = unstored(StatusCode::CREATED, &registered);
    let path = HeaderValue::from_str(&format!("/api/v2/users/{}", user.id));
    response
        .headers_mut()
        .extend(path.map(|path| (LOCATION, path)));
    Ok(response)
}

/// Logs in: opens a session, or waits for a code if the account has a second factor.
#[utoipa::path(post, path = "/api/v2/auth/login", tag = "auth", request_body = Credentials,
    responses((status = 200, body = LoginOut), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn login(
    State(app): State<App>,
    Sender(client): Sender,
    page: OwnPage,
    body: AccountBody,
) -> Result<Response> {
    let (name, password, kind) = credentials(body.exact_fields()?)?;
    if kind == SessionKind::Cookie {
        page.demand()?;
    }
    let login = Login {
        name,
        password,
        client,
    };
    let outcome = app.domain.login_v2(&login, kind).await?;
    let out = LoginOut::from(&outcome);
    Ok(match &outcome {
        LoginOutcome::Opened(pair) => opened(&app, pair, &out),
        LoginOutcome::SecondFactor(_) => unstored(StatusCode::OK, &out),
    })
}

/// Exchanges a refresh token for the next pair of tokens.
///
/// The token is spent then. Within ten seconds it gives the same next one again: two tabs, or an
/// answer that was lost. Later, or anything older, ends the session: somebody else has it. A browser
/// sends its cookie and leaves the field out.
#[utoipa::path(post, path = "/api/v2/auth/refresh", tag = "auth", request_body = RefreshIn,
    responses((status = 200, body = OpenedOut), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn refresh(
    State(app): State<App>,
    Sender(client): Sender,
    cookie: RefreshCookie,
    body: AccountBody,
) -> Result<Response> {
    let (token, kind) = refresh_token(body.exact_fields()?, cookie)?;
    let pair = app.domain.refresh(&token, kind, &client).await?;
    Ok(opened(&app, &pair, &OpenedOut::from(&pair)))
}

/// The token in the body or, where that has none, in the cookie.
fn refresh_token(mut fields: Fields, cookie: RefreshCookie) -> Result<(String, SessionKind)> {
    if !fields.has("refresh_token")
        && let Some(token) = cookie.token
    {
        fields.finish_strictly()?;
        cookie.page.demand()?;
        return Ok((token, SessionKind::Cookie));
    }
    let any = |value: &str| Ok(value.to_owned());
    let token = fields.require("refresh_token", text(any));
    fields.finish_strictly()?;
    Ok((token.ok_or(Error::NotAnObject)?, SessionKind::V2))
}

/// Ends the session of the access token, or in a browser of its cookies.
#[utoipa::path(post, path = "/api/v2/auth/logout", tag = "auth", security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn logout(
    State(app): State<App>,
    leaver: Leaver,
    Sender(client): Sender,
    headers: HeaderMap,
) -> Result<Response> {
    let (domain, mut response) = (&app.domain, no_content());
    match leaver {
        Leaver::Session(caller) => {
            domain
                .end_session(&caller.actor, caller.session, &client)
                .await?;
        }
        Leaver::Cookie(token) => domain.end_session_of_cookie(&token, &client).await?,
    }
    app.cookies.take(&headers, &mut response);
    Ok(response)
}

/// Ends every session of the caller, and revokes every token that was ever given out.
#[utoipa::path(post, path = "/api/v2/auth/logout-all", tag = "auth", security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn logout_all(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    Sender(client): Sender,
    headers: HeaderMap,
) -> Result<Response> {
    app.domain.end_all_sessions(&caller.actor, &client).await?;
    let mut response = no_content();
    app.cookies.take(&headers, &mut response);
    Ok(response)
}

/// The public keys that verify access tokens, as a JWK set (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth",
    responses((status = 200, body = KeySet, description = "One key signs, the next is published ahead")))]
pub(super) async fn jwks(State(app): State<App>) -> Response {
    let mut response = json::answer(StatusCode::OK, json::JSON, app.domain.jwks());
    response.headers_mut().insert(CACHE_CONTROL, KEYS_KEPT);
    response
}
