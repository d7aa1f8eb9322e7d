//! Users, and the caller.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::{Password, User, UserId, Username};
use serde::Deserialize;
use utoipa::ToSchema;

use super::filters::Bounds;
use super::list::{PostBatches, TodoBatches};
use super::users_list::{self, UserBatches};
use super::wire::{Json, Message, Todos, UserOut, Users};
use super::{Failure, filters};
use crate::api::Id;
use crate::api::batches;
use crate::app::App;
use crate::auth::{V1Caller, V1Writer};
use crate::body::AccountBody;
use crate::client::Sender;
use crate::error::{Error, Result};
use crate::fields::{Fields, text};
use crate::query::Query;

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct Credentials {
    /// 1 to 50 visible characters; case does not matter.
    #[schema(example = "alice")]
    username: String,
    /// 1 to 1,024 bytes; in production at least 8 characters and not a common one.
    #[schema(example = "1234")]
    password: String,
}

impl Credentials {
    pub(super) fn read(mut fields: Fields) -> Result<(Username, Password)> {
        if !fields.has("username") || !fields.has("password") {
            return Err(Error::MissingKeys("Missing username or password"));
        }
        let username = fields.take("username", text(Username::parse));
        let password = fields.take("password", text(Password::parse));
        fields.finish()?;
        username
            .zip(password)
            .ok_or(Error::MissingKeys("Missing username or password"))
    }
}

/// All users with their posts.
#[utoipa::path(get, path = "/api/v1/users", tag = "users",
    params(("limit" = Option<i64>, Query, description = "At most so many"),
        ("after" = Option<i64>, Query, description = "Only ids above this")),
    responses((status = 200, body = Users), (status = 503, body = Failure)))]
pub(super) async fn list_users(State(app): State<App>, query: Query) -> Result<Response> {
    let rows = UserBatches::new(&app, Bounds::of(&query));
    batches::answer(&app, b"{\"users\":[".to_vec(), rows, b"]}\n".to_vec()).await
}

/// Registers somebody.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = Credentials,
    responses((status = 201, body = UserOut), (status = 400, body = Failure),
        (status = 403, body = Failure), (status = 413, body = Failure),
        (status = 429, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn create_user(
    State(app): State<App>,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    app.domain.may_register(&client)?;
    let (username, password) = Credentials::read(body.fields()?)?;
    let user = app
        .domain
        .register(username, password, None, &client)
        .await?;
    let user = UserOut {
        id: user.id.0,
        posts: Vec::new(),
        username: &user.username,
    };
    Ok(Json(StatusCode::CREATED, user).into_response())
}

/// One user with all posts.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", params(("id" = i64, Path)),
    responses((status = 200, body = UserOut), (status = 404, body = Failure)))]
pub(super) async fn get_user(State(app): State<App>, Id(id): Id<UserId>) -> Result<Response> {
    let user = app.domain.user(id).await?;
    show(&app, &user).await
}

/// Deletes a user, with all that is theirs. For admins.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 200, body = Message), (status = 400, body = Failure),
        (status = 401, body = Failure), (status = 403, body = Failure),
        (status = 404, body = Failure)))]
pub(super) async fn delete_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    V1Writer(actor): V1Writer,
    Sender(client): Sender,
) -> Result<Response> {
    app.domain.delete_user(&actor, id, &client).await?;
    Ok(Json(
        StatusCode::OK,
        Message {
            message: "User deleted",
        },
    )
    .into_response())
}

/// All todos of one user.
#[utoipa::path(get, path = "/api/v1/users/{id}/todos", tag = "users", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 200, body = Todos), (status = 401, body = Failure),
        (status = 403, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn list_todos_of_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    V1Caller(actor): V1Caller,
    query: Query,
) -> Result<Response> {
    app.domain.may_list_todos_of(&actor, id).await?;
    let rows = TodoBatches::new(&app, id, filters::completed(&query), Bounds::of(&query));
    batches::answer(&app, b"{\"todos\":[".to_vec(), rows, b"]}\n".to_vec()).await
}

/// The caller, with all posts.
#[utoipa::path(get, path = "/api/v1/me", tag = "users", security(("bearer" = [])),
    responses((status = 200, body = UserOut), (status = 401, body = Failure)))]
pub(super) async fn me(State(app): State<App>, V1Caller(actor): V1Caller) -> Result<Response> {
    let user = app.domain.own_account(&actor).await?;
    show(&app, &user).await
}

async fn show(app: &App, user: &User) -> Result<Response> {
    let all = Bounds {
        after: 0,
        limit: u64::MAX,
    };
    let mut tail = users_list::tail(user);
    tail.push(b'\n');
    batches::answer(
        app,
        users_list::head(user),
        PostBatches::new(app, Some(user.id), all),
        tail,
    )
    .await
}
