//! Following others, and the feed.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};

use super::{column, problem, write_post, wrong_fields};
use crate::support::{Answer, Client, TestApp};

const FEED: &str = "/api/v2/me/feed";

async fn follow(client: &Client, user: i64) -> Answer {
    let path = format!("/api/v2/users/{user}/follow");
    client.send(client.request(Method::PUT, &path)).await
}

async fn titles(client: &Client, path: &str) -> Vec<String> {
    let list = client.get(path).await.expect(200).json();
    let titles = column(&list, "posts", "title");
    titles
        .iter()
        .map(|title| title.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_holds_what_those_whom_one_follows_have_published() {
    let app = TestApp::spawn().await;
    let rita = app.user_with_role("rita", Role::Reader).await;
    let (alice, bob, eve) = (
        app.user("alice").await,
        app.user("bob").await,
        app.user("eve").await,
    );
    for round in 0..3 {
        for (name, author) in [("alice", &alice), ("bob", &bob), ("eve", &eve)] {
            write_post(author, &format!("{name} {round}")).await;
            app.advance(Duration::from_secs(1));
        }
    }

    app.anonymous().get(FEED).await.expect(401);
    assert_eq!(titles(&rita, FEED).await, [""; 0]);
    for user in [2, 3, 3] {
        assert_eq!(follow(&rita, user).await.expect(204).body, b"");
    }
    let all = ["bob 2", "alice 2", "bob 1", "alice 1", "bob 0", "alice 0"];
    assert_eq!(titles(&rita, FEED).await, all);
    assert_eq!(titles(&alice, FEED).await, [""; 0]);

    let first = rita.get(&format!("{FEED}?limit=4")).await.expect(200);
    let page = first.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = format!("{FEED}?limit=4&cursor={cursor}");
    assert!(first.header("link").contains(&next));
    write_post(&alice, "new").await;
    alice.delete("/api/v2/posts/1").await.expect(200);
    assert_eq!(titles(&rita, &next).await, ["bob 0"]);
    assert_eq!(titles(&rita, FEED).await[0], "new");
    rita.delete("/api/v2/users/2/follow").await.expect(204);
    rita.delete("/api/v2/users/2/follow").await.expect(204);
    assert_eq!(titles(&rita, FEED).await, ["bob 2", "bob 1", "bob 0"]);
    let tag = rita.get(FEED).await.header("etag").to_owned();
    let same = rita.request(Method::GET, FEED).header(IF_NONE_MATCH, tag);
    let same = rita.send(same).await.expect(304);
    assert_eq!(same.header("cache-control"), "private, no-store");
    problem(
        &rita.get(&format!("{FEED}?user_id=4")).await,
        400,
        "invalid_query",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_follows_themselves_or_somebody_who_is_not_there() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    app.user_with_role("root", Role::Admin).await;
    let admin = app.with_token(&app.login_v2("root", "1234").await.access);
    let gone = app.user("gone").await;
    write_post(&gone, "gone").await;
    follow(&alice, 3).await.expect(204);
    assert_eq!(titles(&alice, FEED).await, ["gone"]);

    let refused = problem(&follow(&alice, 1).await, 422, "invalid");
    assert_eq!(wrong_fields(&refused), [("id".into(), "invalid".into())]);
    alice.delete("/api/v2/users/1/follow").await.expect(204);
    problem(&follow(&alice, 99).await, 404, "not_found");
    problem(
        &alice.delete("/api/v2/users/99/follow").await,
        404,
        "not_found",
    );
    admin.delete("/api/v2/users/3").await.expect(204);
    assert_eq!(titles(&alice, FEED).await, [""; 0]);
    problem(&follow(&alice, 3).await, 404, "not_found");
    app.domain.tidy().await.unwrap();
    assert_eq!(titles(&alice, FEED).await, [""; 0]);
    assert_eq!(alice.get(FEED).await.json()["next_cursor"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_what_one_said_marked_and_follows() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    app.register("bob", "1234").await.expect(201);
    let bob = app.with_token(&app.login_v2("bob", "1234").await.access);
    write_post(&alice, "hers").await;
    let (path, admin) = (
        "/api/v2/posts/1/comments",
        app.user_with_role("root", Role::Admin).await,
    );
    for content in ["kept", "hidden"] {
        bob.post(path, &json!({"content": content}))
            .await
            .expect(201);
    }
    alice
        .post(path, &json!({"content": "not his"}))
        .await
        .expect(201);
    admin
        .post("/api/v2/comments/2/spam", &json!({}))
        .await
        .expect(200);
    for (client, mark) in [(&bob, "favorite"), (&bob, "bookmark"), (&alice, "favorite")] {
        let put = client.request(Method::PUT, &format!("/api/v2/posts/1/{mark}"));
        client.send(put).await.expect(204);
    }
    follow(&bob, 1).await.expect(204);
    follow(&alice, 2).await.expect(204);
    alice.delete("/api/v2/posts/1").await.expect(200);

    let password = json!({"current_password": "1234"});
    let export = bob.post("/api/v2/me/export", &password).await.expect(200);
    let export = export.json();

    assert_eq!(column(&export, "comments", "content"), ["kept", "hidden"]);
    assert_eq!(column(&export, "comments", "status"), ["approved", "spam"]);
    let at = "2026-11-23T19:00:00.123Z";
    let mark = json!([{"post_id": 1, "created_at": at}]);
    assert_eq!((&export["favorites"], &export["bookmarks"]), (&mark, &mark));
    assert_eq!(export["follows"], json!([{"user_id": 1, "created_at": at}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_holds_public_posts_alone_each_from_its_time_on() {
    let app = TestApp::spawn().await;
    let (alice, rita) = (
        app.user("alice").await,
        app.user_with_role("rita", Role::Admin).await,
    );
    follow(&rita, 1).await.expect(204);
    for (title, status, time) in [
        ("draft", "draft", None),
        ("archived", "archived", None),
        ("unlisted", "unlisted", None),
        ("scheduled", "scheduled", Some("2026-11-23T20:00:00Z")),
        ("published", "published", None),
        ("old", "published", Some("2020-01-01T00:00:00Z")),
    ] {
        let post = json!({"title": title, "content": "", "status": status, "published_at": time});
        alice.post("/api/v2/posts", &post).await.expect(201);
    }

    assert_eq!(titles(&rita, FEED).await, ["published", "old"]);
    let page = rita
        .get(&format!("{FEED}?limit=1"))
        .await
        .expect(200)
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    app.advance(Duration::from_secs(3600));
    assert_eq!(titles(&rita, FEED).await, ["scheduled", "published", "old"]);
    let next = format!("{FEED}?limit=1&cursor={cursor}");
    assert_eq!(titles(&rita, &next).await, ["old"]);
}
