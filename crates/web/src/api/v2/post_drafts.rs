//! Pending edits of posts.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use domain::{Actor, Body};
use model::{Invalid, NewIdempotencyKey, PostDraft, PostId};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Problem;
use super::account::no_content;
use super::once::Once;
use super::parameters::refuse_unknown;
use super::post_body::{PostPatchIn, post_patch};
use super::post_wire::PostOut;
use super::post_writes::{current, shown_again, shown_post};
use super::wire::{PRIVATE, V2Time, shown, tagged};
use crate::api::Id;
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::body::RawBody;
use crate::conditional::{IfMatch, NEVER, or_current_tag};
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::query::Query;

/// A pending edit of a post: what readers see has not changed.
#[derive(Serialize, ToSchema)]
#[schema(as = PostDraft)]
pub(super) struct PostDraftOut<'a> {
    post_id: i64,
    /// Who saved it last; null once the account is gone.
    #[schema(required)]
    user_id: Option<i64>,
    /// The version of the post that the edit began with: if the post has another by now, somebody has
    /// changed it meanwhile.
    base_version: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    updated_at: V2Time,
    /// How often it was saved, from 1 up.
    version: i64,
    /// What it would change, as PATCH of the post takes it.
    #[schema(value_type = PostPatchIn)]
    changes: &'a RawValue,
}

fn draft_body(draft: &PostDraft) -> Body {
    // It was JSON when it was saved.
    let changes = serde_json::from_str(&draft.changes).unwrap_or(RawValue::NULL);
    let out = PostDraftOut {
        post_id: draft.post_id.0,
        user_id: draft.user_id.map(|id| id.0),
        base_version: draft.base_version,
        updated_at: V2Time(draft.updated_at),
        version: draft.version,
        changes,
    };
    // The writer of other bodies knows no JSON that is written already.
    let bytes = serde_json::to_vec(&out).unwrap_or_default();
    tagged(draft.version, bytes)
}

/// The pending edit of a post. For those who may edit it.
#[utoipa::path(get, path = "/api/v2/posts/{id}/draft", tag = "posts",
    params(("id" = i64, Path), ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = PostDraftOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_draft(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let draft = app.domain.post_draft(&actor, id).await?;
    refuse_unknown(&query, &[])?;
    Ok(shown(&headers, draft_body(&draft), PRIVATE))
}

/// Saves a pending edit of a post in the place of the one that there was: any field that PATCH of the
/// post takes, but `status` and `published_at`. Readers see none of it. For those who may edit the
/// post.
#[utoipa::path(put, path = "/api/v2/posts/{id}/draft", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((PostPatchIn = "application/json"), (PostPatchIn = "application/merge-patch+json"))),
    security(("bearer" = [])),
    responses((status = 200, body = PostDraftOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn put_draft(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let changes = pending_changes(body.patch_fields()?)?;
    let save = async {
        let before = app.domain.post_draft(&actor, id).await;
        let version = if_match.demanded(before.map_or(NEVER, |draft| draft.version));
        let saved = app.domain.save_post_draft(&actor, id, &changes, version);
        Ok(saved.await?)
    };
    let draft = or_current_tag(save.await, current_draft(&app, &actor, id)).await?;
    Ok(shown(&HeaderMap::new(), draft_body(&draft), PRIVATE))
}

/// What a pending edit changes, as it is stored: all but the state of the post.
fn pending_changes(fields: Fields) -> Result<String> {
    let changes = fields.json();
    let patch = post_patch(fields)?;
    let pending = [
        ("published_at", patch.published_at.is_some()),
        ("status", patch.status.is_some()),
    ];
    let named = pending.into_iter().filter(|(_, named)| *named);
    let must = "cannot be pending: set it when you publish";
    let wrong: Vec<_> = named
        .map(|(field, _)| Invalid::new(must).of(field))
        .collect();
    if wrong.is_empty() {
        Ok(changes)
    } else {
        Err(Error::Domain(domain::Error::Invalid(wrong)))
    }
}

/// Throws the pending edit of a post away. For those who may edit it.
#[utoipa::path(delete, path = "/api/v2/posts/{id}/draft", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 204, description = "It is gone"), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn delete_draft(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    let delete = async {
        let before = app.domain.post_draft(&actor, id).await?;
        let version = if_match.demanded(before.version);
        Ok(app.domain.delete_post_draft(&actor, id, version).await?)
    };
    or_current_tag(delete.await, current_draft(&app, &actor, id)).await?;
    Ok(no_content())
}

/// The version of a pending edit, and its tag.
async fn current_draft(app: &App, actor: &Actor, id: PostId) -> Result<(i64, Bytes)> {
    let draft = app.domain.post_draft(actor, id).await?;
    Ok((draft.version, draft_body(&draft).tag))
}

/// Makes of the post what its pending edit says. For those who may edit it.
#[utoipa::path(post, path = "/api/v2/posts/{id}/draft/publish", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn publish_draft(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let publish = |key| publish_pending(&app, &actor, id, (&if_match, key));
    let again = |_| shown_again(&app, &actor, id);
    once.of(&app, &actor, b"").answer(publish, again).await
}

async fn publish_pending(
    app: &App,
    actor: &Actor,
    id: PostId,
    (if_match, key): (&IfMatch, Option<NewIdempotencyKey>),
) -> Result<Response> {
    let draft = app.domain.post_draft(actor, id).await?;
    let patch = post_patch(Fields::parse(draft.changes.as_bytes())?)?;
    let publish = async {
        let before = app.domain.editable_post(actor, id).await?;
        let terms = if_match.terms(before.version, key);
        let published = app.domain.publish_post_draft(actor, &draft, &patch, terms);
        Ok(published.await?)
    };
    let post = or_current_tag(publish.await, current(app, actor, id)).await?;
    Ok(shown_post(app, &post))
}
