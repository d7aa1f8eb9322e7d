//! Favorites and bookmarks.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use super::{column, problem, write_post};
use crate::support::{Client, TestApp};

/// alice, who wrote posts 1 to 4, and bob, who reads.
async fn with_posts() -> (TestApp, Client, Client) {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user_with_role("bob", Role::Reader).await;
    for title in ["one", "two", "three", "four"] {
        write_post(&alice, title).await;
    }
    (app, alice, bob)
}

async fn put(client: &Client, post: i64, mark: &str) {
    let path = format!("/api/v2/posts/{post}/{mark}");
    let answer = client
        .send(client.request(Method::PUT, &path))
        .await
        .expect(204);
    assert_eq!(answer.body, b"");
}

async fn take(client: &Client, post: i64, mark: &str) {
    let path = format!("/api/v2/posts/{post}/{mark}");
    client.delete(&path).await.expect(204);
}

async fn ids(client: &Client, path: &str) -> Vec<i64> {
    let list = client.get(path).await.expect(200).json();
    let ids = column(&list, "posts", "id");
    ids.iter().map(|id| id.as_i64().unwrap()).collect()
}

async fn favorites_of(app: &TestApp, post: i64) -> Value {
    let path = format!("/api/v2/posts/{post}");
    app.anonymous().get(&path).await.expect(200).json()["favorite_count"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_there_once_however_often_it_is_put() {
    let (app, alice, bob) = with_posts().await;

    for (mark, list, counted) in [
        ("favorite", "/api/v2/me/favorites", 1),
        ("bookmark", "/api/v2/me/bookmarks", 0),
    ] {
        let before = favorites_of(&app, 1).await;
        assert_eq!(before, 0);
        put(&bob, 1, mark).await;
        put(&bob, 1, mark).await;
        assert_eq!(ids(&bob, list).await, [1]);
        assert_eq!(favorites_of(&app, 1).await, counted);
        assert_eq!(ids(&alice, list).await, [0; 0]);
        take(&bob, 1, mark).await;
        take(&bob, 1, mark).await;
        take(&alice, 1, mark).await;
        assert_eq!(ids(&bob, list).await, [0; 0]);
        assert_eq!(favorites_of(&app, 1).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_begin_with_what_was_marked_last_and_are_paged() {
    let (app, alice, bob) = with_posts().await;

    for (mark, list) in [
        ("favorite", "/api/v2/me/favorites"),
        ("bookmark", "/api/v2/me/bookmarks"),
    ] {
        for post in [2, 4, 1, 3] {
            put(&bob, post, mark).await;
            app.advance(Duration::from_millis(1));
        }
        // It was there already, and keeps its place.
        put(&bob, 2, mark).await;
        assert_eq!(ids(&bob, list).await, [3, 1, 4, 2]);
        let first = bob.get(&format!("{list}?limit=3")).await.expect(200);
        let page = first.json();
        assert_eq!(column(&page, "posts", "title"), ["three", "one", "four"]);
        let cursor = page["next_cursor"].as_str().unwrap();
        let next = format!("{list}?limit=3&cursor={cursor}");
        assert!(first.header("link").contains(&next));
        put(&bob, 3, mark).await;
        let last = bob.get(&next).await.expect(200).json();
        assert_eq!(column(&last, "posts", "id"), [2]);
        assert_eq!(last["next_cursor"], Value::Null);
        let own = alice.get(&next).await.expect(200).json();
        assert_eq!(own["posts"], json!([]));
        problem(
            &bob.get(&format!("{list}?limit=0")).await,
            400,
            "invalid_query",
        );
        problem(
            &bob.get(&format!("{list}?cursor=x")).await,
            400,
            "invalid_cursor",
        );
        let same = bob.request(Method::GET, list);
        let tag = bob.get(list).await.header("etag").to_owned();
        let same = bob.send(same.header(IF_NONE_MATCH, tag)).await.expect(304);
        assert_eq!(same.header("cache-control"), "private, no-store");
        app.anonymous().get(list).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_may_still_be_seen_is_listed() {
    let (_app, alice, bob) = with_posts().await;
    for post in 1..=4 {
        put(&bob, post, "favorite").await;
    }

    alice.delete("/api/v2/posts/2").await.expect(200);

    assert_eq!(ids(&bob, "/api/v2/me/favorites").await, [4, 3, 1]);
    let page = bob
        .get("/api/v2/me/favorites?limit=2")
        .await
        .expect(200)
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = format!("/api/v2/me/favorites?limit=2&cursor={cursor}");
    assert_eq!(ids(&bob, &next).await, [1]);
    for (mark, method) in [("favorite", Method::PUT), ("bookmark", Method::DELETE)] {
        for post in [2, 99] {
            let path = format!("/api/v2/posts/{post}/{mark}");
            let gone = bob.send(bob.request(method.clone(), &path)).await;
            problem(&gone, 404, "not_found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_favorite_changes_what_is_shown_and_blocks_no_author() {
    let (app, alice, bob) = with_posts().await;
    let reader = app.anonymous();
    let read = reader.get("/api/v2/posts/1").await.expect(200);
    let list = reader.get("/api/v2/posts").await.expect(200);

    put(&bob, 1, "favorite").await;

    // What was kept in memory is shown no more.
    for (path, before) in [("/api/v2/posts/1", &read), ("/api/v2/posts", &list)] {
        let again = reader.request(Method::GET, path);
        let again = reader
            .send(again.header(IF_NONE_MATCH, before.header("etag")))
            .await;
        assert_ne!(again.expect(200).header("etag"), before.header("etag"));
    }
    let now = reader.get("/api/v2/posts/1").await.expect(200).json();
    assert_eq!(now["favorite_count"], 1);
    assert_eq!(now["version"], read.json()["version"]);
    assert_eq!(now["updated_at"], read.json()["updated_at"]);
    let edit = alice
        .request(Method::PATCH, "/api/v2/posts/1")
        .json(&json!({"title": "T"}));
    alice
        .send(edit.header(IF_MATCH, read.header("etag")))
        .await
        .expect(200);
    assert_eq!(favorites_of(&app, 1).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_favorites_of_somebody_who_is_gone_are_counted_no_more() {
    let (app, _alice, bob) = with_posts().await;
    put(&bob, 1, "favorite").await;
    put(&bob, 1, "bookmark").await;
    let him = app.with_token(&app.login_v2("bob", "1234").await.access);
    let goodbye = him.request(Method::DELETE, "/api/v2/me");
    let goodbye = goodbye.json(&json!({"current_password": "1234"}));
    assert_eq!(favorites_of(&app, 1).await, 1);
    him.send(goodbye).await.expect(204);

    app.domain.tidy().await.unwrap();

    assert_eq!(favorites_of(&app, 1).await, 0);
    let list = app
        .anonymous()
        .get("/api/v2/posts")
        .await
        .expect(200)
        .json();
    assert_eq!(*column(&list, "posts", "favorite_count")[3], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_public_is_listed_for_those_who_see_it() {
    let (app, alice, bob) = with_posts().await;
    let editor = app.user_with_role("edith", Role::Editor).await;
    for client in [&alice, &bob, &editor] {
        put(client, 2, "favorite").await;
        put(client, 1, "favorite").await;
    }

    for hidden in [
        json!({"status": "draft"}),
        json!({"status": "archived"}),
        json!({"status": "unlisted"}),
        json!({"status": "scheduled", "published_at": "2026-11-24T00:00:00Z"}),
    ] {
        alice.patch("/api/v2/posts/1", &hidden).await.expect(200);
        let list = "/api/v2/me/favorites";
        assert_eq!(ids(&bob, list).await, [2], "{hidden}");
        assert_eq!(ids(&alice, list).await, [2, 1], "{hidden}");
        assert_eq!(ids(&editor, list).await, [2, 1], "{hidden}");
        for path in ["/api/v2/posts/1/favorite", "/api/v2/posts/1/bookmark"] {
            let request = bob.request(Method::PUT, path);
            problem(&bob.send(request).await, 404, "not_found");
        }
    }
    // Its time comes by itself.
    app.advance(Duration::from_secs(6 * 3600));
    let bob = app.login("bob", "1234").await;
    assert_eq!(ids(&bob, "/api/v2/me/favorites").await, [2, 1]);
    assert_eq!(favorites_of(&app, 1).await, 3);
}
