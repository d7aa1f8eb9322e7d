//! Deciding who sees a comment.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::Actor;
use model::{Comment, CommentId, CommentStatus};

use super::Problem;
use super::comments::{CommentOut, Comments, NAMES, current, page_body};
use super::once::Once;
use super::page::{Listing, OLDEST, PageQuery};
use super::parameters::filter;
use super::wire::{PRIVATE, resource, shown};
use crate::api::Id;
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::conditional::{IfMatch, or_current_tag};
use crate::error::Result;
use crate::query::Query;

static LIST: Listing = Listing::plain(&OLDEST, &NAMES)
    .counted()
    .filtered(&["status"]);

const PATH: &str = "/api/v2/comments";

/// The comments that the caller may moderate, oldest first: those below the caller's own posts, and
/// for editors and admins all.
#[utoipa::path(get, path = "/api/v2/comments", tag = "comments", security(("bearer" = [])),
    params(("status" = Option<String>, Query, description = "pending (if left out), approved, spam or rejected"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,html,author.username`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Comments,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 401, body = Problem)))]
pub(super) async fn list_comments(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read(PATH, &query, &LIST)?;
    let must = "must be approved, pending, spam or rejected";
    let status = filter(&query, "status", |text| text.parse().ok(), must)?;
    let status = status.unwrap_or(CommentStatus::Pending);
    let after = wanted.begin();
    let page = app
        .domain
        .moderated_comments(&actor, status, &after, wanted.limit);
    let page = page.await?;
    let count = app.domain.count_moderated_comments(&actor, status);
    let body = page_body(&wanted, &page, wanted.count(count).await?);
    Ok(shown(&headers, body, PRIVATE))
}

/// Lets everybody see a comment. For the author of the post, editors and admins.
#[utoipa::path(post, path = "/api/v2/comments/{id}/approve", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn approve_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    let decision = (CommentStatus::Approved, &if_match);
    moderate(&app, &actor, id, decision, once).await
}

/// Hides a comment as an advertisement or worse. For the author of the post, editors and admins.
#[utoipa::path(post, path = "/api/v2/comments/{id}/spam", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn spam_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    let decision = (CommentStatus::Spam, &if_match);
    moderate(&app, &actor, id, decision, once).await
}

/// Hides a comment that is not wanted here. For the author of the post, editors and admins.
#[utoipa::path(post, path = "/api/v2/comments/{id}/reject", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn reject_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    let decision = (CommentStatus::Rejected, &if_match);
    moderate(&app, &actor, id, decision, once).await
}

async fn moderate(
    app: &App,
    actor: &Actor,
    id: CommentId,
    (status, if_match): (CommentStatus, &IfMatch),
    once: Once,
) -> Result<Response> {
    let before = app.domain.moderatable_comment(actor, id).await?;
    let moderate = async |key| {
        let moderate = async {
            let terms = if_match.terms(before.version, key);
            let moderated = app.domain.moderate_comment(actor, id, status, terms);
            Ok(moderated.await?)
        };
        let comment = or_current_tag(moderate.await, current(app, actor, id)).await?;
        Ok(shown_comment(&comment))
    };
    let again = async |_| Ok(shown_comment(&app.domain.comment(Some(actor), id).await?));
    once.of(app, actor, b"").answer(moderate, again).await
}

fn shown_comment(comment: &Comment) -> Response {
    let shown = CommentOut::from(comment);
    resource(StatusCode::OK, comment.version, &shown)
}
