//! Writes: 300 a minute of one user, over both versions.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{check_refusal, limited};

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_writes_a_minute_of_one_user() {
    let app = limited(&[]).await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let todo = json!({"title": "x"});

    for _ in 0..300 {
        alice.post("/api/v1/todos", &todo).await.expect(201);
    }
    let refused = alice.post("/api/v1/todos", &todo).await;

    let wait = check_refusal(&refused, "writes", "q=300;w=60");
    assert_eq!(wait, 1);
    bob.post("/api/v1/todos", &todo).await.expect(201);
    alice.get("/api/v1/todos").await.expect(200);
    app.advance(Duration::from_secs(wait));
    alice.post("/api/v1/todos", &todo).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_and_every_method_share_one_quota() {
    let app = limited(&["--limit-writes", "7/1m"]).await;
    let alice = app.user("alice").await;
    let (post, todo) = (json!({"title": "x", "content": "y"}), json!({"title": "x"}));

    alice.post("/api/v1/posts", &post).await.expect(201);
    alice.post("/api/v2/posts", &post).await.expect(201);
    alice.put("/api/v1/posts/1", &post).await.expect(200);
    alice.patch("/api/v2/posts/1", &post).await.expect(200);
    alice.post("/api/v2/todos", &todo).await.expect(201);
    alice.delete("/api/v1/todos/1").await.expect(200);
    // One that fails is an attempt, too.
    alice.delete("/api/v2/todos/1").await.expect(404);

    for (method, path) in [
        (Method::POST, "/api/v1/posts"),
        (Method::PUT, "/api/v1/posts/1"),
        (Method::DELETE, "/api/v1/posts/1"),
        (Method::POST, "/api/v1/todos"),
        (Method::PUT, "/api/v1/todos/1"),
        (Method::DELETE, "/api/v1/todos/1"),
        (Method::DELETE, "/api/v1/users/1"),
        (Method::POST, "/api/v2/posts"),
        (Method::PUT, "/api/v2/posts/1"),
        (Method::PATCH, "/api/v2/posts/1"),
        (Method::DELETE, "/api/v2/posts/1"),
        (Method::POST, "/api/v2/todos"),
        (Method::PUT, "/api/v2/todos/1"),
        (Method::PATCH, "/api/v2/todos/1"),
        (Method::DELETE, "/api/v2/todos/1"),
    ] {
        let refused = alice.send(alice.request(method, path).json(&post)).await;
        assert_eq!(check_refusal(&refused, "writes", "q=7;w=60"), 9, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_the_shape_of_its_version() {
    let app = limited(&["--limit-writes", "1/1m"]).await;
    let alice = app.user("alice").await;
    let todo = json!({"title": "x"});
    alice.post("/api/v1/todos", &todo).await.expect(201);

    let v1 = alice.post("/api/v1/todos", &todo).await.expect(429);
    let v2 = alice.post("/api/v2/todos", &todo).await.expect(429);

    let detail = "Too many attempts: try again in 60 seconds";
    let wanted = json!({"error": "Too Many Requests",
        "message": format!("429 Too Many Requests: {detail}")});
    assert_eq!(v1.json(), wanted);
    assert_eq!(v1.header("content-type"), "application/json");
    let wanted = json!({"type": "about:blank", "title": "Too Many Requests", "status": 429,
        "detail": detail, "code": "rate_limited", "request_id": v2.header("x-request-id"),
        "errors": []});
    assert_eq!(v2.json(), wanted);
    assert_eq!(v2.header("content-type"), "application/problem+json");
    assert_eq!(check_refusal(&v2, "writes", "q=1;w=60"), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_of_writes_is_told_before_the_body_is_looked_at() {
    let app = limited(&["--limit-writes", "1/1m"]).await;
    let alice = app.user("alice").await;
    alice
        .post("/api/v1/todos", &json!({"title": "x"}))
        .await
        .expect(201);

    for path in [
        "/api/v1/posts",
        "/api/v1/todos",
        "/api/v2/posts",
        "/api/v2/todos",
    ] {
        let answer = alice.raw(Method::POST, path, "text/plain", "{").await;
        assert_eq!(answer.status, 429, "{path}");
    }
    // Whoever has no token is nobody's user.
    app.anonymous()
        .post("/api/v1/todos", &json!({}))
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_of_writes_goes_with_the_user_and_not_with_the_session() {
    let app = limited(&["--limit-writes", "2/1m"]).await;
    let first = app.user("alice").await;
    let second = app.login("alice", "1234").await;
    let todo = json!({"title": "x"});

    first.post("/api/v1/todos", &todo).await.expect(201);
    second.post("/api/v1/todos", &todo).await.expect(201);

    first.post("/api/v1/todos", &todo).await.expect(429);
    second.post("/api/v1/todos", &todo).await.expect(429);
}
