//! T41: what is somebody else's.

use reqwest::Method;
use serde_json::json;

use crate::support::{Client, TestApp};

/// alice, who owns post 1 and todo 1, and bob, who owns neither.
async fn two() -> (TestApp, Client, Client) {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let post = json!({"title": "Hers", "content": "Hello"});
    alice.post("/api/v2/posts", &post).await.expect(201);
    let todo = json!({"title": "Hers"});
    alice.post("/api/v2/todos", &todo).await.expect(201);
    (app, alice, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_somebody_else_s_post_cannot_be_changed() {
    let (_app, alice, bob) = two().await;
    let before = alice.get("/api/v2/posts/1").await.expect(200).json();

    for (method, path) in [
        (Method::PUT, "/api/v1/posts/1"),
        (Method::DELETE, "/api/v1/posts/1"),
        (Method::PUT, "/api/v2/posts/1"),
        (Method::PATCH, "/api/v2/posts/1"),
        (Method::DELETE, "/api/v2/posts/1"),
        (Method::DELETE, "/api/v1/posts/0001"),
        (Method::DELETE, "/api/v2/posts/1?user_id=2"),
    ] {
        let request = bob.request(method, path).json(&json!({"title": "His"}));
        bob.send(request).await.expect(403);
    }

    assert_eq!(
        alice.get("/api/v2/posts/1").await.expect(200).json(),
        before
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_somebody_else_s_todo_is_not_there() {
    let (_app, alice, bob) = two().await;
    let before = alice.get("/api/v2/todos/1").await.expect(200).json();

    for (method, path) in [
        (Method::GET, "/api/v1/todos/1"),
        (Method::PUT, "/api/v1/todos/1"),
        (Method::DELETE, "/api/v1/todos/1"),
        (Method::GET, "/api/v2/todos/1"),
        (Method::PUT, "/api/v2/todos/1"),
        (Method::PATCH, "/api/v2/todos/1"),
        (Method::DELETE, "/api/v2/todos/1"),
    ] {
        let hers = bob
            .request(method.clone(), path)
            .json(&json!({"title": "x"}));
        let hers = bob.send(hers).await.expect(404);
        // The answer is that for a todo which nobody has.
        let nobody_s = path.replace("/1", "/999").replace("v999", "v1");
        let nobody_s = bob.request(method, &nobody_s).json(&json!({"title": "x"}));
        let nobody_s = bob.send(nobody_s).await.expect(404);
        assert_eq!(
            body_without_id(&hers.text()),
            body_without_id(&nobody_s.text())
        );
    }

    assert_eq!(
        alice.get("/api/v2/todos/1").await.expect(200).json(),
        before
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_lists_of_todos_show_the_caller_s_own() {
    let (_app, _alice, bob) = two().await;

    for path in [
        "/api/v1/todos",
        "/api/v1/todos?user_id=1",
        "/api/v1/todos?user_id=0",
        "/api/v1/todos?user_id=1&user_id=2",
        "/api/v1/todos?after=0&limit=100",
        "/api/v2/todos",
        "/api/v2/todos?limit=100",
    ] {
        let list = bob.get(path).await.expect(200).json();
        assert_eq!(list["todos"], json!([]), "{path}");
    }
    bob.get("/api/v1/users/1/todos").await.expect(403);
    bob.get("/api/v2/todos?user_id=1").await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_nobody_writes_in_somebody_else_s_name() {
    let (_app, alice, bob) = two().await;
    let post = json!({"title": "x", "content": "y", "user_id": 1});
    let todo = json!({"title": "x", "user_id": 1});

    let written = bob.post("/api/v1/posts", &post).await.expect(201).json();
    bob.post("/api/v2/posts", &post).await.expect(422);
    bob.post("/api/v1/todos", &todo).await.expect(403);
    bob.post("/api/v2/todos", &todo).await.expect(422);
    bob.post("/api/v1/todos", &json!({"title": "his"}))
        .await
        .expect(201);
    bob.put("/api/v1/todos/2", &todo).await.expect(403);

    assert_eq!(written["user_id"], 2);
    let hers = alice.get("/api/v1/todos").await.expect(200).json();
    assert_eq!(hers["todos"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_the_cursor_of_somebody_else_opens_nothing() {
    let (_app, alice, bob) = two().await;
    let todo = json!({"title": "Hers, too"});
    alice.post("/api/v2/todos", &todo).await.expect(201);
    let page = alice.get("/api/v2/todos?limit=1").await.expect(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();

    let path = format!("/api/v2/todos?limit=1&cursor={cursor}");
    let his = bob.get(&path).await.expect(200).json();

    assert_eq!(his["todos"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_a_deleted_post_is_nobody_s_to_change() {
    let (_app, alice, bob) = two().await;
    alice.delete("/api/v1/posts/1").await.expect(200);

    for client in [&alice, &bob] {
        for version in ["v1", "v2"] {
            let path = format!("/api/{version}/posts/1");
            let body = json!({"title": "x"});
            client.get(&path).await.expect(404);
            client.put(&path, &body).await.expect(404);
            client.delete(&path).await.expect(404);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_accounts_are_for_admins_to_delete() {
    let (app, alice, bob) = two().await;

    for path in ["/api/v1/users/1", "/api/v1/users/2", "/api/v1/users/999"] {
        let refused = bob.delete(path).await.expect(403);
        assert_eq!(refused.message(), "Admin access required");
        app.anonymous().delete(path).await.expect(401);
    }

    alice.get("/api/v1/me").await.expect(200);
}

fn body_without_id(text: &str) -> String {
    text.split("\"request_id\"").next().unwrap().to_owned()
}
