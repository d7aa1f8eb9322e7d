//! Deciding who sees a comment.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::Actor;
use model::{CommentId, CommentStatus};

use super::Problem;
use super::comments::{CommentOut, Comments, current, page_body};
use super::page::{Listing, OLDEST, PageQuery, filter};
use super::wire::{PRIVATE, resource, shown};
use crate::api::Id;
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::conditional::{IfMatch, or_current_tag};
use crate::error::Result;
use crate::query::Query;

static LIST: Listing = Listing::plain(&OLDEST, &["status"]);

const PATH: &str = "/api/v2/comments";

/// The comments that the caller may moderate, oldest first: those below the caller's own posts, and
/// for editors and admins all.
#[utoipa::path(get, path = "/api/v2/comments", tag = "comments", security(("bearer" = [])),
    params(("status" = Option<String>, Query, description = "pending (if left out), approved, spam or rejected"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
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
    Ok(shown(&headers, page_body(&wanted, &page.await?), PRIVATE))
}

/// Lets everybody see a comment. For the author of the post, editors and admins.
#[utoipa::path(post, path = "/api/v2/comments/{id}/approve", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn approve_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    moderate(&app, &actor, id, CommentStatus::Approved, &if_match).await
}

/// Hides a comment as an advertisement or worse. For the author of the post, editors and admins.
#[utoipa::path(post, path = "/api/v2/comments/{id}/spam", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn spam_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    moderate(&app, &actor, id, CommentStatus::Spam, &if_match).await
}

/// Hides a comment that is not wanted here. For the author of the post, editors and admins.
#[utoipa::path(post, path = "/api/v2/comments/{id}/reject", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn reject_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    moderate(&app, &actor, id, CommentStatus::Rejected, &if_match).await
}

async fn moderate(
    app: &App,
    actor: &Actor,
    id: CommentId,
    status: CommentStatus,
    if_match: &IfMatch,
) -> Result<Response> {
    let before = app.domain.moderatable_comment(actor, id).await?;
    let moderate = async {
        let version = if_match.demanded(before.version)?;
        let moderated = app.domain.moderate_comment(actor, id, status, version);
        Ok(moderated.await?)
    };
    let comment = or_current_tag(moderate.await, current(app, actor, id)).await?;
    let shown = CommentOut::from(&comment);
    Ok(resource(StatusCode::OK, comment.version, &shown))
}
