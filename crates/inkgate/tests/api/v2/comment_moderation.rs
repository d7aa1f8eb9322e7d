//! Which comments wait, and who decides.

use model::Role;
use reqwest::Method;
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use super::{comment_count, comment_texts, problem, write_post};
use crate::support::{Client, TestApp};

const LIST: &str = "/api/v2/posts/1/comments";

/// Somebody of each kind: alice wrote the post, bob and eve read.
struct People {
    app: TestApp,
    alice: Client,
    bob: Client,
    eve: Client,
    editor: Client,
}

async fn people(moderation: &str) -> People {
    let flags = ["--env", "testing", "--comment-moderation", moderation];
    let app = TestApp::spawn_with(&flags).await;
    let alice = app.user("alice").await;
    let bob = app.user_with_role("bob", Role::Reader).await;
    let eve = app.user("eve").await;
    let editor = app.user_with_role("edith", Role::Editor).await;
    write_post(&alice, "T").await;
    People {
        app,
        alice,
        bob,
        eve,
        editor,
    }
}

/// Says something, and gives its status.
async fn say(client: &Client, content: &str) -> Value {
    let said = client.post(LIST, &json!({"content": content})).await;
    said.expect(201).json()["status"].clone()
}

async fn decide(client: &Client, id: i64, verdict: &str) -> Value {
    let path = format!("/api/v2/comments/{id}/{verdict}");
    client.post(&path, &json!({})).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_waits_where_nothing_is_moderated() {
    let People { app, bob, .. } = people("none").await;

    assert_eq!(say(&bob, "one").await, "approved");
    assert_eq!(comment_count(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_s_first_comments_wait_until_one_is_approved() {
    let People {
        app,
        alice,
        bob,
        eve,
        editor,
    } = people("first").await;

    assert_eq!(say(&bob, "one").await, "pending");
    assert_eq!(say(&bob, "two").await, "pending");
    // Whoever may moderate here need not wait.
    assert_eq!(say(&alice, "the author's").await, "approved");
    assert_eq!(say(&editor, "the editor's").await, "approved");
    decide(&alice, 1, "spam").await;
    assert_eq!(say(&bob, "three").await, "pending");
    decide(&alice, 2, "approve").await;
    assert_eq!(say(&bob, "four").await, "approved");
    assert_eq!(say(&eve, "another's first").await, "pending");
    // One who was trusted is, other words or not.
    let edited = bob
        .patch("/api/v2/comments/2", &json!({"content": "TWO"}))
        .await;
    assert_eq!(edited.expect(200).json()["status"], "approved");
    assert_eq!(comment_count(&app).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_are_moderated_other_words_wait_again() {
    let People {
        app,
        alice,
        bob,
        editor,
        ..
    } = people("all").await;
    assert_eq!(say(&bob, "harmless").await, "pending");
    decide(&alice, 1, "approve").await;
    assert_eq!(say(&bob, "second").await, "pending");
    assert_eq!(comment_count(&app).await, 1);

    let edited = bob
        .patch("/api/v2/comments/1", &json!({"content": "buy!"}))
        .await;

    let edited = edited.expect(200).json();
    assert_eq!(
        (&edited["status"], &edited["version"]),
        (&json!("pending"), &json!(3))
    );
    assert_eq!(comment_count(&app).await, 0);
    assert_eq!(comment_texts(&app.anonymous(), LIST).await, [""; 0]);
    // An editor's words need no approval, and give none.
    for verdict in ["approve", "spam"] {
        let status = decide(&editor, 1, verdict).await["status"].clone();
        let edited = editor
            .patch("/api/v2/comments/1", &json!({"content": verdict}))
            .await;
        assert_eq!(edited.expect(200).json()["status"], status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_seen_by_its_author_and_those_who_decide() {
    let People {
        app,
        alice,
        bob,
        eve,
        editor,
    } = people("all").await;
    say(&bob, "his").await;
    say(&eve, "hers").await;

    assert_eq!(comment_texts(&app.anonymous(), LIST).await, [""; 0]);
    assert_eq!(comment_texts(&bob, LIST).await, ["his"]);
    assert_eq!(comment_texts(&eve, LIST).await, ["hers"]);
    assert_eq!(comment_texts(&alice, LIST).await, [""; 0]);
    let one = "/api/v2/comments/1";
    for client in [&alice, &bob, &editor] {
        client.get(one).await.expect(200);
    }
    for client in [&eve, &app.anonymous()] {
        problem(&client.get(one).await, 404, "not_found");
    }
    // What nobody sees cannot be answered, changed or reported.
    let answer = json!({"content": "x", "parent_id": 1});
    for client in [&bob, &eve, &alice] {
        problem(&client.post(LIST, &answer).await, 422, "invalid");
    }
    problem(
        &eve.patch(one, &json!({"content": "x"})).await,
        404,
        "not_found",
    );
    problem(&eve.delete(one).await, 404, "not_found");
    problem(
        &eve.post("/api/v2/comments/1/approve", &json!({})).await,
        404,
        "not_found",
    );
    problem(
        &bob.post("/api/v2/comments/1/approve", &json!({})).await,
        403,
        "forbidden",
    );
    decide(&alice, 1, "reject").await;
    assert_eq!(comment_texts(&bob, LIST).await, [""; 0]);
    assert_eq!(bob.get(one).await.expect(200).json()["status"], "rejected");
    bob.delete(one).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_shows_each_what_they_may_decide() {
    let People {
        app,
        alice,
        bob,
        eve,
        editor,
    } = people("all").await;
    write_post(&eve, "Eve's").await;
    say(&bob, "below alice's").await;
    let elsewhere = json!({"content": "below eve's"});
    bob.post("/api/v2/posts/2/comments", &elsewhere)
        .await
        .expect(201);
    say(&eve, "second").await;
    let queue = "/api/v2/comments?status=pending";

    app.anonymous().get(queue).await.expect(401);
    assert_eq!(
        comment_texts(&alice, queue).await,
        ["below alice's", "second"]
    );
    assert_eq!(comment_texts(&eve, queue).await, ["below eve's"]);
    assert_eq!(comment_texts(&bob, queue).await, [""; 0]);
    let all = ["below alice's", "below eve's", "second"];
    assert_eq!(comment_texts(&editor, queue).await, all);
    assert_eq!(comment_texts(&editor, "/api/v2/comments").await, all);
    decide(&editor, 2, "spam").await;
    decide(&alice, 3, "reject").await;
    assert_eq!(comment_texts(&editor, queue).await, ["below alice's"]);
    assert_eq!(
        comment_texts(&eve, "/api/v2/comments?status=spam").await,
        ["below eve's"]
    );
    assert_eq!(
        comment_texts(&alice, "/api/v2/comments?status=spam").await,
        [""; 0]
    );
    assert_eq!(
        comment_texts(&alice, "/api/v2/comments?status=rejected").await,
        ["second"]
    );
    assert_eq!(
        comment_texts(&alice, "/api/v2/comments?status=approved").await,
        [""; 0]
    );
    for query in ["status=deleted", "status=", "post_id=1", "limit=0"] {
        problem(
            &alice.get(&format!("/api/v2/comments?{query}")).await,
            400,
            "invalid_query",
        );
    }
    // A post in the trash takes what waits below it along.
    alice.delete("/api/v2/posts/1").await.expect(200);
    assert_eq!(comment_texts(&editor, queue).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_can_be_changed_and_names_what_was_read() {
    let People {
        app,
        alice,
        bob,
        editor,
        ..
    } = people("all").await;
    say(&bob, "harmless").await;
    let path = "/api/v2/comments/1/approve";
    let read = alice.get("/api/v2/comments/1").await.expect(200);
    bob.patch("/api/v2/comments/1", &json!({"content": "buy!"}))
        .await
        .expect(200);

    let stale = alice
        .request(Method::POST, path)
        .header(IF_MATCH, read.header("etag"));
    problem(&alice.send(stale).await, 412, "stale_version");
    assert_eq!(comment_count(&app).await, 0);
    let mut version = 2;
    for (verdict, status, counted) in [
        ("approve", "approved", 1),
        ("approve", "approved", 1),
        ("spam", "spam", 0),
        ("reject", "rejected", 0),
        ("approve", "approved", 1),
        ("reject", "rejected", 0),
    ] {
        let before = alice.get("/api/v2/comments/1").await.json()["status"].clone();
        version += i64::from(before != status);
        let answer = decide(&editor, 1, verdict).await;
        assert_eq!(
            (&answer["status"], &answer["version"]),
            (&json!(status), &json!(version))
        );
        // The words are those of before.
        assert_eq!(answer["updated_at"], "2026-11-23T19:00:00.123Z");
        assert_eq!(comment_count(&app).await, counted);
    }
    let list = editor.request(Method::GET, "/api/v2/comments?status=rejected");
    let list = editor.send(list).await.expect(200);
    assert_eq!(list.header("cache-control"), "private, no-store");
    let again = editor.request(Method::GET, "/api/v2/comments?status=rejected");
    editor
        .send(again.header(IF_NONE_MATCH, list.header("etag")))
        .await
        .expect(304);
}
