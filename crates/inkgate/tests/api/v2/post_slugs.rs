//! Slugs: how they are made, who keeps them, where old ones lead.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{problem, write_with, wrong_fields};
use crate::support::{Answer, Client, TestApp};

/// What is at a slug for somebody: a post, the slug that it has by now, or nothing.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    Post(i64),
    Moved(String),
    Nothing,
}

pub(super) async fn find(client: &Client, slug: &str) -> Found {
    let answer = client.get(&format!("/api/v2/posts/by-slug/{slug}")).await;
    match answer.status {
        200 => Found::Post(answer.json()["id"].as_i64().unwrap()),
        301 => {
            let path = answer.header("location");
            let slug = path.strip_prefix("/api/v2/posts/by-slug/").unwrap();
            Found::Moved(slug.to_owned())
        }
        _ => {
            problem(&answer, 404, "not_found");
            Found::Nothing
        }
    }
}

async fn written(author: &Client, title: &str) -> String {
    slug(&write_with(author, json!({"title": title})).await)
}

pub(super) fn slug(post: &Value) -> String {
    post["slug"].as_str().unwrap().to_owned()
}

pub(super) async fn patch(author: &Client, id: i64, patch: Value) -> Answer {
    author.patch(&format!("/api/v2/posts/{id}"), &patch).await
}

pub(super) fn moved(slug: &str) -> Found {
    Found::Moved(slug.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_made_of_the_title() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for (title, slug) in [
        ("Über Straßen & Wege", "uber-strassen-wege"),
        ("令牌", "ling-pai"),
        ("Don't panic!", "dont-panic"),
        ("🦀", "post"),
        ("🦀🎉", "post-2"),
        ("\u{202e}gnp.exe", "gnp-exe"),
    ] {
        assert_eq!(written(&alice, title).await, slug);
    }
    assert_eq!(find(&app.anonymous(), "post-2").await, Found::Post(5));
    let long = written(&alice, &"long word ".repeat(25)).await;
    assert!(long.len() <= 80, "{long}");
    assert_eq!(find(&app.anonymous(), &long).await, Found::Post(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_that_is_taken_gets_a_number() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let mut slugs = Vec::new();
    for title in ["Top", "TOP", "top!", "Top 2", "Top 2026", "Top", "Top 2026"] {
        slugs.push(written(&alice, title).await);
    }

    assert_eq!(slugs[..3], ["top", "top-2", "top-3"]);
    let distinct: BTreeSet<_> = slugs.iter().collect();
    assert_eq!(distinct.len(), slugs.len(), "{slugs:?}");
    for (slug, id) in slugs.iter().zip(1..) {
        assert_eq!(find(&app.anonymous(), slug).await, Found::Post(id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_posts_of_one_title_at_once_get_thirty_slugs() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let slugs = join_all((0..30).map(|_| written(&alice, "One title"))).await;

    let distinct: BTreeSet<_> = slugs.into_iter().collect();
    assert_eq!(distinct.len(), 30);
    assert!(
        distinct.contains("one-title") && distinct.contains("one-title-2"),
        "{distinct:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_posts_renamed_to_one_title_at_once_get_thirty_slugs() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for number in 0..30 {
        written(&alice, &format!("Title {number}")).await;
    }

    let rename = json!({"title": "One title", "slug": null});
    let renamed = join_all((1..=30).map(|id| patch(&alice, id, rename.clone()))).await;

    let slugs = renamed
        .into_iter()
        .map(|answer| slug(&answer.expect(200).json()));
    assert_eq!(slugs.collect::<BTreeSet<_>>().len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_somebody_has_taken_on_purpose_stops_nobody() {
    let app = TestApp::spawn().await;
    let (mallory, alice) = (app.user("mallory").await, app.user("alice").await);
    for slug in [
        "hello",
        "hello-999999999",
        "hello-1000000000",
        "hello-1000000001",
    ] {
        let new = json!({"title": "T", "content": "", "slug": slug});
        mallory.post("/api/v2/posts", &new).await.expect(201);
    }

    let slugs = join_all((0..5).map(|_| written(&alice, "Hello"))).await;

    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), 5, "{slugs:?}");
    assert!(
        slugs.iter().all(|slug| slug.starts_with("hello-")),
        "{slugs:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explicit_slug_that_is_taken_is_refused() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    written(&alice, "Taken").await;
    written(&alice, "Trashed").await;
    alice.delete("/api/v2/posts/2").await.expect(200);
    written(&alice, "Old name").await;
    patch(&alice, 3, json!({"slug": "new-name"}))
        .await
        .expect(200);
    write_with(&alice, json!({"slug": "hidden", "status": "draft"})).await;
    written(&bob, "Bob's").await;

    for slug in ["taken", "trashed", "old-name", "new-name", "hidden"] {
        let new = json!({"title": "T", "content": "", "slug": slug});
        problem(&bob.post("/api/v2/posts", &new).await, 409, "slug_taken");
        let patched = patch(&bob, 5, json!({"slug": slug, "title": "Changed"})).await;
        problem(&patched, 409, "slug_taken");
    }
    let unchanged = bob.get("/api/v2/posts/5").await.json();
    assert_eq!(
        (&unchanged["title"], &unchanged["version"]),
        (&json!("Bob's"), &json!(1))
    );
    let list = app.anonymous().get("/api/v2/posts?total=true").await.json();
    assert_eq!(list["total"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explicit_slug_is_plain() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    written(&alice, "T").await;

    for slug in [
        json!("🦀"),
        json!(""),
        json!("A"),
        json!("a b"),
        json!("a--b"),
        json!("-a"),
        json!("a/b"),
        json!(".."),
        json!("a\0"),
        json!(5),
        json!(["a"]),
        json!("a".repeat(101)),
    ] {
        let new = json!({"title": "T", "content": "", "slug": slug});
        for answer in [
            alice.post("/api/v2/posts", &new).await,
            patch(&alice, 1, json!({"slug": slug})).await,
        ] {
            let body = problem(&answer, 422, "invalid");
            assert_eq!(
                wrong_fields(&body),
                [("slug".to_owned(), "invalid".to_owned())]
            );
        }
    }
    let longest = "a".repeat(100);
    let post = write_with(&alice, json!({"slug": longest})).await;
    assert_eq!(post["slug"], longest);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_slugs_lead_to_the_current_one_and_are_kept_for_their_post() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    written(&alice, "First").await;
    for slug in ["second", "third"] {
        patch(&alice, 1, json!({"slug": slug})).await.expect(200);
    }

    assert_eq!(find(&reader, "first").await, moved("third"));
    assert_eq!(find(&reader, "second").await, moved("third"));
    assert_eq!(find(&reader, "third").await, Found::Post(1));
    // Another post makes way.
    assert_eq!(written(&alice, "First").await, "first-2");

    // Its own old slug it may have again.
    let back = patch(&alice, 1, json!({"slug": "first"})).await.expect(200);
    assert_eq!(back.json()["slug"], "first");
    assert_eq!(find(&reader, "first").await, Found::Post(1));
    assert_eq!(find(&reader, "third").await, moved("first"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_says_how_long_it_is_good() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    written(&alice, "First").await;
    patch(&alice, 1, json!({"slug": "second"}))
        .await
        .expect(200);
    let path = "/api/v2/posts/by-slug/first";

    for method in [Method::GET, Method::HEAD] {
        let answer = reader.send(reader.request(method, path)).await.expect(301);
        assert_eq!(answer.header("location"), "/api/v2/posts/by-slug/second");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0, must-revalidate"
        );
        assert_eq!(answer.header("vary"), "Authorization, Accept-Encoding");
        assert!(answer.body.is_empty());
    }
    let trimmed = reader
        .get(&format!("{path}?fields=title,id"))
        .await
        .expect(301);
    assert_eq!(
        trimmed.header("location"),
        "/api/v2/posts/by-slug/second?fields=id,title"
    );
    let with_token = alice.get(path).await.expect(301);
    assert_eq!(with_token.header("cache-control"), "private, no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_changes_no_slug_and_null_makes_one_of_it() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    written(&alice, "First").await;

    let renamed = patch(&alice, 1, json!({"title": "Second"}))
        .await
        .expect(200);
    assert_eq!(renamed.json()["slug"], "first");
    let fresh = patch(&alice, 1, json!({"slug": null})).await.expect(200);
    assert_eq!(fresh.json()["slug"], "second");
    let again = patch(&alice, 1, json!({"slug": null, "title": "First"})).await;
    assert_eq!(again.expect(200).json()["slug"], "first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_kept_in_the_trash_and_free_when_the_post_is_gone() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    written(&alice, "First").await;
    patch(&alice, 1, json!({"slug": "second"}))
        .await
        .expect(200);
    alice.delete("/api/v2/posts/1").await.expect(200);

    for slug in ["first", "second"] {
        assert_eq!(find(&alice, slug).await, Found::Nothing);
        assert_eq!(find(&reader, slug).await, Found::Nothing);
    }
    assert_eq!(written(&alice, "Second").await, "second-2");
    let restored = alice.post("/api/v2/posts/1/restore", &json!({})).await;
    assert_eq!(restored.expect(200).json()["slug"], "second");
    assert_eq!(find(&reader, "first").await, moved("second"));
    alice.delete("/api/v2/posts/1").await.expect(200);
    alice
        .delete("/api/v2/posts/1?permanent=true")
        .await
        .expect(200);

    let new = json!({"slug": "first"});
    assert_eq!(write_with(&alice, new).await["slug"], "first");
    assert_eq!(find(&reader, "first").await, Found::Post(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_slug_is_not_found() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    written(&alice, "First").await;

    for slug in [
        "FIRST",
        "first%20",
        "first%00",
        "%00",
        "%F0%9F%A6%80",
        "first-",
        "..",
        "1",
        "%25",
        "_irst",
        "%FF",
        "'%20OR%201=1",
    ] {
        let answer = reader.get(&format!("/api/v2/posts/by-slug/{slug}")).await;
        assert_eq!(answer.status, 404, "{slug}: {}", answer.text());
    }
    let long = format!("/api/v2/posts/by-slug/{}", "a".repeat(4000));
    assert_eq!(reader.get(&long).await.status, 404);
}
