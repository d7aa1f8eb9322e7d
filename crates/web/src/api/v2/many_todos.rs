//! Many todos at once: all of them, or none.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::{Invalid, Todo, TodoId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Problem;
use super::account::{no_content, unstored};
use super::once::Once;
use super::wire::TodoOut;
use crate::app::App;
use crate::auth::Writer;
use crate::body::RawBody;
use crate::error::{Error, Result};

/// How many todos may be named at once.
const MOST: usize = 100;

/// Todos, by their ids.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct TodoIdsIn {
    /// 1 to 100 ids; one that stands twice counts once.
    #[schema(min_items = 1, max_items = 100, example = json!([1, 2]))]
    ids: Vec<i64>,
}

/// Todos that were changed at once.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangedTodos<'a> {
    todos: Vec<TodoOut<'a>>,
}

fn ids(body: &RawBody) -> Result<Vec<TodoId>> {
    let mut fields = body.exact_fields()?;
    let ids = fields.require("ids", read_ids);
    fields.finish_strictly()?;
    ids.ok_or(Error::NotAnObject)
}

fn read_ids(value: &Value) -> std::result::Result<Vec<TodoId>, Invalid> {
    let must = || Invalid::new(format!("must be 1 to {MOST} ids"));
    let values = value.as_array().ok_or_else(must)?;
    if values.is_empty() || values.len() > MOST {
        return Err(must());
    }
    let mut ids = Vec::new();
    for value in values {
        let id = TodoId(value.as_i64().ok_or_else(must)?);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn changed(todos: &[Todo]) -> Response {
    let todos = todos.iter().map(TodoOut::from).collect();
    unstored(StatusCode::OK, &ChangedTodos { todos })
}

/// Marks todos as done: all of them, or none where one is not there. Those that are done already stay
/// as they are.
#[utoipa::path(post, path = "/api/v2/todos/complete", tag = "todos", request_body = TodoIdsIn,
    params(("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = ChangedTodos), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn complete_todos(
    State(app): State<App>,
    Writer(actor): Writer,
    once: Once,
    body: RawBody,
) -> Result<Response> {
    let complete = async |key| {
        let ids = ids(&body)?;
        let done = app.domain.complete_many_todos(&actor, &ids, key);
        Ok(changed(&done.await?))
    };
    let again = async |_| {
        let todos = app.domain.todos_by_ids(&actor, &ids(&body)?).await?;
        Ok(changed(&todos))
    };
    once.of(&app, &actor, body.bytes())
        .answer(complete, again)
        .await
}

/// Deletes todos for good: all of them, or none where one is not there.
#[utoipa::path(post, path = "/api/v2/todos/delete", tag = "todos", request_body = TodoIdsIn,
    params(("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn delete_todos(
    State(app): State<App>,
    Writer(actor): Writer,
    once: Once,
    body: RawBody,
) -> Result<Response> {
    let delete = async |key| {
        let ids = ids(&body)?;
        let deleted = app.domain.delete_many_todos(&actor, &ids, key);
        deleted.await?;
        Ok(no_content())
    };
    let again = async |_| Ok(no_content());
    once.of(&app, &actor, body.bytes())
        .answer(delete, again)
        .await
}
