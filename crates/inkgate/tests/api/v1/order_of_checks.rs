//! Which of two mistakes a client is told. Each request is wrong in two ways that stand next to
//! each other in the order of checks.

use model::Role;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use super::{write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

const JSON: &str = "application/json";
const NO_ROUTE: &str = "The requested URL was not found on the server. If you entered the URL \
                        manually please check your spelling and try again.";
const MALFORMED: &str =
    "The browser (or proxy) sent a request that this server could not understand.";

#[tokio::test(flavor = "multi_thread")]
async fn the_route_comes_before_the_token() {
    let app = TestApp::spawn().await;

    for path in [
        "/api/v1/posts/abc",
        "/api/v1/todos/abc",
        "/api/v1/users/abc",
        "/api/v1/nope",
    ] {
        let answer = send(&app.anonymous(), Method::DELETE, path, None, "").await;
        is(&answer, 404, NO_ROUTE);
    }
    for path in ["/api/v1/me", "/api/v1/todos", "/api/v1/todos/1"] {
        let answer = send(&app.anonymous(), Method::PATCH, path, None, "").await;
        is(
            &answer,
            405,
            "The method is not allowed for the requested URL.",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_syntax_of_an_id_comes_before_the_rate_limit() {
    let app = one_write_a_minute().await;
    let alice = app.user("alice").await;
    write_post(&alice, "the one").await;

    for noun in ["posts", "todos", "users"] {
        let path = format!("/api/v1/{noun}/abc");
        let answer = send(&alice, Method::DELETE, &path, None, "").await;
        is(&answer, 404, NO_ROUTE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limit_comes_before_everything_but_the_token_that_says_whose_it_is() {
    let app = one_write_a_minute().await;
    let alice = app.user("alice").await;
    write_post(&alice, "the one").await;

    for (method, path) in [
        (Method::POST, "/api/v1/posts"),
        (Method::PUT, "/api/v1/posts/999"),
        (Method::DELETE, "/api/v1/posts/999"),
        (Method::POST, "/api/v1/todos"),
        (Method::PUT, "/api/v1/todos/999"),
        (Method::DELETE, "/api/v1/todos/999"),
        (Method::DELETE, "/api/v1/users/999"),
    ] {
        let answer = send(&alice, method.clone(), path, None, "{bad")
            .await
            .expect(429);
        assert_eq!(answer.json()["error"], "Too Many Requests");
        assert_eq!(answer.header("retry-after"), "60");
        let answer = send(&app.anonymous(), method, path, None, "{bad").await;
        is(&answer, 401, "Missing token");
    }
    alice.get("/api/v1/todos/999").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_comes_before_the_row() {
    let app = TestApp::spawn().await;

    for path in [
        "/api/v1/posts/999",
        "/api/v1/todos/999",
        "/api/v1/users/999",
    ] {
        let answer = send(&app.anonymous(), Method::DELETE, path, None, "").await;
        is(&answer, 401, "Missing token");
        let answer = send(&app.with_token("x"), Method::DELETE, path, None, "").await;
        is(&answer, 401, "Invalid token");
    }
    let answer = send(
        &app.anonymous(),
        Method::GET,
        "/api/v1/users/999/todos",
        None,
        "",
    )
    .await;
    is(&answer, 401, "Missing token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_comes_before_the_body() {
    let app = TestApp::spawn().await;

    for path in ["/api/v1/posts", "/api/v1/todos"] {
        for (media_type, body) in [(None, "x"), (Some(JSON), "{bad"), (Some(JSON), "{}")] {
            let answer = send(&app.anonymous(), Method::POST, path, media_type, body).await;
            is(&answer, 401, "Missing token");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_row_comes_before_the_body() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    let todo = write_todo(&bob, "his").await;

    for (path, message) in [
        ("/api/v1/posts/999", "Post not found"),
        ("/api/v1/todos/999", "Todo not found"),
        (&todo, "Todo not found"),
    ] {
        for (media_type, body) in [(None, "x"), (Some(JSON), "{bad"), (Some(JSON), "[]")] {
            let answer = send(&alice, Method::PUT, path, media_type, body).await;
            is(&answer, 404, message);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_comes_before_the_body() {
    let app = TestApp::spawn().await;
    let post = write_post(&app.user("alice").await, "hers").await;
    let bob = app.user("bob").await;

    for (media_type, body) in [(None, "x"), (Some(JSON), "{bad"), (Some(JSON), "[]")] {
        let answer = send(&bob, Method::PUT, &post, media_type, body).await;
        is(&answer, 403, "You can only edit your own posts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_comes_before_the_body() {
    let app = TestApp::spawn().await;
    let reader = app.user_with_role("rita", Role::Reader).await;

    for (media_type, body) in [(None, "x"), (Some(JSON), "{bad"), (Some(JSON), "{}")] {
        let answer = send(&reader, Method::POST, "/api/v1/posts", media_type, body).await;
        is(&answer, 403, "Your role may not write posts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_is_taken_apart_from_outside_to_inside() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let (post, todo) = (
        write_post(&alice, "hers").await,
        write_todo(&alice, "hers").await,
    );
    let account = "Missing username or password";
    for (method, path, missing) in [
        (Method::POST, "/api/v1/users", account),
        (Method::POST, "/api/v1/login", account),
        (Method::POST, "/api/v1/posts", "Missing title or content"),
        (Method::POST, "/api/v1/todos", "Missing title"),
        (Method::PUT, &post, ""),
        (Method::PUT, &todo, ""),
    ] {
        // Not JSON by its type, and not by its syntax.
        for media_type in [None, Some("text/plain")] {
            let answer = send(&alice, method.clone(), path, media_type, "{bad").await;
            is(&answer, 400, "Request must be JSON");
        }
        // Not JSON, and without a key that must be there; a key twice is no JSON either.
        for body in [
            "",
            "{bad",
            "{\"a\":1,\"a\":1}",
            "{} {}",
            "{\"a\":\"\\ud800\"}",
        ] {
            let answer = send(&alice, method.clone(), path, Some(JSON), body).await;
            is(&answer, 400, MALFORMED);
        }
        // Without one key, and with another of a wrong type.
        if !missing.is_empty() {
            let wrong = "{\"password\":5,\"content\":5,\"completed\":5}";
            let answer = send(&alice, method, path, Some(JSON), wrong).await;
            is(&answer, 400, missing);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_limits_come_before_what_is_stored_already() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let taken = json!({"username": "alice", "password": ""});
    let anothers = json!({"title": "", "user_id": 999});

    let user = alice.post("/api/v1/users", &taken).await;
    let todo = alice.post("/api/v1/todos", &anothers).await;

    is(&user, 400, "password must have 1 to 1024 bytes");
    is(
        &todo,
        400,
        "title must have 1 to 255 characters and not only blanks",
    );
}

async fn one_write_a_minute() -> TestApp {
    let flags = [
        "--env",
        "testing",
        "--limits",
        "true",
        "--limit-writes",
        "1/1m",
    ];
    TestApp::spawn_with(&flags).await
}

async fn send(
    client: &Client,
    method: Method,
    path: &str,
    media_type: Option<&str>,
    body: &str,
) -> Answer {
    let mut request = client.request(method, path).body(body.to_owned());
    if let Some(media_type) = media_type {
        request = request.header(CONTENT_TYPE, media_type);
    }
    client.send(request).await
}

#[track_caller]
fn is(answer: &Answer, status: u16, message: &str) {
    assert_eq!(
        (answer.status, answer.message()),
        (status, message.to_owned())
    );
}
