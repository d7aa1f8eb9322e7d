//! Which scope of a personal access token opens which route. Every other route is closed to them.

use axum::http::Method;
use model::Scope;

/// The one table. Routes that ask for no credential are not here.
const ROUTES: [(Method, &str, Scope); 40] = [
    (Method::GET, "/api/v2/me", Scope::ProfileRead),
    (Method::GET, "/api/v2/users", Scope::UsersRead),
    (Method::GET, "/api/v2/users/{id}", Scope::UsersRead),
    (
        Method::GET,
        "/api/v2/users/by-name/{username}",
        Scope::UsersRead,
    ),
    (Method::PATCH, "/api/v2/users/{id}", Scope::UsersSuspend),
    (Method::GET, "/api/v2/posts", Scope::PostsRead),
    (Method::GET, "/api/v2/posts/trash", Scope::PostsRead),
    (Method::GET, "/api/v2/posts/{id}", Scope::PostsRead),
    (
        Method::GET,
        "/api/v2/posts/by-slug/{slug}",
        Scope::PostsRead,
    ),
    (Method::POST, "/api/v2/posts", Scope::PostsWrite),
    (Method::PUT, "/api/v2/posts/{id}", Scope::PostsWrite),
    (Method::PATCH, "/api/v2/posts/{id}", Scope::PostsWrite),
    (Method::DELETE, "/api/v2/posts/{id}", Scope::PostsWrite),
    (Method::GET, "/api/v2/posts/{id}/comments", Scope::PostsRead),
    (
        Method::POST,
        "/api/v2/posts/{id}/comments",
        Scope::CommentsWrite,
    ),
    (Method::GET, "/api/v2/comments/{id}", Scope::PostsRead),
    (Method::PATCH, "/api/v2/comments/{id}", Scope::CommentsWrite),
    (
        Method::DELETE,
        "/api/v2/comments/{id}",
        Scope::CommentsWrite,
    ),
    (Method::GET, "/api/v2/comments", Scope::CommentsWrite),
    (
        Method::POST,
        "/api/v2/comments/{id}/approve",
        Scope::CommentsWrite,
    ),
    (
        Method::POST,
        "/api/v2/comments/{id}/spam",
        Scope::CommentsWrite,
    ),
    (
        Method::POST,
        "/api/v2/comments/{id}/reject",
        Scope::CommentsWrite,
    ),
    (
        Method::POST,
        "/api/v2/posts/{id}/publish",
        Scope::PostsWrite,
    ),
    (
        Method::POST,
        "/api/v2/posts/{id}/unpublish",
        Scope::PostsWrite,
    ),
    (
        Method::POST,
        "/api/v2/posts/{id}/archive",
        Scope::PostsWrite,
    ),
    (
        Method::POST,
        "/api/v2/posts/{id}/restore",
        Scope::PostsWrite,
    ),
    (
        Method::GET,
        "/api/v2/posts/{id}/revisions",
        Scope::PostsRead,
    ),
    (
        Method::GET,
        "/api/v2/posts/{id}/revisions/{n}",
        Scope::PostsRead,
    ),
    (
        Method::GET,
        "/api/v2/posts/{id}/revisions/{n}/diff",
        Scope::PostsRead,
    ),
    (
        Method::POST,
        "/api/v2/posts/{id}/revisions/{n}/restore",
        Scope::PostsWrite,
    ),
    (Method::GET, "/api/v2/posts/{id}/draft", Scope::PostsRead),
    (Method::PUT, "/api/v2/posts/{id}/draft", Scope::PostsWrite),
    (
        Method::DELETE,
        "/api/v2/posts/{id}/draft",
        Scope::PostsWrite,
    ),
    (
        Method::POST,
        "/api/v2/posts/{id}/draft/publish",
        Scope::PostsWrite,
    ),
    (Method::GET, "/api/v2/todos", Scope::TodosRead),
    (Method::GET, "/api/v2/todos/{id}", Scope::TodosRead),
    (Method::POST, "/api/v2/todos", Scope::TodosWrite),
    (Method::PUT, "/api/v2/todos/{id}", Scope::TodosWrite),
    (Method::PATCH, "/api/v2/todos/{id}", Scope::TodosWrite),
    (Method::DELETE, "/api/v2/todos/{id}", Scope::TodosWrite),
];

/// The scope that opens a route; `None` where none does.
pub(crate) fn scope_of(method: &Method, path: &str) -> Option<Scope> {
    // HEAD is answered as GET is, without the body.
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let row = ROUTES.iter().find(|row| row.0 == *method && row.1 == path);
    row.map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::openapi_v2;

    #[test]
    fn every_route_of_the_table_is_documented_and_takes_a_token() {
        let document = serde_json::to_value(openapi_v2()).unwrap();
        for (method, path, scope) in &ROUTES {
            let method = method.as_str().to_lowercase();
            let operation = &document["paths"][path][&method];
            assert!(
                operation["security"].is_array(),
                "{method} {path} {scope:?}"
            );
        }
    }

    #[test]
    fn head_needs_what_get_needs() {
        assert_eq!(
            scope_of(&Method::HEAD, "/api/v2/me"),
            Some(Scope::ProfileRead)
        );
        assert_eq!(scope_of(&Method::GET, "/api/v2/auth/sessions"), None);
        assert_eq!(scope_of(&Method::OPTIONS, "/api/v2/me"), None);
    }
}
