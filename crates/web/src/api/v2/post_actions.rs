//! Changing the state of posts.

use axum::extract::State;
use axum::response::Response;
use domain::Actor;
use model::{PostId, PostPatch, PostState, PostStatus, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Problem;
use super::once::Once;
use super::post_wire::PostOut;
use super::post_writes::{shown_again, update};
use crate::api::Id;
use crate::app::App;
use crate::auth::Writer;
use crate::body::RawBody;
use crate::conditional::IfMatch;
use crate::error::Result;
use crate::fields::{nullable, text};

/// When to publish.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PublishIn {
    /// A time ahead schedules; left out, the post keeps the date that it had, or is published now.
    #[schema(format = DateTime, example = "2026-11-23T19:00:00Z")]
    published_at: Option<String>,
}

/// Publishes a post, or schedules it. For its author, editors and admins.
#[utoipa::path(post, path = "/api/v2/posts/{id}/publish", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    request_body(content = Option<PublishIn>, description = "May be left out"), security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn publish_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    (if_match, once): (IfMatch, Once),
    body: RawBody,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let publish = async |key| {
        let patch = publication(&body)?;
        update(&app, &actor, id, &patch, (&if_match, key)).await
    };
    let again = |_| shown_again(&app, &actor, id);
    let attempt = once.of(&app, &actor, body.bytes());
    attempt.answer(publish, again).await
}

/// Makes a draft of a post again; it keeps its date. For its author, editors and admins.
#[utoipa::path(post, path = "/api/v2/posts/{id}/unpublish", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn unpublish_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    let wish = (PostStatus::Draft, &if_match);
    bring(&app, &actor, id, wish, once).await
}

/// Puts a post aside: only those who may edit it see it. For its author, editors and admins.
#[utoipa::path(post, path = "/api/v2/posts/{id}/archive", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn archive_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    let wish = (PostStatus::Archived, &if_match);
    bring(&app, &actor, id, wish, once).await
}

/// What publishing changes.
fn publication(body: &RawBody) -> Result<PostPatch> {
    let mut patch = state_patch(PostStatus::Published);
    if !body.bytes().is_empty() {
        let mut fields = body.exact_fields()?;
        let read = nullable(text(Timestamp::parse_rfc3339));
        patch.published_at = fields.take("published_at", read).filter(Option::is_some);
        fields.finish_strictly()?;
    }
    Ok(patch)
}

/// Brings a post into a state that needs no body to be asked for.
async fn bring(
    app: &App,
    actor: &Actor,
    id: PostId,
    (status, if_match): (PostStatus, &IfMatch),
    once: Once,
) -> Result<Response> {
    app.domain.editable_post(actor, id).await?;
    let patch = state_patch(status);
    let change = |key| update(app, actor, id, &patch, (if_match, key));
    let again = |_| shown_again(app, actor, id);
    once.of(app, actor, b"").answer(change, again).await
}

fn state_patch(status: PostStatus) -> PostPatch {
    PostPatch {
        status: Some(PostState::Stored(status)),
        ..PostPatch::default()
    }
}
