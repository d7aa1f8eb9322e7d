//! Posts: their shape, and what changes them.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use serde_json::json;

use super::{column, problem, write_post};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_made_is_shown_whole_with_its_place_and_tag() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new = json!({"title": "My Post", "content": "# Hello", "category": "tech"});

    let made = alice.post("/api/v2/posts", &new).await.expect(201);

    let time = "2026-11-23T19:00:00.123Z";
    let whole = json!({
        "id": 1, "slug": "my-post", "title": "My Post", "content": "# Hello", "excerpt": "Hello",
        "category": "tech", "tags": [], "series": null, "status": "published",
        "published_at": time, "created_at": time, "updated_at": time,
        "user_id": 1, "author": {"id": 1, "username": "alice", "display_name": null, "avatar_url": null},
        "word_count": 1, "reading_minutes": 1, "cover": null, "canonical_url": null, "language": null,
        "pinned": false, "comments_enabled": true, "comment_count": 0, "favorite_count": 0,
        "version": 1, "html": made.json()["html"],
    });
    assert_eq!(made.json(), whole);
    assert_eq!(made.header("content-type"), "application/json");
    assert_eq!(made.header("location"), "/api/v2/posts/1");
    let shown = app.anonymous().get("/api/v2/posts/1").await.expect(200);
    assert_eq!(shown.body, made.body);
    assert_eq!(shown.header("etag"), made.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_a_category_is_general() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let with_null = json!({"title": "T", "content": "", "category": null});

    let without = write_post(&alice, "T").await;
    let with_null = alice.post("/api/v2/posts", &with_null).await.expect(201);

    assert_eq!(without.json()["category"], "general");
    assert_eq!(with_null.json()["category"], "general");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_kept_byte_for_byte() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let title = " \u{202e}gnp.exe\u{2066} 令牌 🦀\u{fe0f} ";
    let content = "\u{feff}\r\n\ttwo  blanks\u{200b}\u{85}\u{2028}<script>&amp; \\u0000 \"\n";
    let new = json!({"title": title, "content": content, "category": " tech\u{202e} "});

    alice.post("/api/v2/posts", &new).await.expect(201);

    let post = app.anonymous().get("/api/v2/posts/1").await.json();
    assert_eq!(post["title"], title);
    assert_eq!(post["content"], content);
    assert_eq!(post["category"], "tech\u{202e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_and_put_change_what_they_name_and_nothing_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let cases = [
        (Method::PATCH, json!({"title": "Another"})),
        (Method::PATCH, json!({"category": "tech"})),
        (Method::PUT, json!({"tags": ["Rust", "web"]})),
        (Method::PUT, json!({"title": "A third", "pinned": true})),
        (Method::PATCH, json!({"series": "One", "language": "en"})),
        (
            Method::PATCH,
            json!({"series": null, "excerpt": "In short"}),
        ),
        (Method::PUT, json!({"slug": "another-name"})),
    ];
    let mut wanted = write_post(&alice, "My Post").await.json();

    for (method, patch) in cases {
        app.advance(Duration::from_secs(1));
        for (field, value) in patch.as_object().unwrap() {
            wanted[field] = value.clone();
        }
        wanted["version"] = json!(wanted["version"].as_i64().unwrap() + 1);
        wanted["updated_at"] = json!(app.clock.now().to_string());

        let body = patch.to_string();
        let changed = alice
            .raw(method, "/api/v2/posts/1", "application/json", body)
            .await
            .expect(200);

        assert_eq!(changed.json(), wanted);
        let shown = app.anonymous().get("/api/v2/posts/1").await;
        assert_eq!(shown.body, changed.body);
        assert_eq!(shown.header("etag"), changed.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_patch_may_say_that_it_is_one() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;

    let patched = alice
        .raw(
            Method::PATCH,
            "/api/v2/posts/1",
            "application/merge-patch+json; charset=utf-8",
            r#"{"title":"Another"}"#,
        )
        .await
        .expect(200);

    assert_eq!(patched.json()["title"], "Another");
}

#[tokio::test(flavor = "multi_thread")]
async fn null_makes_a_category_general_again() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;
    let tech = json!({"category": "tech"});
    alice.patch("/api/v2/posts/1", &tech).await.expect(200);

    let cleared = alice
        .patch("/api/v2/posts/1", &json!({"category": null}))
        .await
        .expect(200);

    assert_eq!(cleared.json()["category"], "general");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_patch_changes_nothing() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_post(&alice, "My Post").await;
    app.advance(Duration::from_secs(1));

    let patched = alice.patch("/api/v2/posts/1", &json!({})).await.expect(200);

    assert_eq!(patched.body, made.body);
    assert_eq!(patched.header("etag"), made.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn put_never_makes_a_post() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = json!({"title": "My Post", "content": "Hello"});

    let refused = alice.put("/api/v2/posts/1", &post).await;

    problem(&refused, 404, "not_found");
    let list = app.anonymous().get("/api/v2/posts").await.json();
    assert_eq!(list, json!({"posts": [], "next_cursor": null}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_is_gone_for_everybody() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "Gone").await;
    write_post(&alice, "Stays").await;

    let deleted = alice.delete("/api/v2/posts/1").await.expect(200);

    assert_eq!(deleted.text(), r#"{"message":"Post deleted"}"#);
    for client in [&alice, &app.anonymous()] {
        problem(&client.get("/api/v2/posts/1").await, 404, "not_found");
        client.get("/api/v1/posts/1").await.expect(404);
        let list = client.get("/api/v2/posts").await.json();
        assert_eq!(column(&list, "posts", "title"), ["Stays"]);
    }
    problem(&alice.delete("/api/v2/posts/1").await, 404, "not_found");
    let patch = json!({"title": "Back"});
    let patched = alice.patch("/api/v2/posts/1", &patch).await;
    problem(&patched, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_author_and_editors_change_a_post() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let (bob, editor) = (
        app.user("bob").await,
        app.user_with_role("ed", Role::Editor).await,
    );
    let made = write_post(&alice, "My Post").await;
    let patch = json!({"title": "Mine"});

    for answer in [
        bob.patch("/api/v2/posts/1", &patch).await,
        bob.put("/api/v2/posts/1", &patch).await,
        bob.delete("/api/v2/posts/1").await,
    ] {
        problem(&answer, 403, "forbidden");
    }
    let unchanged = app.anonymous().get("/api/v2/posts/1").await;
    let edited = editor.patch("/api/v2/posts/1", &patch).await.expect(200);

    assert_eq!(unchanged.body, made.body);
    assert_eq!(edited.json()["title"], "Mine");
    assert_eq!(edited.json()["author"]["username"], "alice");
    editor.delete("/api/v2/posts/1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_show_the_same_post() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new = json!({"title": "My Post", "content": "Hello", "category": "tech"});
    alice.post("/api/v2/posts", &new).await.expect(201);

    let renamed = json!({"title": "Renamed"});
    alice.put("/api/v1/posts/1", &renamed).await.expect(200);

    let (v1, v2) = (
        app.anonymous().get("/api/v1/posts/1").await.json(),
        app.anonymous().get("/api/v2/posts/1").await.json(),
    );
    for (field, value) in [
        ("title", "Renamed"),
        ("content", "Hello"),
        ("category", "tech"),
    ] {
        assert_eq!((&v1[field], &v2[field]), (&json!(value), &json!(value)));
    }
    assert_eq!(v2["version"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_as_get_does_without_the_body() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;
    let reader = app.anonymous();

    for path in ["/api/v2/posts", "/api/v2/posts/1", "/api/v2/posts/2"] {
        let get = reader.get(path).await;
        let head = reader.send(reader.request(Method::HEAD, path)).await;

        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty());
        for name in [
            "content-type",
            "content-length",
            "etag",
            "cache-control",
            "vary",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn markdown_becomes_safe_html_with_coloured_code() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let content =
        "Hi <script>alert(1)</script>[^1]\n\n```rust\nlet x = 1; // one\n```\n\n[^1]: A note.\n";
    let new = json!({"title": "T", "content": content});

    let post = alice.post("/api/v2/posts", &new).await.expect(201).json();

    assert_eq!(post["content"], content);
    let html = post["html"].as_str().unwrap();
    for part in [
        "<code class=\"language-rust\"><span class=\"hl-keyword\">let</span> x",
        "<span class=\"hl-comment\">// one</span>",
        "class=\"footnotes\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("<script"), "{html}");
}
