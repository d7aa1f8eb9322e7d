//! Todos: the caller's own.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Actor;
use model::{Description, NewTodo, Priority, Title, TodoId, TodoPatch, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::filters::{Bounds, OfUser};
use super::list::TodoBatches;
use super::wire::{Json, Message, TodoOut, Todos};
use super::{Failure, filters};
use crate::api::Id;
use crate::api::batches;
use crate::app::App;
use crate::auth::{V1Caller, V1Writer};
use crate::body::RawBody;
use crate::error::{Error, Result};
use crate::fields::{Fields, boolean, integer, nullable, text};
use crate::query::Query;

/// A todo to write; other keys are ignored.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct TodoIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(example = "Learn Flask")]
    title: String,
    /// The caller, unless an admin names somebody else.
    #[schema(nullable = false, example = 1)]
    user_id: Option<i64>,
    #[schema(nullable = false)]
    completed: Option<bool>,
    /// Up to 10,000 characters.
    description: Option<String>,
}

/// What to change of a todo; absent keys stay as they are.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct TodoPatchIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(nullable = false, example = "Learn Flask")]
    title: Option<String>,
    /// Another owner, for admins.
    #[schema(nullable = false, example = 1)]
    user_id: Option<i64>,
    #[schema(nullable = false, example = true)]
    completed: Option<bool>,
    /// Up to 10,000 characters; null clears it.
    description: Option<String>,
}

fn todo_patch(mut fields: Fields) -> Result<TodoPatch> {
    let patch = TodoPatch {
        title: fields.take("title", text(Title::parse)),
        user_id: fields.take("user_id", integer).map(UserId),
        completed: fields.take("completed", boolean),
        description: fields.take("description", nullable(text(Description::parse))),
        priority: None,
        due_at: None,
    };
    fields.finish()?;
    Ok(patch)
}

fn new_todo(actor: &Actor, fields: Fields) -> Result<NewTodo> {
    let missing = Error::MissingKeys("Missing title");
    if !fields.has("title") {
        return Err(missing);
    }
    let patch = todo_patch(fields)?;
    Ok(NewTodo {
        user_id: patch.user_id.unwrap_or(actor.id),
        title: patch.title.ok_or(missing)?,
        description: patch.description.flatten(),
        completed: patch.completed.unwrap_or_default(),
        priority: Priority::default(),
        due_at: None,
    })
}

/// The caller's todos, by id.
#[utoipa::path(get, path = "/api/v1/todos", tag = "todos", security(("bearer" = [])),
    params(("completed" = Option<bool>, Query, description = "Only the done, or the open"),
        ("user_id" = Option<i64>, Query, description = "Somebody else's, for admins"),
        ("limit" = Option<i64>, Query, description = "At most so many"),
        ("after" = Option<i64>, Query, description = "Only ids above this")),
    responses((status = 200, body = Todos), (status = 401, body = Failure)))]
pub(super) async fn list_todos(
    State(app): State<App>,
    V1Caller(actor): V1Caller,
    query: Query,
) -> Result<Response> {
    let asked = match filters::of_user(&query) {
        OfUser::Everybody => None,
        OfUser::Only(user) => Some(user),
        OfUser::Nobody => Some(UserId(0)),
    };
    let owner = app.domain.listed_owner(&actor, asked).unwrap_or(UserId(0));
    let rows = TodoBatches::new(&app, owner, filters::completed(&query), Bounds::of(&query));
    batches::answer(&app, b"{\"todos\":[".to_vec(), rows, b"]}\n".to_vec()).await
}

/// One todo.
#[utoipa::path(get, path = "/api/v1/todos/{id}", tag = "todos", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 200, body = TodoOut), (status = 401, body = Failure),
        (status = 404, body = Failure)))]
pub(super) async fn get_todo(
    State(app): State<App>,
    Id(id): Id<TodoId>,
    V1Caller(actor): V1Caller,
) -> Result<Response> {
    let todo = app.domain.todo(&actor, id).await?;
    Ok(Json(StatusCode::OK, TodoOut::from(&todo)).into_response())
}

/// Writes a todo.
#[utoipa::path(post, path = "/api/v1/todos", tag = "todos", request_body = TodoIn,
    security(("bearer" = [])),
    responses((status = 201, body = TodoOut), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 413, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn create_todo(
    State(app): State<App>,
    V1Writer(actor): V1Writer,
    body: RawBody,
) -> Result<Response> {
    let new = new_todo(&actor, body.fields()?)?;
    let todo = app.domain.create_todo(&actor, &new, None).await?;
    Ok(Json(StatusCode::CREATED, TodoOut::from(&todo)).into_response())
}

/// Changes a todo.
#[utoipa::path(put, path = "/api/v1/todos/{id}", tag = "todos", params(("id" = i64, Path)),
    request_body = TodoPatchIn, security(("bearer" = [])),
    responses((status = 200, body = TodoOut), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 404, body = Failure), (status = 413, body = Failure)))]
pub(super) async fn update_todo(
    State(app): State<App>,
    Id(id): Id<TodoId>,
    V1Writer(actor): V1Writer,
    body: RawBody,
) -> Result<Response> {
    app.domain.todo(&actor, id).await?;
    let fields = body.fields()?;
    if !fields.is_object() {
        return Err(Error::NotAnObject);
    }
    let todo = app
        .domain
        .update_todo(&actor, id, &todo_patch(fields)?, None)
        .await?;
    Ok(Json(StatusCode::OK, TodoOut::from(&todo)).into_response())
}

/// Deletes a todo for good.
#[utoipa::path(delete, path = "/api/v1/todos/{id}", tag = "todos", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 200, body = Message), (status = 401, body = Failure),
        (status = 404, body = Failure)))]
pub(super) async fn delete_todo(
    State(app): State<App>,
    Id(id): Id<TodoId>,
    V1Writer(actor): V1Writer,
) -> Result<Response> {
    app.domain.delete_todo(&actor, id, None).await?;
    Ok(Json(
        StatusCode::OK,
        Message {
            message: "Todo deleted",
        },
    )
    .into_response())
}
