//! `/api/v2`: the API that we would choose today.

mod account;
mod audit;
mod auth;
mod comment_moderation;
mod comments;
mod emails;
mod export;
mod facets;
mod field_tree;
mod follows;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod many_todos;
mod marks;
mod me;
mod once;
mod page;
mod parameters;
mod post_actions;
mod post_body;
mod post_drafts;
mod post_revisions;
mod post_trash;
mod post_wire;
mod post_writes;
mod posts;
mod preview_links;
mod search;
mod second_factors;
mod sessions;
mod shape;
mod todo_lists;
mod todos;
mod tokens;
mod users;
mod wire;

use axum::Router;
use axum::response::Response;
use bytes::Bytes;
use model::FieldError;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::{Modify, OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::describe::{Refusals, describe, operations};
use crate::app::App;
use crate::error::Refusal;
use crate::json;
use crate::request_id::RequestId;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Inkgate v2", version = "2.0.0", description = "Posts and todos with cursors, entity tags and merge patches. Errors are problem details (RFC 9457)."),
    modifiers(&BearerScheme),
    tags((name = "auth", description = "Registering, logging in and out, sessions, keys"),
        (name = "me", description = "The caller's account"),
        (name = "audit", description = "What was done, by whom"),
        (name = "users", description = "Profiles for everybody, accounts for admins"),
        (name = "posts", description = "Published posts: anybody reads, their authors write"),
        (name = "comments", description = "Below posts: anybody reads, readers write, the author of the post moderates"),
        (name = "readers", description = "Favorites, bookmarks, following others and the feed that comes of it"),
        (name = "todos", description = "Private to their owner")),
    components(schemas(Problem))
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
        let description = "Set by a log-in with `\"mode\": \"cookie\"`. What writes needs the header \
            `X-Inkgate-CSRF: 1`, and must come from a page of INKGATE_PUBLIC_URL.";
        let cookie = ApiKeyValue::with_description("__Host-inkgate_at", description);
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(second_factors::finish_login))
        .routes(routes!(
            second_factors::offer_totp,
            second_factors::delete_totp
        ))
        .routes(routes!(second_factors::confirm_totp))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::logout_all))
        .routes(routes!(auth::jwks))
        .routes(routes!(me::get_me, me::patch_me, me::delete_me))
        .routes(routes!(me::change_password))
        .routes(routes!(export::export_me))
        .routes(routes!(emails::forgot_password))
        .routes(routes!(emails::reset_password))
        .routes(routes!(emails::change_email))
        .routes(routes!(emails::verify_email))
        .routes(routes!(audit::list_activity))
        .routes(routes!(audit::list_events))
        .routes(routes!(users::list_users))
        .routes(routes!(
            users::get_user,
            users::patch_user,
            users::delete_user
        ))
        .routes(routes!(users::get_user_by_name))
        .routes(routes!(users::log_out_user))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::delete_token))
        .merge(of_posts())
        .merge(of_readers())
        .merge(of_todos())
}

fn of_posts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(posts::list_posts, post_writes::create_post))
        .routes(routes!(posts::list_recent_posts))
        .routes(routes!(
            posts::get_post,
            post_writes::put_post,
            post_writes::patch_post,
            post_trash::delete_post
        ))
        .routes(routes!(posts::get_post_by_slug))
        .routes(routes!(post_actions::publish_post))
        .routes(routes!(post_actions::unpublish_post))
        .routes(routes!(post_actions::archive_post))
        .routes(routes!(post_trash::list_trash))
        .routes(routes!(post_trash::restore_post))
        .routes(routes!(post_revisions::list_revisions))
        .routes(routes!(post_revisions::get_revision))
        .routes(routes!(post_revisions::diff_revisions))
        .routes(routes!(post_revisions::restore_revision))
        .routes(routes!(
            post_drafts::get_draft,
            post_drafts::put_draft,
            post_drafts::delete_draft
        ))
        .routes(routes!(post_drafts::publish_draft))
        .routes(routes!(
            preview_links::list_preview_links,
            preview_links::create_preview_link
        ))
        .routes(routes!(
            preview_links::get_preview_link,
            preview_links::delete_preview_link
        ))
        .routes(routes!(preview_links::get_preview))
        .routes(routes!(search::search))
        .routes(routes!(facets::list_categories))
        .routes(routes!(facets::list_tags))
        .routes(routes!(facets::list_series))
}

fn of_todos() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(todo_lists::list_todos, todos::create_todo))
        .routes(routes!(todo_lists::list_todos_by_priority))
        .routes(routes!(many_todos::complete_todos))
        .routes(routes!(many_todos::delete_todos))
        .routes(routes!(
            todos::get_todo,
            todos::put_todo,
            todos::patch_todo,
            todos::delete_todo
        ))
}

/// What readers do with posts and with each other.
fn of_readers() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            comments::list_comments_of_post,
            comments::create_comment
        ))
        .routes(routes!(
            comments::get_comment,
            comments::patch_comment,
            comments::delete_comment
        ))
        .routes(routes!(comment_moderation::list_comments))
        .routes(routes!(comment_moderation::approve_comment))
        .routes(routes!(comment_moderation::spam_comment))
        .routes(routes!(comment_moderation::reject_comment))
        .routes(routes!(marks::favorite_post, marks::unfavorite_post))
        .routes(routes!(marks::bookmark_post, marks::unbookmark_post))
        .routes(routes!(marks::list_favorites))
        .routes(routes!(marks::list_bookmarks))
        .routes(routes!(follows::follow_user, follows::unfollow_user))
        .routes(routes!(follows::show_feed))
}

pub(crate) fn routes() -> Router<App> {
    documented().into()
}

pub(super) fn document() -> OpenApi {
    let (_, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(documented())
        .split_for_parts();
    let refusals = Refusals {
        schema: "Problem",
        media_type: "application/problem+json",
        many_ways_in: true,
        strict_queries: true,
        body: |refusal| {
            let id = "9f2c51d07be3a846".to_owned();
            serde_json::to_value(Problem::of(refusal, id)).unwrap_or_default()
        },
    };
    describe(&mut document, &refusals);
    // Whatever takes a token takes it from a browser's cookie too.
    for item in document.paths.paths.values_mut() {
        for (operation, _) in operations(item) {
            if let Some(ways) = operation.security.as_mut().filter(|ways| !ways.is_empty()) {
                ways.push(SecurityRequirement::new("cookie", [""; 0]));
            }
        }
    }
    document
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
struct Problem<'a> {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The name of the status.
    #[schema(example = "Not Found")]
    title: &'static str,
    #[schema(example = 404)]
    status: u16,
    /// What to do.
    #[schema(example = "Post not found")]
    detail: &'a str,
    /// A stable word for programs.
    #[schema(example = "not_found")]
    code: &'static str,
    /// To be quoted when asking for help; also in `X-Request-Id`.
    #[schema(example = "9f2c51d07be3a846")]
    request_id: String,
    /// Every field that was wrong.
    errors: Vec<FieldProblem<'a>>,
}

/// One field that was wrong.
#[derive(Serialize, ToSchema)]
struct FieldProblem<'a> {
    #[schema(example = "title")]
    field: &'a str,
    /// A stable word for programs.
    #[schema(example = "invalid")]
    code: &'static str,
    /// What must hold: it follows the field's name.
    #[schema(example = "must have 1 to 255 characters and not only blanks")]
    message: &'a str,
}

impl<'a> Problem<'a> {
    fn of(refusal: &'a Refusal, request_id: String) -> Self {
        // v1 tells an expired token from others; here one body tells nothing but that it is refused.
        let detail = match refusal.code {
            "invalid_token" => "Invalid token",
            // Nor Flask's words for a body that cannot be read.
            "malformed_json" => "The body is not JSON, or names a key twice",
            _ => &refusal.detail,
        };
        Self {
            kind: "about:blank",
            title: refusal.status.canonical_reason().unwrap_or("Error"),
            status: refusal.status.as_u16(),
            detail,
            code: refusal.code,
            request_id,
            errors: refusal.fields.iter().map(FieldProblem::from).collect(),
        }
    }
}

/// Writes a refusal as v2 does.
pub(crate) fn problem(refusal: &Refusal, id: RequestId) -> Response {
    let problem = Problem::of(refusal, id.to_string());
    let bytes = Bytes::from(wire::written(&problem));
    json::answer(refusal.status, json::PROBLEM, bytes)
}

impl<'a> From<&'a FieldError> for FieldProblem<'a> {
    fn from(error: &'a FieldError) -> Self {
        Self {
            field: &error.field,
            code: error.code,
            message: &error.message,
        }
    }
}
