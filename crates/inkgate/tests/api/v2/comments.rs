//! Comments: writing, reading, changing and deleting them.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use super::{comment_count, comment_texts, problem, write_post, wrong_fields};
use crate::support::{Answer, Client, TestApp};

pub(super) const LIST: &str = "/api/v2/posts/1/comments";

/// A post of alice's, and bob, who reads.
pub(super) async fn with_a_post() -> (TestApp, Client, Client) {
    with_a_post_and(&["--env", "testing"]).await
}

async fn with_a_post_and(flags: &[&str]) -> (TestApp, Client, Client) {
    let app = TestApp::spawn_with(flags).await;
    let alice = app.user("alice").await;
    let bob = app.user_with_role("bob", Role::Reader).await;
    write_post(&alice, "T").await;
    (app, alice, bob)
}

pub(super) async fn say(client: &Client, content: &str) -> Answer {
    client.post(LIST, &json!({"content": content})).await
}

async fn answer(client: &Client, parent: &Value, content: &str) -> Answer {
    let body = json!({"content": content, "parent_id": parent});
    client.post(LIST, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_shown_as_it_was_written_and_as_safe_html() {
    let (app, alice, bob) = with_a_post().await;
    let before = app.anonymous().get("/api/v2/posts/1").await.json();
    let text = "Well *said*. <script>alert(1)</script>";

    let made = say(&bob, text).await.expect(201);

    let comment = made.json();
    assert_eq!(made.header("location"), "/api/v2/comments/1");
    assert!(made.header("etag").starts_with("\"1-"));
    let html = comment["html"].as_str().unwrap();
    assert!(
        html.contains("<em>said</em>") && !html.contains("<script"),
        "{html}"
    );
    let mut rest = comment.clone();
    rest["html"] = Value::Null;
    assert_eq!(
        rest,
        json!({"id": 1, "post_id": 1, "user_id": 2, "parent_id": null, "content": text, "html": null,
            "author": {"id": 2, "username": "bob", "display_name": null, "avatar_url": null},
            "status": "approved", "created_at": "2026-11-23T19:00:00.123Z",
            "updated_at": "2026-11-23T19:00:00.123Z", "version": 1})
    );
    for client in [&app.anonymous(), &alice, &bob] {
        let one = client.get("/api/v2/comments/1").await.expect(200);
        assert_eq!(one.json(), comment);
        assert_eq!(one.header("etag"), made.header("etag"));
        let list = client.get(LIST).await.expect(200).json();
        assert_eq!(list, json!({"comments": [comment], "next_cursor": null}));
    }
    assert_eq!(comment_count(&app).await, 1);
    let after = app.anonymous().get("/api/v2/posts/1").await.json();
    assert_eq!(after["version"], before["version"]);
    assert_eq!(after["updated_at"], before["updated_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_are_two_deep() {
    let (_app, alice, bob) = with_a_post().await;
    write_post(&alice, "Another").await;
    let elsewhere = json!({"content": "elsewhere"});
    let elsewhere = alice.post("/api/v2/posts/2/comments", &elsewhere).await;
    let elsewhere = elsewhere.expect(201).json()["id"].clone();
    let top = say(&bob, "top").await.expect(201).json()["id"].clone();

    let reply = answer(&alice, &top, "reply").await.expect(201).json();
    assert_eq!(reply["parent_id"], top);
    let deeper = problem(&answer(&bob, &reply["id"], "deeper").await, 422, "too_deep");
    assert_eq!(
        wrong_fields(&deeper),
        [("parent_id".into(), "too_deep".into())]
    );
    for parent in [elsewhere, json!(999), json!(-1), json!(i64::MAX)] {
        let refused = problem(&answer(&bob, &parent, "x").await, 422, "invalid");
        assert_eq!(
            wrong_fields(&refused),
            [("parent_id".into(), "invalid".into())]
        );
    }
    answer(&bob, &Value::Null, "by itself").await.expect(201);

    // What answered a comment that is gone stands by itself.
    bob.delete(&format!("/api/v2/comments/{top}"))
        .await
        .expect(204);
    let path = format!("/api/v2/comments/{}", reply["id"]);
    let orphan = alice.get(&path).await.expect(200).json();
    assert_eq!(orphan["parent_id"], Value::Null);
    assert_eq!(comment_texts(&bob, LIST).await, ["reply", "by itself"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_comment_is_refused_field_by_field() {
    let (_app, _alice, bob) = with_a_post().await;
    let long = "é".repeat(10_000);
    say(&bob, &long).await.expect(201);

    for content in [
        json!(""),
        json!(" \n\u{3000}"),
        json!("é".repeat(10_001)),
        json!("a\0"),
        json!(5),
        Value::Null,
    ] {
        let refused = bob.post(LIST, &json!({"content": content})).await;
        let refused = problem(&refused, 422, "invalid");
        assert_eq!(
            wrong_fields(&refused),
            [("content".into(), "invalid".into())]
        );
    }
    let wrong = json!({"parent_id": "1", "status": "approved", "user_id": 1});
    let refused = problem(&bob.post(LIST, &wrong).await, 422, "invalid");
    let wrong = [
        ("content", "invalid"),
        ("parent_id", "invalid"),
        ("status", "unknown_field"),
        ("user_id", "unknown_field"),
    ];
    let wrong = wrong.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(wrong_fields(&refused), wrong);
    for (body, status) in [
        ("[]", 422),
        ("null", 422),
        ("{", 400),
        ("{\"content\":\"a\",\"content\":\"b\"}", 400),
    ] {
        let refused = bob.raw(Method::POST, LIST, "application/json", body).await;
        assert_eq!(refused.status, status, "{body}");
    }
    let nested = ">".repeat(9_000) + " x";
    let answer = say(&bob, &nested).await;
    assert!([201, 422].contains(&answer.status), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn words_can_be_changed_by_who_may_and_only_the_version_that_was_read() {
    let (app, alice, bob) = with_a_post().await;
    let eve = app.user("eve").await;
    let editor = app.user_with_role("edith", Role::Editor).await;
    let path = "/api/v2/comments/1";
    let first = say(&bob, "first").await.expect(201);
    app.advance(Duration::from_secs(60));

    let patch = json!({"content": "second"});
    problem(&eve.patch(path, &patch).await, 403, "forbidden");
    // The author of the post moderates, and puts no words into somebody's mouth.
    problem(&alice.patch(path, &patch).await, 403, "forbidden");
    app.anonymous().patch(path, &patch).await.expect(401);
    let second = bob.patch(path, &patch).await.expect(200);
    let comment = second.json();
    assert_eq!(comment["content"], "second");
    assert_eq!(comment["html"], "<p>second</p>\n");
    assert_eq!(comment["version"], 2);
    assert_eq!(comment["updated_at"], "2026-11-23T19:01:00.123Z");
    assert_eq!(comment["created_at"], "2026-11-23T19:00:00.123Z");
    let stale = bob
        .request(Method::PATCH, path)
        .json(&json!({"content": "third"}));
    let stale = bob.send(stale.header(IF_MATCH, first.header("etag"))).await;
    problem(&stale, 412, "stale_version");
    assert_eq!(stale.header("etag"), second.header("etag"));
    let nothing = bob.patch(path, &json!({})).await.expect(200);
    assert_eq!(nothing.body, second.body);
    problem(
        &bob.patch(path, &json!({"parent_id": null})).await,
        422,
        "unknown_field",
    );
    problem(
        &bob.patch(path, &json!({"content": null})).await,
        422,
        "invalid",
    );
    let redacted = editor.patch(path, &json!({"content": "[cut]"})).await;
    assert_eq!(redacted.expect(200).json()["user_id"], 2);
    let same = bob.request(Method::GET, path).header(IF_NONE_MATCH, "*");
    bob.send(same).await.expect(304);
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_deleted_by_their_author_the_post_s_and_editors() {
    let (app, alice, bob) = with_a_post().await;
    let eve = app.user("eve").await;
    let editor = app.user_with_role("edith", Role::Editor).await;
    for _ in 0..3 {
        say(&bob, "words").await.expect(201);
    }
    assert_eq!(comment_count(&app).await, 3);

    problem(&eve.delete("/api/v2/comments/1").await, 403, "forbidden");
    app.anonymous()
        .delete("/api/v2/comments/1")
        .await
        .expect(401);
    let stale = bob.request(Method::DELETE, "/api/v2/comments/1");
    let stale = bob.send(stale.header(IF_MATCH, "\"7-00\"")).await;
    problem(&stale, 412, "stale_version");
    for (number, client) in [(1, &bob), (2, &alice), (3, &editor)] {
        let path = format!("/api/v2/comments/{number}");
        let deleted = client.delete(&path).await.expect(204);
        assert_eq!(deleted.body, b"");
        problem(&client.delete(&path).await, 404, "not_found");
        problem(&client.get(&path).await, 404, "not_found");
        assert_eq!(comment_count(&app).await, 3 - number);
    }
    assert_eq!(say(&bob, "again").await.expect(201).json()["id"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_a_write_and_each_attempt_counts() {
    let flags = [
        "--env",
        "testing",
        "--limits",
        "true",
        "--limit-writes",
        "2/1h",
    ];
    let (_app, _alice, bob) = with_a_post_and(&flags).await;
    say(&bob, "one").await.expect(201);
    say(&bob, "").await.expect(422);

    problem(&say(&bob, "three").await, 429, "rate_limited");
    problem(
        &bob.put("/api/v2/posts/1/favorite", &json!({})).await,
        429,
        "rate_limited",
    );
    assert_eq!(comment_texts(&bob, LIST).await, ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_with_a_key_is_made_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;
    let path = "/api/v2/posts/1/comments";
    let send = async |text: &str| {
        let request = alice.request(Method::POST, path);
        let request = request.header("idempotency-key", "k");
        alice.send(request.json(&json!({"content": text}))).await
    };

    let first = send("Hello").await.expect(201);
    let again = send("Hello").await.expect(201);
    let other = send("Another").await;

    assert_eq!(again.body, first.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
    problem(&other, 422, "idempotency_mismatch");
    assert_eq!(
        app.anonymous().get("/api/v2/posts/1").await.json()["comment_count"],
        1
    );
}
