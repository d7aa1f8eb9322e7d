//! The caller's sessions.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::{Session, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::account::no_content;
use super::page::{Listing, NEWEST, PageQuery};
use super::shape::Names;
use super::wire::{PRIVATE, V2Time, shown};
use crate::app::App;
use crate::auth::SessionCaller;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::query::Query;

const PATH: &str = "/api/v2/auth/sessions";

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<SessionOut<'_>>(&[]));
static LIST: Listing = Listing::plain(&NEWEST, &NAMES);

/// A session: one log-in that is alive.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionOut<'a> {
    #[schema(example = "0193e1a0-5b7c-7000-8000-000000000000")]
    id: String,
    /// v1, v2 or cookie.
    #[schema(example = "v2")]
    kind: &'static str,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    last_used_at: V2Time,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    expires_at: V2Time,
    /// What the program said of itself.
    #[schema(example = "Mozilla/5.0")]
    user_agent: &'a str,
    /// The address, of IPv6 its first 64 bits.
    #[schema(example = "192.0.2.1")]
    address: &'a str,
    /// Whether this request is of that session.
    current: bool,
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct Sessions<'a> {
    sessions: Vec<SessionOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

/// The caller's sessions, newest first.
#[utoipa::path(get, path = "/api/v2/auth/sessions", tag = "auth", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,last_used_at`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Sessions,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 401, body = Problem)))]
pub(super) async fn list_sessions(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read(PATH, &query, &LIST)?;
    let before = wanted.begin();
    let page = app
        .domain
        .newest_sessions(&caller.actor, &before, wanted.limit)
        .await?;
    let next = wanted.next_cursor(&page);
    let session = |row| SessionOut::new(row, caller.session);
    let sessions = Sessions {
        sessions: page.rows.iter().map(session).collect(),
        next_cursor: next.as_deref(),
    };
    let body = wanted.body(&sessions, next.as_deref());
    Ok(shown(&headers, body, PRIVATE))
}

/// Ends one of the caller's sessions.
#[utoipa::path(delete, path = "/api/v2/auth/sessions/{id}", tag = "auth", params(("id" = String, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn end_session(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    Path(id): Path<String>,
    Sender(client): Sender,
) -> Result<Response> {
    // What is no id is nobody's session.
    let id: SessionId = id.parse().map_err(|_| no_session())?;
    app.domain.end_session(&caller.actor, id, &client).await?;
    Ok(no_content())
}

fn no_session() -> Error {
    Error::Domain(domain::Error::NotFound(domain::Noun::Session))
}

impl<'a> SessionOut<'a> {
    pub(super) fn new(session: &'a Session, current: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            kind: session.kind.as_str(),
            created_at: V2Time(session.created_at),
            last_used_at: V2Time(session.last_used_at),
            expires_at: V2Time(session.expires_at),
            user_agent: &session.user_agent,
            address: &session.address,
            current: session.id == current,
        }
    }
}
