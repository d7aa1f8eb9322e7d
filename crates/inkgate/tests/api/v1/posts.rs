//! Posts.

use model::Role;
use reqwest::Method;
use serde_json::json;

use super::{each, write_post};
use crate::support::TestApp;

const LIST: &str = "/api/v1/posts";

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_s_story_is_told() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    let post = json!({"title": "My Post", "content": "Hello"});

    app.anonymous()
        .post("/api/v1/posts", &post)
        .await
        .expect(401);
    let written = alice.post("/api/v1/posts", &post).await.expect(201);

    assert_eq!(
        written.text(),
        "{\"category\":\"general\",\"content\":\"Hello\",\"created_at\":\"2026-11-23T19:00:00.123456\",\
         \"id\":1,\"title\":\"My Post\",\"user_id\":1}\n"
    );
    let refused = bob
        .put("/api/v1/posts/1", &json!({"title": "Mine"}))
        .await
        .expect(403);
    assert_eq!(refused.message(), "You can only edit your own posts");
    let me = alice.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["posts"][0]["title"], "My Post");
    assert_eq!(
        app.anonymous()
            .get("/api/v1/posts/1")
            .await
            .expect(200)
            .text(),
        written.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_is_gone_for_everybody() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let kept = write_post(&alice, "kept").await;
    let path = write_post(&alice, "deleted").await;
    // Read once, so that a finished body of it may be kept.
    app.anonymous().get(&path).await.expect(200);

    let deleted = alice.delete(&path).await.expect(200);

    assert_eq!(deleted.text(), "{\"message\":\"Post deleted\"}\n");
    let title = json!({"title": "x"});
    for answer in [
        app.anonymous().get(&path).await,
        alice.get(&path).await,
        admin.get(&path).await,
        alice.put(&path, &title).await,
        admin.put(&path, &title).await,
        alice.delete(&path).await,
        admin.delete(&path).await,
    ] {
        assert_eq!(answer.expect(404).message(), "Post not found");
    }
    let list = app.anonymous().get(LIST).await;
    assert_eq!(each(&list, "title"), ["kept"]);
    let me = alice.get("/api/v1/me").await.json();
    assert_eq!(me["posts"].as_array().unwrap().len(), 1);
    app.anonymous().get(&kept).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_deleted_post_is_not_given_out_again() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let newest = write_post(&alice, "one").await;
    alice.delete(&newest).await.expect(200);

    let next = write_post(&alice, "two").await;

    assert_ne!(next, newest);
    alice.get(&newest).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_found_by_digits_only() {
    let app = TestApp::spawn().await;
    write_post(&app.user("alice").await, "one").await;

    for id in ["1", "01", "0001", "%31"] {
        app.anonymous()
            .get(&format!("{LIST}/{id}"))
            .await
            .expect(200);
    }
    for id in [
        "0",
        "2",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999",
    ] {
        let answer = app.anonymous().get(&format!("{LIST}/{id}")).await;
        assert_eq!(answer.expect(404).message(), "Post not found", "{id}");
    }
    for id in [
        "abc", "-1", "+1", "1.5", "1e0", "0x1", "%201", "1%2F2", "1%00", "%D9%A1", "%FF",
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let client = app.anonymous();
            let path = format!("{LIST}/{id}");
            let answer = client.send(client.request(method, &path)).await;
            let message = answer.expect(404).message();
            assert!(
                message.starts_with("The requested URL was not found"),
                "{id}"
            );
        }
    }
}
