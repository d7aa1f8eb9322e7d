//! Complete lists: longer than a batch, longer than a socket's buffers, too many at once. They
//! run alone (`.config/nextest.toml`), because they fill databases.

mod users;

use std::collections::BTreeSet;

use reqwest::{Method, Response};
use serde_json::json;
use tokio::task::JoinSet;

use super::{each, id_of};
use crate::support::{Answer, Client, TestApp};

/// One more than two batches have, so that the list is streamed.
const ROWS: usize = 1001;
/// Of 1 MiB each: what does not fit between a server and a client who does not read.
const LARGE_POSTS: usize = 20;
const WRITERS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_many_batches_is_complete_in_order_and_shows_nothing_twice() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    write(&alice, "posts", ROWS).await;
    write(&bob, "posts", 1).await;
    write(&alice, "todos", ROWS).await;

    let posts = app.anonymous().get("/api/v1/posts").await.expect(200);
    let of_alice = app
        .anonymous()
        .get("/api/v1/posts?user_id=1")
        .await
        .expect(200);
    let todos = alice.get("/api/v1/todos").await.expect(200);
    let users = app.anonymous().get("/api/v1/users").await.expect(200);
    let me = alice.get("/api/v1/me").await.expect(200);

    assert_eq!(ascending(&posts), ROWS + 1);
    assert_eq!(ascending(&of_alice), ROWS);
    assert_eq!(ascending(&todos), ROWS);
    let bobs = bob.get("/api/v1/me").await.expect(200).json();
    let me = me.json();
    assert_eq!(me["posts"], of_alice.json()["posts"]);
    assert_eq!(users.json(), json!({"users": [me, bobs]}));
    assert!(users.text().ends_with("}]}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_cut_a_list_of_many_batches_where_they_say() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write(&alice, "posts", ROWS).await;
    let all = app
        .anonymous()
        .get("/api/v1/posts")
        .await
        .expect(200)
        .json();
    // PostgreSQL gives out no number again that a write had and did not need.
    let id = |place: usize| all["posts"][place]["id"].as_i64().unwrap();
    let after = |place: usize| format!("after={}", id(place));

    for (query, rows) in [
        ("limit=499", 499),
        ("limit=500", 500),
        ("limit=501", 501),
        ("limit=1000", 1000),
        ("limit=1001", 1001),
        (&after(0), 1000),
        (&format!("{}&limit=501", after(499)), 501),
        (&after(500), 500),
        (&after(1000), 0),
    ] {
        let list = app.anonymous().get(&format!("/api/v1/posts?{query}")).await;
        assert_eq!(ascending(&list.expect(200)), rows, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_complete_list_at_once_is_told_to_come_again() {
    let app = app_with_large_posts().await;
    write(&app.user("bob").await, "posts", 1).await;
    let client = app.anonymous();
    let paths = [
        "/api/v1/posts",
        "/api/v1/posts?user_id=1",
        "/api/v1/users",
        "/api/v1/users/1",
    ];

    let mut held = Vec::new();
    for path in paths {
        held.push(open(&client, path).await);
    }
    for path in paths {
        let refused = client.get(path).await.expect(503);

        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.json()["error"], "Service Unavailable");
    }

    // What is short needs no place.
    client.get("/api/v1/posts?limit=1").await.expect(200);
    client.get("/api/v1/users?after=1").await.expect(200);
    client.get("/api/v1/users/2").await.expect(200);
    client.get("/api/v1/posts/1").await.expect(200);
    for (path, response) in paths.iter().zip(held) {
        let body = response.bytes().await.unwrap();
        assert!(body.len() > LARGE_POSTS * 1024 * 1024, "{path}");
        assert_eq!(body.last(), Some(&b'\n'));
    }
    client.get("/api/v1/posts").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_who_goes_away_frees_the_place() {
    let app = app_with_large_posts().await;
    let client = app.anonymous();
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(open(&client, "/api/v1/posts").await);
    }
    client.get("/api/v1/posts").await.expect(503);

    held.pop();

    // The server learns of it as soon as the socket is closed.
    while client.get("/api/v1/posts").await.status == 503 {}
    drop(held);
}

/// A server with one user whose posts do not fit into the buffers of a socket.
async fn app_with_large_posts() -> TestApp {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    assert_eq!(id_of(&alice).await, 1);
    let post = json!({"title": "large", "content": "x".repeat(1024 * 1024)});
    for _ in 0..LARGE_POSTS {
        alice.post("/api/v1/posts", &post).await.expect(201);
    }
    app
}

/// Begins to read a list, and stops behind the head.
async fn open(client: &Client, path: &str) -> Response {
    let response = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

/// Writes posts or todos, several at a time.
async fn write(client: &Client, noun: &str, count: usize) {
    let path = format!("/api/v1/{noun}");
    let row = json!({"title": "t", "content": "c"});
    let mut writers = JoinSet::new();
    for first in 0..WRITERS {
        let (client, path, row) = (client.clone(), path.clone(), row.clone());
        writers.spawn(async move {
            for _ in (first..count).step_by(WRITERS) {
                client.post(&path, &row).await.expect(201);
            }
        });
    }
    writers.join_all().await;
}

/// How many rows a list has, each with a higher id than the one before.
#[track_caller]
fn ascending(answer: &Answer) -> usize {
    let ids = each(answer, "id");
    let numbers: Vec<_> = ids.iter().map(|id| id.as_i64().unwrap()).collect();
    let sorted: BTreeSet<_> = numbers.iter().copied().collect();
    assert!(sorted.iter().eq(numbers.iter()), "out of order, or twice");
    numbers.len()
}
