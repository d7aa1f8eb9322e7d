//! What posts were.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{Change, ChangeKind};
use model::{PostId, Revision};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::once::Once;
use super::page::{Listing, NEWEST, PageQuery};
use super::parameters::{filter, refuse_unknown};
use super::post_wire::PostOut;
use super::post_writes::{current, shown_again, shown_post};
use super::shape::{Names, Shape};
use super::wire::{PRIVATE, V2Time, list_body, shown};
use crate::api::{Id, IdAndNumber};
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::conditional::{IfMatch, or_current_tag};
use crate::error::Result;
use crate::query::Query;

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<RevisionOut<'_>>(&[]));
static NAMES_IN_LISTS: LazyLock<Names> =
    LazyLock::new(|| Names::of::<RevisionOut<'_>>(&[]).without("content"));
static LIST: Listing = Listing::plain(&NEWEST, &NAMES_IN_LISTS).counted();

/// A saved version of a post's title and source.
#[derive(Serialize, ToSchema)]
#[schema(as = Revision)]
pub(super) struct RevisionOut<'a> {
    /// Its number in its post, from 1 up.
    n: i64,
    #[schema(example = "My Post")]
    title: &'a str,
    /// Who saved it; null once the account is gone.
    #[schema(required)]
    user_id: Option<i64>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    word_count: i64,
    /// `created`, `updated`, `published` or `restored`.
    #[schema(example = "updated")]
    change: &'static str,
    /// The source; only when one revision is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "# Hello")]
    content: Option<&'a str>,
}

/// A page of revisions.
#[derive(Serialize, ToSchema)]
pub(super) struct Revisions<'a> {
    revisions: Vec<RevisionOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// How many there are on all pages; only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
}

/// What has changed from one revision to another, word by word.
#[derive(Serialize, ToSchema)]
pub(super) struct RevisionDiff<'a> {
    /// The new one.
    n: i64,
    /// The old one; 0 stands for an empty text.
    against: i64,
    title: Vec<ChangeOut<'a>>,
    content: Vec<ChangeOut<'a>>,
}

/// A run of words.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
struct ChangeOut<'a> {
    /// `equal`: both have it; `insert`: the new one alone; `delete`: the old one alone.
    #[schema(example = "insert")]
    op: &'static str,
    #[schema(example = "Hello")]
    text: &'a str,
}

impl<'a> From<&'a Revision> for RevisionOut<'a> {
    fn from(revision: &'a Revision) -> Self {
        Self {
            n: revision.n,
            title: &revision.title,
            user_id: revision.user_id.map(|id| id.0),
            created_at: V2Time(revision.created_at),
            word_count: revision.word_count,
            change: revision.change.as_str(),
            content: None,
        }
    }
}

impl<'a> RevisionDiff<'a> {
    fn of(n: i64, against: i64, diff: &'a domain::RevisionDiff) -> Self {
        Self {
            n,
            against,
            title: diff.title.iter().map(ChangeOut::from).collect(),
            content: diff.content.iter().map(ChangeOut::from).collect(),
        }
    }
}

impl<'a> From<&'a Change> for ChangeOut<'a> {
    fn from(change: &'a Change) -> Self {
        let op = match change.kind {
            ChangeKind::Equal => "equal",
            ChangeKind::Insert => "insert",
            ChangeKind::Delete => "delete",
        };
        let text = &change.text;
        Self { op, text }
    }
}

/// The saved versions of a post, the newest first. For those who may edit it.
#[utoipa::path(get, path = "/api/v2/posts/{id}/revisions", tag = "posts",
    params(("id" = i64, Path),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `n,created_at`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = Revisions,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list_revisions(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let path = format!("/api/v2/posts/{id}/revisions");
    let page = PageQuery::read(&path, &query, &LIST)?;
    let begin = page.begin();
    let revisions = app.domain.revisions(&actor, id, &begin, page.limit).await?;
    let next_cursor = page.next_cursor(&revisions);
    let list = Revisions {
        revisions: revisions.rows.iter().map(RevisionOut::from).collect(),
        next_cursor: next_cursor.as_deref(),
        total: page.count(app.domain.count_revisions(&actor, id)).await?,
    };
    let body = page.body(&list, next_cursor.as_deref());
    Ok(shown(&headers, body, PRIVATE))
}

/// One saved version of a post, with its source. For those who may edit it.
#[utoipa::path(get, path = "/api/v2/posts/{id}/revisions/{n}", tag = "posts",
    params(("id" = i64, Path), ("n" = i64, Path),
        ("fields" = Option<String>, Query, description = "Only these fields, such as `n,content`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = RevisionOut, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_revision(
    State(app): State<App>,
    IdAndNumber(id, n): IdAndNumber<PostId>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let revision = app.domain.revision(&actor, id, n).await?;
    let shape = Shape::alone(&query, &NAMES)?;
    let content = Some(revision.content.as_str());
    let body = list_body(&RevisionOut {
        content,
        ..RevisionOut::from(&revision)
    });
    Ok(shown(&headers, shape.of_resource(body), PRIVATE))
}

/// What has changed in a saved version of a post since another one. For those who may edit it.
#[utoipa::path(get, path = "/api/v2/posts/{id}/revisions/{n}/diff", tag = "posts",
    params(("id" = i64, Path), ("n" = i64, Path),
        ("against" = Option<i64>, Query, description = "The other one; the one before it if left out, of the first the empty text, which is 0"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = RevisionDiff, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn diff_revisions(
    State(app): State<App>,
    IdAndNumber(id, n): IdAndNumber<PostId>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    app.domain.revision(&actor, id, n).await?;
    refuse_unknown(&query, &["against"])?;
    let must = "must be the number of a revision";
    let against = filter(&query, "against", |text| text.parse().ok(), must)?;
    let against = against.unwrap_or(n - 1);
    let diff = app.domain.revision_diff(&actor, id, n, against).await?;
    let body = list_body(&RevisionDiff::of(n, against, &diff));
    Ok(shown(&headers, body, PRIVATE))
}

/// Brings back the title and the source of a saved version, which makes a new one. For those who may
/// edit the post.
#[utoipa::path(post, path = "/api/v2/posts/{id}/revisions/{n}/restore", tag = "posts",
    params(("id" = i64, Path), ("n" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn restore_revision(
    State(app): State<App>,
    IdAndNumber(id, n): IdAndNumber<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    app.domain.revision(&actor, id, n).await?;
    let restore = async |key| {
        let restore = async {
            let before = app.domain.editable_post(&actor, id).await?;
            let terms = if_match.terms(before.version, key);
            Ok(app.domain.restore_revision(&actor, id, n, terms).await?)
        };
        let post = or_current_tag(restore.await, current(&app, &actor, id)).await?;
        Ok(shown_post(&app, &post))
    };
    let again = |_| shown_again(&app, &actor, id);
    once.of(&app, &actor, b"").answer(restore, again).await
}
