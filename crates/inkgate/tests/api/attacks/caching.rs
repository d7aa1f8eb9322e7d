//! T50: what depends on the caller stays out of caches, and conditions give nothing away.

use reqwest::Method;
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn t50_whatever_is_asked_with_a_token_is_kept_by_no_cache() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = json!({"title": "My Post", "content": "Hello"});
    alice.post("/api/v1/posts", &post).await.expect(201);
    let todo = json!({"title": "Mine"});
    alice.post("/api/v2/todos", &todo).await.expect(201);

    for path in [
        "/api/v1/me",
        "/api/v1/todos",
        "/api/v1/todos/1",
        "/api/v1/posts",
        "/api/v1/posts/1",
        "/api/v1/todos/9",
        "/api/v2/todos",
        "/api/v2/todos/1",
        "/api/v2/posts",
        "/api/v2/posts/1",
        "/api/v2/todos/9",
        "/nowhere",
    ] {
        let answer = alice.get(path).await;
        let header = answer.header("cache-control");
        assert_eq!(header, "private, no-store", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t50_a_token_that_was_just_given_out_is_kept_by_no_cache() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    let body = json!({"username": "alice", "password": "1234"});
    let login = app
        .anonymous()
        .post("/api/v1/login", &body)
        .await
        .expect(200);
    let wrong = json!({"username": "alice", "password": "4321"});
    let refused = app
        .anonymous()
        .post("/api/v1/login", &wrong)
        .await
        .expect(401);

    assert_eq!(login.header("cache-control"), "no-store");
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn t50_a_public_read_tells_caches_that_the_caller_matters() {
    let app = TestApp::spawn().await;
    let post = json!({"title": "My Post", "content": "Hello"});
    app.user("alice")
        .await
        .post("/api/v1/posts", &post)
        .await
        .expect(201);

    for path in ["/api/v2/posts", "/api/v2/posts/1"] {
        let answer = app.anonymous().get(path).await.expect(200);
        assert!(answer.header("vary").contains("Authorization"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t50_a_condition_on_somebody_else_s_todo_is_answered_like_any_request() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let todo = json!({"title": "Mine"});
    let made = alice.post("/api/v2/todos", &todo).await.expect(201);
    let tag = made.header("etag").to_owned();
    assert!(!tag.is_empty());

    let mut bodies = Vec::new();
    for path in ["/api/v2/todos/1", "/api/v2/todos/999"] {
        for (name, value) in [
            (IF_NONE_MATCH, tag.as_str()),
            (IF_NONE_MATCH, "*"),
            (IF_MATCH, tag.as_str()),
            (IF_MATCH, "\"0-0\""),
            (IF_MATCH, "*"),
        ] {
            for method in [Method::GET, Method::PATCH, Method::DELETE] {
                let request = bob.request(method, path).header(&name, value);
                let answer = bob.send(request.json(&json!({}))).await.expect(404);
                assert_eq!(answer.header("etag"), "");
                let mut body = answer.json();
                body["request_id"] = "".into();
                bodies.push(body);
            }
        }
    }

    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t50_one_s_own_page_is_not_taken_for_another_s() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for somebody in [&alice, &bob] {
        let todo = json!({"title": "Mine"});
        somebody.post("/api/v2/todos", &todo).await.expect(201);
    }
    let hers = alice.get("/api/v2/todos/1").await.expect(200);

    let request = bob.request(Method::GET, "/api/v2/todos/2");
    let request = request.header(IF_NONE_MATCH, hers.header("etag"));
    let his = bob.send(request).await.expect(200);

    assert_eq!(his.json()["user_id"], 2);
}
