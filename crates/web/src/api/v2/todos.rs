//! Todos: private to their owner.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::{Actor, Body};
use model::{Description, Invalid, NewTodo, Priority, Timestamp, Title, Todo};
use model::{TodoId, TodoPatch};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Problem;
use super::once::Once;
use super::shape::{Names, Shape};
use super::wire::{Message, PRIVATE, TodoOut, body_of, created, resource, shown, written};
use crate::api::Id;
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::body::RawBody;
use crate::conditional::{IfMatch, or_current_tag};
use crate::error::{Error, Result};
use crate::fields::{Fields, boolean, integer, nullable, text};
use crate::json;
use crate::query::Query;

pub(super) const PATH: &str = "/api/v2/todos";

pub(super) static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<TodoOut<'_>>(&[]));
/// A todo to write.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct TodoIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(example = "Learn Rust")]
    title: String,
    /// Up to 10,000 characters.
    description: Option<String>,
    /// false if it is left out or null.
    completed: Option<bool>,
    /// 9 is the most urgent; 0 if it is left out or null.
    #[schema(minimum = 0, maximum = 9)]
    priority: Option<i64>,
    /// RFC 3339 with an offset, of the years 1 to 9999.
    #[schema(format = DateTime, example = "2026-12-24T18:00:00Z")]
    due_at: Option<String>,
}

/// What to change of a todo: a merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct TodoPatchIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(nullable = false, example = "Learn Rust")]
    title: Option<String>,
    /// Up to 10,000 characters; null clears it.
    description: Option<String>,
    /// null makes it false again.
    #[schema(example = true)]
    completed: Option<bool>,
    /// 9 is the most urgent; null makes it 0 again.
    #[schema(minimum = 0, maximum = 9)]
    priority: Option<i64>,
    /// RFC 3339 with an offset, of the years 1 to 9999; null clears it.
    #[schema(format = DateTime, example = "2026-12-24T18:00:00Z")]
    due_at: Option<String>,
}

fn priority(value: &Value) -> std::result::Result<Priority, Invalid> {
    integer(value).and_then(Priority::parse)
}

// Null makes every field what it is when it is left out, where it can be left out: that is what
// removing it means (RFC 7396).
pub(super) fn todo_patch(mut fields: Fields) -> Result<TodoPatch> {
    let completed = fields.take("completed", nullable(boolean));
    let priority = fields.take("priority", nullable(priority));
    let patch = TodoPatch {
        user_id: None,
        title: fields.take("title", text(Title::parse)),
        description: fields.take("description", nullable(text(Description::parse))),
        completed: completed.map(Option::unwrap_or_default),
        priority: priority.map(Option::unwrap_or_default),
        due_at: fields.take("due_at", nullable(text(Timestamp::parse_rfc3339))),
    };
    fields.finish_strictly()?;
    Ok(patch)
}

fn new_todo(actor: &Actor, mut fields: Fields) -> Result<NewTodo> {
    let title = fields.require("title", text(Title::parse));
    let description = fields.take("description", nullable(text(Description::parse)));
    let completed = fields.take("completed", nullable(boolean));
    let priority = fields.take("priority", nullable(priority));
    let due_at = fields.take("due_at", nullable(text(Timestamp::parse_rfc3339)));
    fields.finish_strictly()?;
    Ok(NewTodo {
        user_id: actor.id,
        title: title.ok_or(Error::NotAnObject)?,
        description: description.flatten(),
        completed: completed.flatten().unwrap_or_default(),
        priority: priority.flatten().unwrap_or_default(),
        due_at: due_at.flatten(),
    })
}

pub(super) fn todo_body(todo: &Todo) -> Body {
    body_of(todo.version, &TodoOut::from(todo))
}

/// One todo.
#[utoipa::path(get, path = "/api/v2/todos/{id}", tag = "todos",
    params(("id" = i64, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,title`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = TodoOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 304), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn get_todo(
    State(app): State<App>,
    Id(id): Id<TodoId>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let todo = app.domain.todo(&actor, id).await?;
    let shape = Shape::alone(&query, &NAMES)?;
    Ok(shown(
        &headers,
        shape.of_resource(todo_body(&todo)),
        PRIVATE,
    ))
}

/// Writes a todo.
#[utoipa::path(post, path = "/api/v2/todos", tag = "todos", request_body = TodoIn,
    params(("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 201, body = TodoOut,
            headers(("Location" = String, description = "Its path"),
                ("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 409, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn create_todo(
    State(app): State<App>,
    Writer(actor): Writer,
    once: Once,
    body: RawBody,
) -> Result<Response> {
    let make = async |key| {
        let new = new_todo(&actor, body.exact_fields()?)?;
        let todo = app.domain.create_todo(&actor, &new, key).await?;
        Ok(created_todo(&todo))
    };
    let again = async |id: Option<i64>| {
        let id = TodoId(id.unwrap_or_default());
        Ok(created_todo(&app.domain.todo(&actor, id).await?))
    };
    once.of(&app, &actor, body.bytes())
        .answer(make, again)
        .await
}

fn created_todo(todo: &Todo) -> Response {
    let path = format!("{PATH}/{}", todo.id);
    created(&path, todo.version, &TodoOut::from(todo))
}

/// Changes the fields of a todo that are named.
#[utoipa::path(patch, path = "/api/v2/todos/{id}", tag = "todos", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((TodoPatchIn = "application/json"), (TodoPatchIn = "application/merge-patch+json"))),
     security(("bearer" = [])),
    responses((status = 200, body = TodoOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn patch_todo(
    State(app): State<App>,
    Id(id): Id<TodoId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    let before = app.domain.todo(&actor, id).await?;
    let patch = todo_patch(body.patch_fields()?)?;
    let update = async {
        let version = if_match.demanded(before.version);
        Ok(app.domain.update_todo(&actor, id, &patch, version).await?)
    };
    let todo = or_current_tag(update.await, current(&app, &actor, id)).await?;
    Ok(resource(
        StatusCode::OK,
        todo.version,
        &TodoOut::from(&todo),
    ))
}

/// The version of a todo, and its tag.
async fn current(app: &App, actor: &Actor, id: TodoId) -> Result<(i64, Bytes)> {
    let todo = app.domain.todo(actor, id).await?;
    Ok((todo.version, todo_body(&todo).tag))
}

/// Does what PATCH does, as the seed's PUT did, and never makes a todo.
#[utoipa::path(put, path = "/api/v2/todos/{id}", tag = "todos", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((TodoPatchIn = "application/json"), (TodoPatchIn = "application/merge-patch+json"))),
     security(("bearer" = [])),
    responses((status = 200, body = TodoOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn put_todo(
    app: State<App>,
    id: Id<TodoId>,
    writer: Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    patch_todo(app, id, writer, if_match, body).await
}

/// Deletes a todo for good.
#[utoipa::path(delete, path = "/api/v2/todos/{id}", tag = "todos", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = Message), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn delete_todo(
    State(app): State<App>,
    Id(id): Id<TodoId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    let before = app.domain.todo(&actor, id).await?;
    let delete = async {
        let version = if_match.demanded(before.version);
        Ok(app.domain.delete_todo(&actor, id, version).await?)
    };
    or_current_tag(delete.await, current(&app, &actor, id)).await?;
    let body = written(&Message {
        message: "Todo deleted",
    });
    Ok(json::answer(StatusCode::OK, json::JSON, body.into()))
}
