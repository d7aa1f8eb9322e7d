//! `Idempotency-Key` on what changes a resource: asked for again, it is answered as it was, also where
//! doing it again would be refused.

use serde_json::{Value, json};

use super::idempotency::{forget_answers, repeats, send};
use super::problem;
use crate::support::{Client, TestApp};

const POST: &str = "/api/v2/posts/1";

async fn alice_with_a_post(app: &TestApp) -> Client {
    let alice = app.user("alice").await;
    let post = json!({"title": "T", "content": "C"});
    alice.post("/api/v2/posts", &post).await.expect(201);
    alice
}

/// Sends a request three times: the second finds the answer, the third makes it anew.
async fn is_done_once(app: &TestApp, client: &Client, path: &str) -> Value {
    let first = send(client, path, path, &json!({})).await.expect(200);
    repeats(&first, &send(client, path, path, &json!({})).await);
    forget_answers(app).await;
    repeats(&first, &send(client, path, path, &json!({})).await);
    first.json()
}

async fn revisions(client: &Client) -> usize {
    let page = client.get(&format!("{POST}/revisions")).await.expect(200);
    page.json()["revisions"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_state_is_made_once() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;

    for (version, action, status) in [
        (2, "unpublish", "draft"),
        (3, "publish", "published"),
        (4, "archive", "archived"),
    ] {
        let post = is_done_once(&app, &alice, &format!("{POST}/{action}")).await;
        assert_eq!(post["status"], status);
        assert_eq!(alice.get(POST).await.json()["version"], version, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_at_another_time_needs_another_key() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;
    let publish = format!("{POST}/publish");
    let at = |hour: u32| json!({"published_at": format!("2020-01-01T{hour:02}:00:00Z")});

    send(&alice, &publish, "k", &at(1)).await.expect(200);
    let other = send(&alice, &publish, "k", &at(2)).await;
    problem(&other, 422, "idempotency_mismatch");
    send(&alice, &publish, "K", &at(2)).await.expect(200);

    let post = alice.get(POST).await.json();
    assert_eq!(post["published_at"], "2020-01-01T02:00:00.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_restored_is_not_missed_in_the_trash() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;
    alice.delete(POST).await.expect(200);
    let restore = format!("{POST}/restore");

    let post = is_done_once(&app, &alice, &restore).await;

    assert_eq!((&post["version"], revisions(&alice).await), (&json!(3), 2));
    // Without the key there is nothing to restore.
    problem(&alice.post(&restore, &json!({})).await, 404, "not_found");
    // Nobody else has the key.
    let bob = app.user("bob").await;
    let answer = send(&bob, &restore, &restore, &json!({})).await;
    problem(&answer, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_is_restored_once() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;
    alice.patch(POST, &json!({"title": "U"})).await.expect(200);

    let post = is_done_once(&app, &alice, &format!("{POST}/revisions/1/restore")).await;

    assert_eq!((&post["title"], revisions(&alice).await), (&json!("T"), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_edit_is_published_once() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;
    let draft = format!("{POST}/draft");
    alice.put(&draft, &json!({"title": "U"})).await.expect(200);

    let post = is_done_once(&app, &alice, &format!("{draft}/publish")).await;

    assert_eq!((&post["title"], revisions(&alice).await), (&json!("U"), 2));
    problem(&alice.get(&draft).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_moderated_once() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;
    let said = json!({"content": "Hello"});
    let comments = format!("{POST}/comments");
    alice.post(&comments, &said).await.expect(201);

    for (action, status) in [
        ("spam", "spam"),
        ("approve", "approved"),
        ("reject", "rejected"),
    ] {
        let path = format!("/api/v2/comments/1/{action}");
        let comment = is_done_once(&app, &alice, &path).await;
        assert_eq!(comment["status"], status);
    }
    // Said again with its key, the first is what it was, and approves nothing.
    let path = "/api/v2/comments/1/approve";
    send(&alice, path, path, &json!({})).await.expect(200);
    let rejected = alice.get("/api/v2/comments?status=rejected").await.json();
    assert_eq!(rejected["comments"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_remembered_too() {
    let app = TestApp::spawn().await;
    let alice = alice_with_a_post(&app).await;
    let said = json!({"content": "Hello"});
    alice
        .post(&format!("{POST}/comments"), &said)
        .await
        .expect(201);
    let (approve, reject) = ("/api/v2/comments/1/approve", "/api/v2/comments/1/reject");

    // It is approved as it is.
    let first = send(&alice, approve, "k", &json!({})).await.expect(200);
    assert_eq!(first.json()["version"], 1);
    alice.post(reject, &json!({})).await.expect(200);
    repeats(&first, &send(&alice, approve, "k", &json!({})).await);

    let comment = alice.get("/api/v2/comments/1").await.json();
    assert_eq!(comment["status"], "rejected");
}
