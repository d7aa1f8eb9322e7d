//! The only file that reads a credential. What stands in a handler's signature decides whether
//! its route needs one.

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use domain::{Actor, AuthFailure, Credential, Denial, SessionActor};
use model::Scope;

use crate::app::App;
use crate::error::{Error, Result};
use crate::own_page::{OwnPage, refuse_forms};
use crate::respond::is_idempotent;
use crate::scopes::scope_of;

/// Somebody who was recognised by a v1 token: for the routes of v1.
pub(crate) struct V1Caller(pub(crate) Actor);

/// The same, who wants to change something: each attempt counts.
pub(crate) struct V1Writer(pub(crate) Actor);

/// Somebody who was recognised by a token of either version: for content.
pub(crate) struct Caller(pub(crate) Actor);

/// The same, who wants to change something: each attempt counts.
pub(crate) struct Writer(pub(crate) Actor);

/// Somebody who was recognised by an access token of v2: for accounts and all that guards them.
pub(crate) struct SessionCaller(pub(crate) SessionActor);

/// The same, who wants to change something: each attempt counts.
pub(crate) struct SessionWriter(pub(crate) SessionActor);

/// Somebody who logs out: by an access token or, in a browser where that is over, by a refresh token.
pub(crate) enum Leaver {
    Session(SessionActor),
    Cookie(String),
}

/// Somebody who was recognised by a token of v2 of any kind and wants to change something of an
/// account: each attempt counts.
pub(crate) struct AccountWriter(pub(crate) domain::Caller);

/// Anybody; somebody who shows a token is recognised by it as an [`AccountWriter`] is.
pub(crate) struct Anybody(pub(crate) Option<Actor>);

impl FromRequestParts<App> for V1Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = bearer_token(&parts.headers)?;
        Ok(Self(app.domain.authenticate_v1(token).await?))
    }
}

impl FromRequestParts<App> for V1Writer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let V1Caller(actor) = V1Caller::from_request_parts(parts, app).await?;
        app.domain.count_write(&actor)?;
        Ok(Self(actor))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(recognise(parts, app).await?.actor))
    }
}

impl FromRequestParts<App> for Writer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let Caller(actor) = Caller::from_request_parts(parts, app).await?;
        app.domain.count_write(&actor)?;
        Ok(Self(actor))
    }
}

impl FromRequestParts<App> for SessionCaller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let domain::Caller { actor, credential } = recognise(parts, app).await?;
        match credential {
            Credential::Session(session) => Ok(Self(SessionActor { actor, session })),
            Credential::V1Token => Err(failure(AuthFailure::InvalidToken)),
            Credential::Personal(_) => Err(scope_failure(None)),
        }
    }
}

impl FromRequestParts<App> for SessionWriter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let SessionCaller(caller) = SessionCaller::from_request_parts(parts, app).await?;
        app.domain.count_write(&caller.actor)?;
        Ok(Self(caller))
    }
}

/// The refresh token of a browser, if it has sent one, and what page it came from.
pub(crate) struct RefreshCookie {
    pub(crate) token: Option<String>,
    pub(crate) page: OwnPage,
}

impl FromRequestParts<App> for RefreshCookie {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = app.cookies.refresh_token(&parts.headers).map(str::to_owned);
        let page = OwnPage::from_request_parts(parts, app).await?;
        Ok(Self { token, page })
    }
}

impl FromRequestParts<App> for Leaver {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let by_cookie = !parts.headers.contains_key(AUTHORIZATION);
        let refresh = app.cookies.refresh_token(&parts.headers).map(str::to_owned);
        match (SessionCaller::from_request_parts(parts, app).await, refresh) {
            (Ok(SessionCaller(caller)), _) => Ok(Self::Session(caller)),
            (Err(Error::Domain(domain::Error::Unauthenticated(_))), Some(token)) if by_cookie => {
                demand_own_page(parts, app)?;
                Ok(Self::Cookie(token))
            }
            (Err(error), _) => Err(error),
        }
    }
}

impl FromRequestParts<App> for AccountWriter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = recognise_v2(parts, app).await?;
        app.domain.count_write(&caller.actor)?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<App> for Anybody {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let headers = &parts.headers;
        if !headers.contains_key(AUTHORIZATION) && app.cookies.access_token(headers).is_none() {
            return Ok(Self(None));
        }
        Ok(Self(Some(recognise_v2(parts, app).await?.actor)))
    }
}

/// Anybody; somebody who shows a token of either version is recognised by it.
pub(crate) struct MaybeCaller(pub(crate) Option<Actor>);

impl FromRequestParts<App> for MaybeCaller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let headers = &parts.headers;
        if !headers.contains_key(AUTHORIZATION) && app.cookies.access_token(headers).is_none() {
            return Ok(Self(None));
        }
        Ok(Self(Some(recognise(parts, app).await?.actor)))
    }
}

/// Recognises the caller by a token of either version. A personal access token must have the scope
/// that opens the route.
///
/// A browser's cookie speaks for its session where there is no such header.
async fn recognise(parts: &Parts, app: &App) -> Result<domain::Caller> {
    // Every request passes the layer that finds the address.
    let address = parts.extensions.get().ok_or(Error::Panic)?;
    if !parts.headers.contains_key(AUTHORIZATION)
        && let Some(token) = app.cookies.access_token(&parts.headers)
    {
        demand_own_page(parts, app)?;
        return Ok(app.domain.authenticate_session(token).await?);
    }
    let token = bearer_token(&parts.headers)?;
    let caller = app.domain.authenticate(token, address).await?;
    if let Credential::Personal(scopes) = caller.credential {
        let path = parts.extensions.get::<MatchedPath>();
        let needed = path.and_then(|path| scope_of(&parts.method, path.as_str()));
        if !needed.is_some_and(|scope| scopes.contains(scope)) {
            return Err(scope_failure(needed));
        }
    }
    Ok(caller)
}

/// The same, where no token of v1 is taken.
async fn recognise_v2(parts: &Parts, app: &App) -> Result<domain::Caller> {
    let caller = recognise(parts, app).await?;
    match caller.credential {
        Credential::V1Token => Err(failure(AuthFailure::InvalidToken)),
        Credential::Session(_) | Credential::Personal(_) => Ok(caller),
    }
}

/// Refuses a write that a page of somebody else may have made a browser send.
fn demand_own_page(parts: &Parts, app: &App) -> Result<()> {
    if is_idempotent(&parts.method) {
        return Ok(());
    }
    OwnPage::of(&parts.headers, &app.settings.public_url).demand()?;
    refuse_forms(&parts.headers)
}

const fn scope_failure(needed: Option<Scope>) -> Error {
    Error::Domain(domain::Error::Forbidden(Denial::Scope(needed)))
}

const fn failure(failure: AuthFailure) -> Error {
    Error::Domain(domain::Error::Unauthenticated(failure))
}

/// The token of a request: after `Bearer` in any case and one blank (RFC 6750, section 2.1), or
/// bare, as the seed takes it.
fn bearer_token(headers: &HeaderMap) -> Result<&str> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = lines
        .next()
        .ok_or_else(|| failure(AuthFailure::MissingToken))?;
    let text = line
        .to_str()
        .map_err(|_| failure(AuthFailure::InvalidToken))?;
    if lines.next().is_some() {
        return Err(failure(AuthFailure::InvalidToken));
    }
    if text.is_empty() {
        return Err(failure(AuthFailure::MissingToken));
    }
    match text.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => Ok(token),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AUTHORIZATION, line.parse().unwrap());
        }
        bearer_token(&headers).ok().map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_taken_in_any_case_or_left_out() {
        for line in ["Bearer T", "bearer T", "BEARER T", "T"] {
            assert_eq!(token(&[line]).as_deref(), Some("T"), "{line}");
        }
    }

    #[test]
    fn other_forms_hold_no_token_that_could_verify() {
        assert_eq!(token(&[]), None);
        assert_eq!(token(&[""]), None);
        assert_eq!(token(&["Bearer T", "Bearer T"]), None);
        for (line, rest) in [
            ("Bearer  T", " T"),
            ("Bearer\tT", "Bearer\tT"),
            ("Basic T", "Basic T"),
        ] {
            assert_eq!(token(&[line]).as_deref(), Some(rest));
        }
    }
}
