//! Writing posts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use domain::Actor;
use model::{Post, PostId, PostPatch, PostState, PostStatus, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Problem;
use super::once::Once;
use super::post_body::{PostIn, PostPatchIn, new_post, post_patch};
use super::post_wire::PostOut;
use super::posts::{PATH, post_body};
use super::wire::{created, resource};
use crate::api::Id;
use crate::app::App;
use crate::auth::Writer;
use crate::body::RawBody;
use crate::conditional::{IfMatch, or_current_tag};
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

/// Writes a post of the caller's; published at once unless `status` says otherwise.
#[utoipa::path(post, path = "/api/v2/posts", tag = "posts", request_body = PostIn,
    params(("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 201, body = PostOut,
            headers(("Location" = String, description = "Its path"),
                ("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn create_post(
    State(app): State<App>,
    Writer(actor): Writer,
    once: Once,
    body: RawBody,
) -> Result<Response> {
    app.domain.may_write_posts(&actor)?;
    let make = async |key| {
        let new = new_post(body.exact_fields()?)?;
        let post = app.domain.create_post(&actor, &new, key).await?;
        Ok(created_post(&app, &post))
    };
    let again = async |id: Option<i64>| {
        let id = PostId(id.unwrap_or_default());
        let post = app.domain.visible_post(Some(&actor), id).await?;
        Ok(created_post(&app, &post))
    };
    once.of(&app, &actor, &body).answer(make, again).await
}

fn created_post(app: &App, post: &Post) -> Response {
    let path = format!("{PATH}/{}", post.id);
    let now = app.domain.clock().now();
    created(&path, post.version, &PostOut::of(post, now))
}

/// Changes the fields of a post that are named. For its author, editors and admins.
#[utoipa::path(patch, path = "/api/v2/posts/{id}", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((PostPatchIn = "application/json"), (PostPatchIn = "application/merge-patch+json"))),
     security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn patch_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let patch = post_patch(body.patch_fields()?)?;
    update(&app, &actor, id, &if_match, &patch).await
}

/// Does what PATCH does, as the seed's PUT did, and never makes a post.
#[utoipa::path(put, path = "/api/v2/posts/{id}", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((PostPatchIn = "application/json"), (PostPatchIn = "application/merge-patch+json"))),
     security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn put_post(
    app: State<App>,
    id: Id<PostId>,
    writer: Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    patch_post(app, id, writer, if_match, body).await
}

/// Publishes a post, or schedules it. For its author, editors and admins.
#[utoipa::path(post, path = "/api/v2/posts/{id}/publish", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content = Option<PublishIn>, description = "May be left out"), security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn publish_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let mut patch = state_patch(PostStatus::Published);
    if !body.bytes().is_empty() {
        let mut fields = body.exact_fields()?;
        let read = nullable(text(Timestamp::parse_rfc3339));
        patch.published_at = fields.take("published_at", read).filter(Option::is_some);
        fields.finish_strictly()?;
    }
    update(&app, &actor, id, &if_match, &patch).await
}

/// Makes a draft of a post again; it keeps its date. For its author, editors and admins.
#[utoipa::path(post, path = "/api/v2/posts/{id}/unpublish", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn unpublish_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    update(&app, &actor, id, &if_match, &state_patch(PostStatus::Draft)).await
}

/// Puts a post aside: only those who may edit it see it. For its author, editors and admins.
#[utoipa::path(post, path = "/api/v2/posts/{id}/archive", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn archive_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    update(
        &app,
        &actor,
        id,
        &if_match,
        &state_patch(PostStatus::Archived),
    )
    .await
}

fn state_patch(status: PostStatus) -> PostPatch {
    PostPatch {
        status: Some(PostState::Stored(status)),
        ..PostPatch::default()
    }
}

async fn update(
    app: &App,
    actor: &Actor,
    id: PostId,
    if_match: &IfMatch,
    patch: &PostPatch,
) -> Result<Response> {
    let update = async {
        let before = app.domain.editable_post(actor, id).await?;
        let version = if_match.demanded(before.version)?;
        Ok(app.domain.update_post(actor, id, patch, version).await?)
    };
    let post = or_current_tag(update.await, current(app, actor, id)).await?;
    let now = app.domain.clock().now();
    Ok(resource(
        StatusCode::OK,
        post.version,
        &PostOut::of(&post, now),
    ))
}

/// The version of a post, and its tag.
pub(super) async fn current(app: &App, actor: &Actor, id: PostId) -> Result<(i64, Bytes)> {
    let post = app.domain.visible_post(Some(actor), id).await?;
    let now = app.domain.clock().now();
    Ok((post.version, post_body(&post, now).tag))
}
