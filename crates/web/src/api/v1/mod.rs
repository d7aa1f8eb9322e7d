//! `/api/v1`: the seed's API, frozen. See the contract in `docs/api-design.md`.

mod filters;
mod list;
mod login;
mod posts;
mod todos;
mod users;
mod users_list;
mod wire;
mod writer;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::describe::{Refusals, describe};
use crate::app::App;
use crate::error::Refusal;
use crate::json;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Inkgate v1", version = "1.0.0", description = "The tutorial's blog API: users, posts and todos. Frozen; new features go to v2."),
    modifiers(&BearerScheme),
    tags((name = "users", description = "Accounts, log-in, and the caller"),
        (name = "posts", description = "Published posts: anybody reads, their authors write"),
        (name = "todos", description = "Private to their owner")),
    components(schemas(Failure))
)]
struct Document;

struct BearerScheme;

impl Modify for BearerScheme {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme.build()));
    }
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::get_user, users::delete_user))
        .routes(routes!(users::list_todos_of_user))
        .routes(routes!(login::login))
        .routes(routes!(users::me))
        .routes(routes!(posts::list_posts, posts::create_post))
        .routes(routes!(
            posts::get_post,
            posts::update_post,
            posts::delete_post
        ))
        .routes(routes!(todos::list_todos, todos::create_todo))
        .routes(routes!(
            todos::get_todo,
            todos::update_todo,
            todos::delete_todo
        ))
}

pub(crate) fn routes() -> Router<App> {
    documented().into()
}

pub(super) fn document() -> OpenApi {
    let (_, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(documented())
        .split_for_parts();
    let refusals = Refusals {
        schema: "Error",
        media_type: "application/json",
        body: |refusal| serde_json::to_value(Failure::of(refusal).1).unwrap_or_default(),
    };
    describe(&mut document, &refusals);
    document
}

/// The body of every answer from 400 up.
#[derive(Serialize, ToSchema)]
#[schema(as = Error, example = json!({"error": "Not Found", "message": "404 Not Found: Post not found"}))]
struct Failure {
    /// The name of the status.
    error: &'static str,
    /// The status, its name, and what to do.
    message: String,
}

impl Failure {
    /// The status and the body of a refusal; v1 knows no status finer than 400 for what is wrong with
    /// a body.
    fn of(refusal: &Refusal) -> (StatusCode, Self) {
        let status = match refusal.status {
            StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::CONFLICT => StatusCode::BAD_REQUEST,
            status => status,
        };
        let error = status.canonical_reason().unwrap_or("Error");
        let message = if status == StatusCode::INTERNAL_SERVER_ERROR {
            refusal.detail.clone().into_owned()
        } else {
            format!("{} {error}: {}", status.as_u16(), refusal.detail)
        };
        (status, Self { error, message })
    }
}

/// Writes a refusal as v1 does.
pub(crate) fn failure(refusal: &Refusal) -> Response {
    let (status, failure) = Failure::of(refusal);
    json::answer(status, json::JSON, Bytes::from(writer::line(&failure)))
}
