//! Posts.

use std::time::Duration;

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
async fn a_post_is_kept_as_typed() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let longest = "é".repeat(255);
    let mebibyte = "é".repeat(512 * 1024);

    for (title, content) in [
        (" Hi\t", ""),
        (&longest, "\r\n\u{7f} 小明 🙂\u{202e}"),
        ("x", &mebibyte),
    ] {
        let post = json!({"title": title, "content": content});
        let written = alice.post(LIST, &post).await.expect(201);

        let path = format!("{LIST}/{}", written.json()["id"]);
        let read = app.anonymous().get(&path).await.expect(200);
        assert_eq!(read.json()["title"], title);
        assert_eq!(read.json()["content"], content);
        assert_eq!(read.text(), written.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_beyond_the_limits_or_of_other_types_is_refused_and_nothing_is_stored() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let own = write_post(&alice, "hers").await;
    let before = app.anonymous().get(LIST).await.text();
    let title = "title must have 1 to 255 characters and not only blanks";
    let too_long = "é".repeat(256);
    let too_much = format!("{}x", "é".repeat(512 * 1024));
    let [no_title, no_content] = ["title must be a string", "content must be a string"];
    let fields = [
        (json!({"title": ""}), title),
        (json!({"title": " \u{3000}\n"}), title),
        (json!({"title": too_long}), title),
        (
            json!({"title": "a\0"}),
            "title must not hold a NUL character",
        ),
        (json!({"title": 7}), no_title),
        (json!({"title": null}), no_title),
        (json!({"title": true}), no_title),
        (json!({"title": {"a": 1}}), no_title),
        (
            json!({"content": too_much}),
            "content must have at most 1048576 bytes",
        ),
        (
            json!({"content": "a\0"}),
            "content must not hold a NUL character",
        ),
        (json!({"content": true}), no_content),
        (json!({"content": null}), no_content),
        (json!({"content": ["x"]}), no_content),
        (json!({"title": 7, "content": 7}), no_title),
    ];

    for (wrong, message) in fields {
        let mut whole = json!({"title": "t", "content": "c"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());

        let created = alice.post(LIST, &whole).await.expect(400);
        let updated = alice.put(&own, &wrong).await.expect(400);

        assert_eq!(created.message(), message);
        assert_eq!(updated.message(), message);
    }
    assert_eq!(app.anonymous().get(LIST).await.text(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_needs_a_title_and_a_content() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for body in [
        json!({}),
        json!({"title": "x"}),
        json!({"content": "x"}),
        json!({"title": 5}),
        json!([]),
        json!(["title", "content"]),
        json!(null),
        json!("title content"),
        json!(5),
    ] {
        let refused = alice.post(LIST, &body).await.expect(400);

        assert_eq!(refused.message(), "Missing title or content", "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = write_post(&alice, "before").await;
    app.advance(Duration::from_secs(60));
    let mut wanted = app.anonymous().get(&path).await.expect(200).json();

    for (patch, name, value) in [
        (json!({"title": "after"}), "title", "after"),
        (json!({"content": ""}), "content", ""),
        (json!({}), "title", "after"),
        (
            json!({"user_id": 2, "id": 500, "created_at": "2000-01-01", "category": "tech"}),
            "category",
            "general",
        ),
    ] {
        let updated = alice.put(&path, &patch).await.expect(200);

        wanted[name] = json!(value);
        assert_eq!(updated.json(), wanted, "{patch}");
        assert_eq!(app.anonymous().get(&path).await.text(), updated.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_object_updates_a_post() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = write_post(&alice, "hers").await;

    for body in [json!(null), json!([]), json!("x"), json!(5), json!(true)] {
        let refused = alice.put(&path, &body).await.expect(400);

        assert_eq!(refused.message(), "Request body must be a JSON object");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_v2_knows_of_a_post_keeps_its_value() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = json!({"title": "t", "content": "c", "category": "tech"});
    let id = alice.post("/api/v2/posts", &post).await.expect(201).json()["id"].clone();
    let path = format!("{LIST}/{id}");

    let updated = alice
        .put(&path, &json!({"title": "new", "category": "x"}))
        .await;

    assert_eq!(updated.expect(200).json()["category"], "tech");
    let seen = app
        .anonymous()
        .get(&format!("/api/v2/posts/{id}"))
        .await
        .json();
    assert_eq!(
        (&seen["title"], &seen["category"]),
        (&json!("new"), &json!("tech"))
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
