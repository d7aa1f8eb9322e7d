//! Posts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{Body, Form, Terms};
use model::{Content, NewPost, Post, PostId, PostPatch, Timestamp, Title};
use serde::Deserialize;
use utoipa::ToSchema;

use super::filters::{Bounds, OfUser};
use super::list::PostBatches;
use super::wire::{Json, Message, PostOut, Posts};
use super::{Failure, filters, writer};
use crate::api::Id;
use crate::api::batches;
use crate::app::App;
use crate::auth::V1Writer;
use crate::body::RawBody;
use crate::error::{Error, Result};
use crate::fields::{Fields, text};
use crate::json;
use crate::query::Query;

/// A post to write; other keys are ignored.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PostIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(example = "My Post")]
    title: String,
    /// Up to 1 MiB.
    #[schema(example = "Hello")]
    content: String,
}

/// What to change of a post; absent keys stay as they are.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PostPatchIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(nullable = false, example = "My Post")]
    title: Option<String>,
    /// Up to 1 MiB.
    #[schema(nullable = false, example = "Hello again")]
    content: Option<String>,
}

fn new_post(mut fields: Fields) -> Result<NewPost> {
    if !fields.has("title") || !fields.has("content") {
        return Err(Error::MissingKeys("Missing title or content"));
    }
    let title = fields.take("title", text(Title::parse));
    let content = fields.take("content", text(Content::parse));
    fields.finish()?;
    let (title, content) = title
        .zip(content)
        .ok_or(Error::MissingKeys("Missing title or content"))?;
    Ok(NewPost::of(title, content))
}

fn post_patch(mut fields: Fields) -> Result<PostPatch> {
    if !fields.is_object() {
        return Err(Error::NotAnObject);
    }
    let title = fields.take("title", text(Title::parse));
    let content = fields.take("content", text(Content::parse));
    fields.finish()?;
    Ok(PostPatch {
        title,
        content,
        ..PostPatch::default()
    })
}

fn written(post: &Post, _: Timestamp) -> Body {
    // Room for all of it at once: what grows is copied each time.
    let mut bytes = Vec::with_capacity(post.fields.title.len() + post.fields.content.len() + 256);
    writer::push(&mut bytes, &PostOut::from(post));
    bytes.push(b'\n');
    Body {
        bytes: bytes.into(),
        tag: Bytes::new(),
        link: Bytes::new(),
    }
}

/// All published posts, by id.
#[utoipa::path(get, path = "/api/v1/posts", tag = "posts",
    params(("user_id" = Option<i64>, Query, description = "Only those of this user"),
        ("limit" = Option<i64>, Query, description = "At most so many"),
        ("after" = Option<i64>, Query, description = "Only ids above this")),
    responses((status = 200, body = Posts), (status = 503, body = Failure)))]
pub(super) async fn list_posts(State(app): State<App>, query: Query) -> Result<Response> {
    let mut bounds = Bounds::of(&query);
    let of = match filters::of_user(&query) {
        OfUser::Everybody => None,
        OfUser::Only(user) => Some(user),
        OfUser::Nobody => {
            bounds.after = i64::MAX;
            None
        }
    };
    let rows = PostBatches::new(&app, of, bounds);
    batches::answer(&app, b"{\"posts\":[".to_vec(), rows, b"]}\n".to_vec()).await
}

/// One post.
#[utoipa::path(get, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = i64, Path)),
    responses((status = 200, body = PostOut), (status = 404, body = Failure)))]
pub(super) async fn get_post(State(app): State<App>, Id(id): Id<PostId>) -> Result<Response> {
    let body = app.domain.show_post(None, id, Form::V1, written).await?;
    Ok(json::answer(StatusCode::OK, json::JSON, body.bytes))
}

/// Publishes a post of the caller's.
#[utoipa::path(post, path = "/api/v1/posts", tag = "posts", request_body = PostIn,
    security(("bearer" = [])),
    responses((status = 201, body = PostOut), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 413, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn create_post(
    State(app): State<App>,
    V1Writer(actor): V1Writer,
    body: RawBody,
) -> Result<Response> {
    app.domain.may_write_posts(&actor)?;
    let new = new_post(body.fields()?)?;
    let post = app.domain.create_post(&actor, &new, None).await?;
    Ok(Json(StatusCode::CREATED, PostOut::from(&post)).into_response())
}

/// Changes a post. For its author, editors and admins.
#[utoipa::path(put, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = i64, Path)),
    request_body = PostPatchIn, security(("bearer" = [])),
    responses((status = 200, body = PostOut), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 404, body = Failure), (status = 413, body = Failure)))]
pub(super) async fn update_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    V1Writer(actor): V1Writer,
    body: RawBody,
) -> Result<Response> {
    app.domain.listed_post(id).await?;
    app.domain.editable_post(&actor, id).await?;
    let patch = post_patch(body.fields()?)?;
    let post = app
        .domain
        .update_post(&actor, id, &patch, Terms::default())
        .await?;
    Ok(Json(StatusCode::OK, PostOut::from(&post)).into_response())
}

/// Deletes a post. For its author, editors and admins.
#[utoipa::path(delete, path = "/api/v1/posts/{id}", tag = "posts", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 200, body = Message), (status = 401, body = Failure),
        (status = 403, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn delete_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    V1Writer(actor): V1Writer,
) -> Result<Response> {
    app.domain.listed_post(id).await?;
    app.domain.trash_post(&actor, id, None).await?;
    Ok(Json(
        StatusCode::OK,
        Message {
            message: "Post deleted",
        },
    )
    .into_response())
}
