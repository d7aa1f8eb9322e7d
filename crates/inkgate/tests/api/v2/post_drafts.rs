//! Pending edits: nobody sees them until they are published.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{problem, write_post, wrong_fields};
use crate::support::{Answer, Client, TestApp};

const DRAFT: &str = "/api/v2/posts/1/draft";

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_edit_changes_nothing_until_it_is_published() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let before = write_post(&alice, "One").await;
    let changes = json!({"title": "Two", "content": "# New", "tags": ["x"], "excerpt": null});

    problem(&alice.get(DRAFT).await, 404, "not_found");
    alice.put(DRAFT, &json!({"title": "Tw"})).await.expect(200);
    let saved = alice.put(DRAFT, &changes).await.expect(200);

    let wanted = json!({"post_id": 1, "user_id": 1, "base_version": 1, "version": 2,
        "updated_at": "2026-11-23T19:00:00.123Z", "changes": changes});
    assert_eq!(saved.json(), wanted);
    assert_eq!(alice.get(DRAFT).await.expect(200).body, saved.body);
    let reader = app.anonymous();
    assert_eq!(reader.get("/api/v2/posts/1").await.body, before.body);
    let published = alice
        .post(&format!("{DRAFT}/publish"), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&published["title"], &published["tags"]),
        (&json!("Two"), &json!(["x"]))
    );
    assert_eq!(
        published["html"],
        reader.get("/api/v2/posts/1").await.json()["html"]
    );
    problem(&alice.get(DRAFT).await, 404, "not_found");
    problem(
        &alice.post(&format!("{DRAFT}/publish"), &json!({})).await,
        404,
        "not_found",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_edit_is_checked_when_it_is_saved() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;

    for (body, field, code) in [
        (json!({"title": ""}), "title", "invalid"),
        (json!({"status": "draft"}), "status", "invalid"),
        (
            json!({"published_at": "2030-01-01T00:00:00Z"}),
            "published_at",
            "invalid",
        ),
        (json!({"tilte": "x"}), "tilte", "unknown_field"),
    ] {
        let refused = problem(&alice.put(DRAFT, &body).await, 422, code);
        assert_eq!(
            wrong_fields(&refused),
            [(field.to_owned(), code.to_owned())]
        );
    }
    let array = alice.put(DRAFT, &json!([])).await;
    problem(&array, 422, "invalid");
    problem(&alice.get(DRAFT).await, 404, "not_found");
    problem(&alice.delete(DRAFT).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_edits_from_an_old_version_can_be_told() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_post(&alice, "One").await;
    alice.put(DRAFT, &json!({"title": "Two"})).await.expect(200);
    alice
        .patch("/api/v2/posts/1", &json!({"content": "fixed"}))
        .await
        .expect(200);

    let path = format!("{DRAFT}/publish");
    let publish = alice.request(Method::POST, &path);
    let stale = alice
        .send(publish.header("if-match", made.header("etag")))
        .await;
    let published = alice.post(&path, &json!({})).await.expect(200).json();

    problem(&stale, 412, "stale_version");
    // It touches only what it names.
    assert_eq!(
        (&published["title"], &published["content"]),
        (&json!("Two"), &json!("fixed"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_publish_a_pending_edit_one_does() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;
    alice.put(DRAFT, &json!({"title": "Two"})).await.expect(200);

    let path = format!("{DRAFT}/publish");
    let answers =
        join_all((0..8).map(|_| async { alice.post(&path, &json!({})).await.status })).await;

    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers
            .iter()
            .all(|status| [200, 404, 409].contains(status)),
        "{answers:?}"
    );
    assert_eq!(
        app.anonymous().get("/api/v2/posts/1").await.json()["version"],
        2
    );
}

/// Sends a request that goes through at one version of the pending edit alone.
async fn at(client: &Client, method: Method, version: i64, body: &Value) -> Answer {
    let tag = format!("\"{version}-0000000000000000\"");
    let request = client.request(method, DRAFT).header("if-match", tag);
    client.send(request.json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_edit_at_once_the_second_is_told() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;
    let title = |title: &str| json!({"title": title});

    // There is none yet that a condition could be met by.
    let early = at(&alice, Method::PUT, 1, &title("Early")).await;
    problem(&early, 404, "not_found");
    problem(&alice.get(DRAFT).await, 404, "not_found");
    alice.put(DRAFT, &title("Two")).await.expect(200);
    let saved = at(&alice, Method::PUT, 1, &title("Three"))
        .await
        .expect(200);
    for (method, body) in [(Method::PUT, title("Late")), (Method::DELETE, json!({}))] {
        let late = at(&alice, method, 1, &body).await;
        problem(&late, 412, "stale_version");
        assert_eq!(late.header("etag"), saved.header("etag"));
    }
    assert_eq!(alice.get(DRAFT).await.body, saved.body);
    let wrong = at(&alice, Method::PUT, 1, &title("")).await;
    problem(&wrong, 422, "invalid");

    at(&alice, Method::DELETE, 2, &json!({})).await.expect(204);
    problem(&alice.get(DRAFT).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_cannot_be_pending_is_told_at_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;

    let both = json!({"status": "draft", "published_at": null});
    let refused = problem(&alice.put(DRAFT, &both).await, 422, "invalid");

    let invalid = |field: &str| (field.to_owned(), "invalid".to_owned());
    let wanted = [invalid("published_at"), invalid("status")];
    assert_eq!(wrong_fields(&refused), wanted);
    problem(&alice.get(&format!("{DRAFT}?x=1")).await, 404, "not_found");
    alice.put(DRAFT, &json!({})).await.expect(200);
    problem(
        &alice.get(&format!("{DRAFT}?x=1")).await,
        400,
        "invalid_query",
    );
}
