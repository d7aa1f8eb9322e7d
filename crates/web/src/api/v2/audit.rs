//! The audit log: all of it for admins, one's own for everybody.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::{AuditEvent, AuditFilter, AuditTrace, Page, Timestamp, UserId};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Problem;
use super::page::{Listing, NEWEST, PageQuery};
use super::parameters::filter;
use super::shape::Names;
use super::wire::{PRIVATE, V2Time, shown};
use crate::app::App;
use crate::auth::SessionCaller;
use crate::error::Result;
use crate::query::Query;

const EVENTS: &str = "/api/v2/audit";
const ACTIVITY: &str = "/api/v2/me/activity";
static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<EventOut<'_>>(&[]));
static EVENT_LIST: Listing =
    Listing::plain(&NEWEST, &NAMES).filtered(&["user_id", "kind", "after", "before"]);
static ACTIVITY_LIST: Listing = Listing::plain(&NEWEST, &NAMES);

/// Something that was done.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(super) struct EventOut<'a> {
    id: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    /// What it was.
    #[schema(example = "logged_in")]
    kind: &'a str,
    actor: ActorOut<'a>,
    /// Whose account it happened to.
    #[schema(required)]
    user_id: Option<i64>,
    #[schema(required)]
    subject: Option<SubjectOut<'a>>,
    /// What else is known: other names for other kinds.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    /// From which address, of IPv6 its first 64 bits; null once that is forgotten.
    #[schema(required, example = "192.0.2.1")]
    address: Option<&'a str>,
    /// What the program said of itself.
    #[schema(required)]
    user_agent: Option<&'a str>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub(super) struct ActorOut<'a> {
    /// `user`, `command_line`, `server` or `nobody`.
    #[serde(rename = "type")]
    #[schema(example = "user")]
    kind: &'a str,
    /// The user.
    #[schema(required)]
    id: Option<i64>,
}

/// What it happened to, beside the account.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditSubject)]
pub(super) struct SubjectOut<'a> {
    #[serde(rename = "type")]
    #[schema(example = "session")]
    kind: &'a str,
    #[schema(example = "0193e1a0-5b7c-7000-8000-000000000000")]
    id: &'a str,
}

/// A page of events.
#[derive(Serialize, ToSchema)]
pub(super) struct Events<'a> {
    events: Vec<EventOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

/// The audit log, newest first. For admins.
#[utoipa::path(get, path = "/api/v2/audit", tag = "audit", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `kind,created_at`"),
        ("user_id" = Option<i64>, Query, description = "Only what happened to this account, or what its owner did"),
        ("kind" = Option<String>, Query, description = "Only this kind"),
        ("after" = Option<String>, Query, description = "Only from this time on"),
        ("before" = Option<String>, Query, description = "Only what is older than this"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Events,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_events(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    app.domain.may_read_audit_log(&caller.actor)?;
    let wanted = PageQuery::read(EVENTS, &query, &EVENT_LIST)?;
    let filter = filter_of(&query)?;
    let before = wanted.begin();
    let page = app
        .domain
        .newest_audit_events(&caller.actor, &filter, &before, wanted.limit);
    Ok(answer(&headers, &wanted, &page.await?))
}

/// What happened to the caller's account and what the caller did, newest first.
#[utoipa::path(get, path = "/api/v2/me/activity", tag = "me", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `kind,created_at`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Events,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 401, body = Problem)))]
pub(super) async fn list_activity(
    State(app): State<App>,
    SessionCaller(caller): SessionCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read(ACTIVITY, &query, &ACTIVITY_LIST)?;
    let before = wanted.begin();
    let page = app
        .domain
        .newest_activity(&caller.actor, &before, wanted.limit);
    Ok(answer(&headers, &wanted, &page.await?))
}

fn filter_of(query: &Query) -> Result<AuditFilter> {
    let number = |text: &str| text.parse().ok().map(UserId);
    let time = |text: &str| Timestamp::parse_rfc3339(text).ok();
    let must = "must be a time such as 2026-11-23T19:00:00Z";
    Ok(AuditFilter {
        user_id: filter(query, "user_id", number, "must be an integer")?,
        kind: filter(
            query,
            "kind",
            |text| text.parse().ok(),
            "must be a kind of event",
        )?,
        after: filter(query, "after", time, must)?,
        before: filter(query, "before", time, must)?,
    })
}

fn answer(headers: &HeaderMap, wanted: &PageQuery, page: &Page<AuditTrace>) -> Response {
    let next = wanted.next_cursor(page);
    let events = Events {
        events: page.rows.iter().map(EventOut::from).collect(),
        next_cursor: next.as_deref(),
    };
    let body = wanted.body(&events, next.as_deref());
    shown(headers, body, PRIVATE)
}

impl<'a> From<&'a AuditTrace> for EventOut<'a> {
    fn from(AuditTrace { event, client }: &'a AuditTrace) -> Self {
        let AuditEvent { kind, details, .. } = event;
        let subject = event.subject.as_deref().zip(event.subject_id.as_deref());
        Self {
            id: event.id,
            created_at: V2Time(event.at),
            kind,
            actor: ActorOut {
                kind: &event.actor,
                id: event.actor_id,
            },
            user_id: event.user_id,
            subject: subject.map(|(kind, id)| SubjectOut { kind, id }),
            // What somebody has written there behind our back is not repeated.
            details: serde_json::from_str(details).unwrap_or_default(),
            address: client.as_ref().map(|client| client.address.as_str()),
            user_agent: client.as_ref().map(|client| client.user_agent.as_str()),
        }
    }
}
