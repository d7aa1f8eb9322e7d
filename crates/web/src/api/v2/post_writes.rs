//! Writing posts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use domain::Actor;
use model::{NewIdempotencyKey, Post, PostId, PostPatch};

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
    once.of(&app, &actor, body.bytes())
        .answer(make, again)
        .await
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
    update(&app, &actor, id, &patch, (&if_match, None)).await
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

/// Changes a post and shows it.
pub(super) async fn update(
    app: &App,
    actor: &Actor,
    id: PostId,
    patch: &PostPatch,
    (if_match, key): (&IfMatch, Option<NewIdempotencyKey>),
) -> Result<Response> {
    let update = async {
        let before = app.domain.editable_post(actor, id).await?;
        let terms = if_match.terms(before.version, key);
        Ok(app.domain.update_post(actor, id, patch, terms).await?)
    };
    let post = or_current_tag(update.await, current(app, actor, id)).await?;
    Ok(shown_post(app, &post))
}

/// What a write answers with.
pub(super) fn shown_post(app: &App, post: &Post) -> Response {
    let shown = PostOut::of(post, app.domain.clock().now());
    resource(StatusCode::OK, post.version, &shown)
}

/// What a write answers with that was made already.
pub(super) async fn shown_again(app: &App, actor: &Actor, id: PostId) -> Result<Response> {
    let post = app.domain.visible_post(Some(actor), id).await?;
    Ok(shown_post(app, &post))
}

/// The version of a post, and its tag.
pub(super) async fn current(app: &App, actor: &Actor, id: PostId) -> Result<(i64, Bytes)> {
    let post = app.domain.visible_post(Some(actor), id).await?;
    let now = app.domain.clock().now();
    Ok((post.version, post_body(&post, now).tag))
}
