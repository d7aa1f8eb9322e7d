//! What posts were, and bringing it back.

use model::Role;
use serde_json::{Value, json};

use super::{column, problem, write_post};
use crate::support::TestApp;

const REVISIONS: &str = "/api/v2/posts/1/revisions";

fn changes(list: &Value) -> Vec<&Value> {
    column(list, "revisions", "change")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_saved_title_and_source_is_a_revision() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new = json!({"title": "One", "content": "first words", "status": "draft"});
    alice.post("/api/v2/posts", &new).await.expect(201);
    for patch in [
        json!({"content": "second words here"}),
        json!({"pinned": true, "tags": ["a"]}),
        json!({"title": "Two"}),
        json!({"status": "published"}),
    ] {
        alice.patch("/api/v2/posts/1", &patch).await.expect(200);
    }

    let list = alice.get(REVISIONS).await.expect(200).json();

    assert_eq!(
        changes(&list),
        ["published", "updated", "updated", "created"]
    );
    assert_eq!(
        column(&list, "revisions", "title"),
        ["Two", "Two", "One", "One"]
    );
    let second = alice
        .get(&format!("{REVISIONS}/2"))
        .await
        .expect(200)
        .json();
    let wanted = json!({"n": 2, "title": "One", "user_id": 1, "word_count": 3, "change": "updated",
        "created_at": "2026-11-23T19:00:00.123Z", "content": "second words here"});
    assert_eq!(second, wanted);
    assert!(list["revisions"][0].get("content").is_none());
    let page = alice.get(&format!("{REVISIONS}?limit=3")).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = alice
        .get(&format!("{REVISIONS}?limit=3&cursor={cursor}"))
        .await
        .json();
    assert_eq!(changes(&rest), ["created"]);
    assert_eq!(rest["next_cursor"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_told_word_by_word() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new = json!({"title": "One", "content": "a quick fox 令牌"});
    alice.post("/api/v2/posts", &new).await.expect(201);
    let patch = json!({"title": "Two", "content": "a slow fox 令旗"});
    alice.patch("/api/v2/posts/1", &patch).await.expect(200);

    let diff = alice
        .get(&format!("{REVISIONS}/2/diff"))
        .await
        .expect(200)
        .json();

    let run = |op: &str, text: &str| json!({"op": op, "text": text});
    assert_eq!((&diff["n"], &diff["against"]), (&json!(2), &json!(1)));
    assert_eq!(
        diff["title"],
        json!([run("delete", "One"), run("insert", "Two")])
    );
    let content = json!([
        run("equal", "a "),
        run("delete", "quick"),
        run("insert", "slow"),
        run("equal", " fox 令"),
        run("delete", "牌"),
        run("insert", "旗"),
    ]);
    assert_eq!(diff["content"], content);
    let back = alice
        .get(&format!("{REVISIONS}/1/diff?against=2"))
        .await
        .json();
    assert_eq!(
        back["title"],
        json!([run("delete", "Two"), run("insert", "One")])
    );
    let first = alice.get(&format!("{REVISIONS}/1/diff")).await.json();
    assert_eq!(first["against"], 0);
    assert_eq!(first["title"], json!([run("insert", "One")]));
    problem(
        &alice.get(&format!("{REVISIONS}/3/diff")).await,
        404,
        "not_found",
    );
    problem(
        &alice.get(&format!("{REVISIONS}/2/diff?against=x")).await,
        400,
        "invalid_query",
    );
    problem(
        &alice.get(&format!("{REVISIONS}/2/diff?agianst=1")).await,
        400,
        "invalid_query",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_revision_makes_a_new_one() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_post(&alice, "One").await;
    let patch = json!({"title": "Two", "content": "other", "category": "tech"});
    alice.patch("/api/v2/posts/1", &patch).await.expect(200);

    let path = format!("{REVISIONS}/1/restore");
    let stale = alice
        .request(reqwest::Method::POST, &path)
        .header("if-match", made.header("etag"));
    let stale = alice.send(stale).await;
    let restored = alice.post(&path, &json!({})).await.expect(200).json();

    problem(&stale, 412, "stale_version");
    assert_eq!(
        (&restored["title"], &restored["version"]),
        (&json!("One"), &json!(3))
    );
    assert_eq!(restored["content"], made.json()["content"]);
    assert_eq!(restored["html"], made.json()["html"]);
    // What no revision holds stays as it is.
    assert_eq!(restored["category"], "tech");
    let list = alice.get(REVISIONS).await.json();
    assert_eq!(changes(&list), ["restored", "updated", "created"]);
    problem(
        &alice
            .post(&format!("{REVISIONS}/9/restore"), &json!({}))
            .await,
        404,
        "not_found",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_are_for_those_who_may_edit_the_post() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let (bob, editor) = (
        app.user("bob").await,
        app.user_with_role("ed", Role::Editor).await,
    );
    write_post(&alice, "Public").await;
    let draft = json!({"title": "Hidden", "content": "", "status": "draft"});
    alice.post("/api/v2/posts", &draft).await.expect(201);

    for (id, status, code) in [
        (1, 403, "forbidden"),
        (2, 404, "not_found"),
        (3, 404, "not_found"),
    ] {
        for end in [
            "revisions",
            "revisions/1",
            "revisions/1/diff",
            "draft",
            "preview-links",
        ] {
            let path = format!("/api/v2/posts/{id}/{end}");
            problem(&bob.get(&path).await, status, code);
            problem(&app.anonymous().get(&path).await, 401, "missing_token");
        }
        for end in ["revisions/1/restore", "draft/publish", "preview-links"] {
            let path = format!("/api/v2/posts/{id}/{end}");
            problem(&bob.post(&path, &json!({})).await, status, code);
        }
        let path = format!("/api/v2/posts/{id}/draft");
        problem(
            &bob.put(&path, &json!({"title": "Mine"})).await,
            status,
            code,
        );
        problem(&bob.delete(&path).await, status, code);
    }
    editor.get("/api/v2/posts/2/revisions/1").await.expect(200);
}
