//! What a post may hold.

use std::time::Duration;

use serde_json::json;

use super::write_post;
use crate::support::TestApp;

const LIST: &str = "/api/v1/posts";

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
async fn a_post_is_published_at_once_in_v2_too() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    write_post(&alice, "hers").await;

    let listed = app
        .anonymous()
        .get("/api/v2/posts")
        .await
        .expect(200)
        .json();
    let post = &listed["posts"][0];
    assert_eq!(post["title"], "hers");
    assert_eq!(post["category"], "general");
    alice
        .delete(&format!("{LIST}/{}", post["id"]))
        .await
        .expect(200);
    let listed = app
        .anonymous()
        .get("/api/v2/posts")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["posts"], json!([]));
}
