//! The caller's personal access tokens.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use domain::WantedToken;
use model::{Invalid, PersonalToken, PersonalTokenId, Scope, Scopes, Timestamp, TokenName};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Problem;
use super::account::{no_content, unstored};
use super::page::{Listing, NEWEST, PageQuery};
use super::shape::Names;
use super::wire::{PRIVATE, V2Time, shown};
use crate::app::App;
use crate::auth::{SessionCaller, SessionWriter};
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::fields::{nullable, text};
use crate::query::Query;

const PATH: &str = "/api/v2/auth/tokens";

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<TokenOut<'_>>(&[]));
static LIST: Listing = Listing::plain(&NEWEST, &NAMES);

/// A token to make.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct TokenIn {
    /// What it is for: 1 to 100 characters.
    #[schema(example = "backup script")]
    name: String,
    /// What it may do, none of which goes beyond your role.
    #[schema(example = json!(["posts:read", "todos:read"]))]
    scopes: Vec<String>,
    /// RFC 3339, at most 365 days ahead; 90 days if it is left out.
    #[schema(format = DateTime, example = "2027-01-01T00:00:00Z")]
    expires_at: Option<String>,
}

/// A personal access token.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonalToken)]
pub(super) struct TokenOut<'a> {
    #[schema(example = "0193e1a0-5b7c-7000-8000-000000000000")]
    id: String,
    #[schema(example = "backup script")]
    name: &'a str,
    #[schema(example = json!(["posts:read", "todos:read"]))]
    scopes: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    expires_at: V2Time,
    /// To the minute; null before the first use.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    last_used_at: Option<V2Time>,
}

/// A personal access token that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = NewPersonalToken)]
pub(super) struct NewTokenOut<'a> {
    #[serde(flatten)]
    made: TokenOut<'a>,
    /// To send as `Authorization: Bearer ...`. It is shown this once.
    #[schema(example = "ink_pat_...")]
    token: &'a str,
}

/// A page of personal access tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens<'a> {
    tokens: Vec<TokenOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

impl<'a> From<&'a PersonalToken> for TokenOut<'a> {
    fn from(token: &'a PersonalToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: &token.name,
            scopes: token.scopes.iter().map(Scope::as_str).collect(),
            created_at: V2Time(token.created_at),
            expires_at: V2Time(token.expires_at),
            last_used_at: token.last_used_at.map(V2Time),
        }
    }
}

fn scopes(value: &Value) -> std::result::Result<Scopes, Invalid> {
    let must = || {
        let all: Vec<_> = Scope::ALL.into_iter().map(Scope::as_str).collect();
        Invalid::new(format!("must be a list of some of: {}", all.join(", ")))
    };
    let words = value.as_array().ok_or_else(must)?.iter();
    let scope = |word: &Value| word.as_str().and_then(|word| word.parse().ok());
    let scopes: Option<Vec<Scope>> = words.map(scope).collect();
    Scopes::of(scopes.ok_or_else(must)?)
}

/// The caller's personal access tokens, newest first.
#[utoipa::path(get, path = "/api/v2/auth/tokens", tag = "auth", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,name`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Tokens,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_tokens(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read(PATH, &query, &LIST)?;
    let before = wanted.begin();
    let page = app
        .domain
        .newest_personal_tokens(&caller.actor, &before, wanted.limit)
        .await?;
    let next = wanted.next_cursor(&page);
    let tokens = Tokens {
        tokens: page.rows.iter().map(TokenOut::from).collect(),
        next_cursor: next.as_deref(),
    };
    let body = wanted.body(&tokens, next.as_deref());
    Ok(shown(&headers, body, PRIVATE))
}

/// Makes a personal access token: for a program that acts for the caller, with a few rights.
#[utoipa::path(post, path = "/api/v2/auth/tokens", tag = "auth", security(("bearer" = [])),
    request_body = TokenIn,
    responses((status = 201, body = NewTokenOut, headers(("Location" = String, description = "What to DELETE"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn create_token(
    State(app): State<App>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    let mut fields = body.exact_fields()?;
    let name = fields.require("name", text(TokenName::parse));
    let scopes = fields.require("scopes", scopes);
    let expires_at = fields.take("expires_at", nullable(text(Timestamp::parse_rfc3339)));
    fields.finish_strictly()?;
    let (name, scopes) = name.zip(scopes).ok_or(Error::NotAnObject)?;
    let expires_at = expires_at.flatten();
    let wanted = WantedToken {
        name,
        scopes,
        expires_at,
    };
    let made = app
        .domain
        .create_personal_token(&caller.actor, wanted, &client);
    let (made, token) = made.await?;
    Ok(created(&made, token.reveal()))
}

fn created(made: &PersonalToken, token: &str) -> Response {
    let path = HeaderValue::from_str(&format!("{PATH}/{}", made.id));
    let made = made.into();
    let mut response = unstored(StatusCode::CREATED, &NewTokenOut { made, token });
    let headers = response.headers_mut();
    headers.extend(path.map(|path| (LOCATION, path)));
    response
}

/// Takes a personal access token away, at once.
#[utoipa::path(delete, path = "/api/v2/auth/tokens/{id}", tag = "auth", params(("id" = String, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn delete_token(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    Sender(client): Sender,
    Path(id): Path<String>,
) -> Result<Response> {
    // What is no id is nobody's token.
    let nobody_s = || domain::Error::NotFound(domain::Noun::PersonalToken);
    let id: PersonalTokenId = id.parse().map_err(|_| nobody_s())?;
    app.domain
        .delete_personal_token(&caller.actor, id, &client)
        .await?;
    Ok(no_content())
}
