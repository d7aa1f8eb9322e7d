//! Links to posts that are not public.

use std::time::Duration;

use serde_json::{Value, json};

use super::{problem, wrong_fields};
use crate::support::{Client, TestApp};

const LINKS: &str = "/api/v2/posts/1/preview-links";

async fn draft(alice: &Client) {
    let new = json!({"title": "Secret plans", "content": "Soon", "status": "draft"});
    alice.post("/api/v2/posts", &new).await.expect(201);
}

async fn link(alice: &Client, body: &Value) -> Value {
    alice.post(LINKS, body).await.expect(201).json()
}

/// The path behind the server's name.
fn path(link: &Value) -> String {
    let url = link["url"].as_str().unwrap();
    let at = url.find("/api/").unwrap();
    url[at..].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_link_sees_the_post_and_nobody_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    draft(&alice).await;

    let made = link(&alice, &json!({})).await;

    let token = made["token"].as_str().unwrap();
    assert_eq!((token.len(), &token[..12]), (12 + 43, "ink_preview_"));
    assert_eq!(made["expires_at"], "2026-11-30T19:00:00.123Z");
    assert!(path(&made).ends_with(token));
    let reader = app.anonymous();
    let shown = reader.get(&path(&made)).await.expect(200);
    assert_eq!(shown.json()["title"], "Secret plans");
    assert_eq!(shown.json()["status"], "draft");
    assert_eq!(shown.header("cache-control"), "private, no-store");
    assert_eq!(shown.header("referrer-policy"), "no-referrer");
    problem(&reader.get("/api/v2/posts/1").await, 404, "not_found");
    let listed = alice.get(LINKS).await.expect(200).json();
    let wanted = json!({"id": made["id"], "created_at": made["created_at"], "expires_at": made["expires_at"]});
    assert_eq!(
        listed,
        json!({"preview_links": [wanted], "next_cursor": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_when_it_is_revoked_or_its_time_is_over() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    draft(&alice).await;
    let reader = app.anonymous();
    let revoked = link(&alice, &json!({"expires_in": null})).await;
    let short = link(&alice, &json!({"expires_in": 60})).await;

    alice
        .delete(&format!("{LINKS}/{}", revoked["id"]))
        .await
        .expect(204);
    problem(
        &alice.delete(&format!("{LINKS}/{}", revoked["id"])).await,
        404,
        "not_found",
    );

    problem(&reader.get(&path(&revoked)).await, 404, "not_found");
    app.advance(Duration::from_secs(59));
    reader.get(&path(&short)).await.expect(200);
    app.advance(Duration::from_secs(1));
    problem(&reader.get(&path(&short)).await, 404, "not_found");
    assert_eq!(alice.get(LINKS).await.json()["preview_links"], json!([]));
    app.domain.tidy().await.unwrap();
    for token in ["x", "ink_preview_", "%00", "%FF"] {
        let answer = reader.get(&format!("/api/v2/preview/{token}")).await;
        assert_eq!(answer.status, 404, "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_no_post_that_is_in_the_trash() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    draft(&alice).await;
    let made = link(&alice, &json!({})).await;

    alice.delete("/api/v2/posts/1").await.expect(200);

    problem(&app.anonymous().get(&path(&made)).await, 404, "not_found");
    problem(&alice.get(LINKS).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_link_is_good_has_limits() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    draft(&alice).await;

    link(&alice, &json!({"expires_in": 90 * 24 * 3600})).await;
    for wrong in [
        json!(0),
        json!(-1),
        json!(90 * 24 * 3600 + 1),
        json!("1"),
        json!(1.5),
    ] {
        let refused = alice.post(LINKS, &json!({"expires_in": wrong})).await;
        let refused = problem(&refused, 422, "invalid");
        assert_eq!(
            wrong_fields(&refused),
            [("expires_in".to_owned(), "invalid".to_owned())]
        );
    }
    assert_eq!(
        alice.get(LINKS).await.json()["preview_links"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_where_its_location_says() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    draft(&alice).await;
    let made = alice.post(LINKS, &json!({})).await.expect(201);
    let location = made.header("location").to_owned();

    let shown = alice.get(&location).await.expect(200).json();

    let mut wanted = made.json();
    for secret in ["token", "url"] {
        wanted.as_object_mut().unwrap().remove(secret);
    }
    assert_eq!(shown, wanted);
    problem(&bob.get(&location).await, 404, "not_found");
    app.advance(Duration::from_hours(7 * 24));
    let alice = app.login("alice", "1234").await;
    problem(&alice.get(&location).await, 404, "not_found");
}
