//! Input that no client means: never an error of ours, nothing stored, and the server goes on.

mod connections;
mod framing;
mod paths;
mod random_bodies;
mod values;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::socket::{Reply, hang_up, talk};
use crate::support::{Client, TestApp};

/// The routes that take a body, and a body for each that would be stored.
fn writes() -> [(Method, &'static str, Value); 5] {
    [
        (
            Method::POST,
            "/api/v1/users",
            json!({"username": "bob", "password": "1234"}),
        ),
        (
            Method::POST,
            "/api/v1/posts",
            json!({"title": "x", "content": "y"}),
        ),
        (Method::POST, "/api/v1/todos", json!({"title": "x"})),
        (
            Method::POST,
            "/api/v2/posts",
            json!({"title": "x", "content": "y"}),
        ),
        (Method::POST, "/api/v2/todos", json!({"title": "x"})),
    ]
}

/// A server, and alice, who has written nothing.
async fn start() -> (TestApp, Client) {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    (app, alice)
}

/// Sends requests, the last of which ends the connection; fails the test if the server is to
/// blame for what comes back.
async fn send(app: &TestApp, bytes: impl AsRef<[u8]>) -> Reply {
    blameless(talk(app, bytes).await)
}

/// The same, and goes before the answer is there.
async fn send_and_leave(app: &TestApp, bytes: impl AsRef<[u8]>) -> Reply {
    blameless(hang_up(app, bytes).await)
}

fn blameless(reply: Reply) -> Reply {
    for status in reply.statuses() {
        assert!(status < 500, "{}", reply.text());
    }
    reply
}

/// Fails the test unless the server answers, and nothing but alice is there.
async fn nothing_stored(app: &TestApp, alice: &Client) {
    let users = app
        .anonymous()
        .get("/api/v1/users")
        .await
        .expect(200)
        .json();
    assert_eq!(
        users,
        json!({"users": [{"id": 1, "posts": [], "username": "alice"}]})
    );
    for list in [
        "/api/v1/posts",
        "/api/v1/todos",
        "/api/v2/posts",
        "/api/v2/todos",
    ] {
        let rows = alice.get(list).await.expect(200).json();
        let name = list.rsplit('/').next().unwrap();
        assert_eq!(rows[name], json!([]), "{list}");
    }
}

/// The head of a POST with alice's token, up to the headers about its body.
fn head_of_post(alice: &Client, path: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\n",
        alice.token()
    )
}
