//! Taking along everything that is held about oneself.

use std::time::Duration;

use model::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const EXPORT: &str = "/api/v2/me/export";

async fn export(client: &Client) -> Answer {
    client
        .post(EXPORT, &json!({"current_password": "1234"}))
        .await
}

/// The values of `name` in every row of a list.
fn each<'a>(export: &'a Value, list: &str, name: &str) -> Vec<&'a Value> {
    let rows = export[list].as_array().unwrap();
    rows.iter().map(|row| &row[name]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_what_is_hidden_and_what_is_over_too() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let profile = json!({"bio": "Hi"});
    alice.patch("/api/v2/me", &profile).await.expect(200);
    for title in ["kept", "in the trash"] {
        let post = json!({"title": title, "content": "words"});
        alice.post("/api/v2/posts", &post).await.expect(201);
    }
    alice.delete("/api/v2/posts/2").await.expect(200);
    let todo = json!({"title": "learn"});
    alice.post("/api/v2/todos", &todo).await.expect(201);
    let token = json!({"name": "a script", "scopes": ["posts:read"]});
    alice.post("/api/v2/auth/tokens", &token).await.expect(201);
    app.advance(Duration::from_secs(1));
    let other = app.with_token(&app.login_v2("alice", "1234").await.access);
    let none = json!({});
    other.post("/api/v2/auth/logout", &none).await.expect(204);

    let answer = export(&alice).await.expect(200);

    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let name = "attachment; filename=\"inkgate-user-1.json\"";
    assert_eq!(answer.header("content-disposition"), name);
    let export = answer.json();
    assert_eq!(export["user"], alice.get("/api/v2/me").await.json());
    assert_eq!(each(&export, "posts", "title"), ["kept", "in the trash"]);
    let deleted = each(&export, "posts", "deleted_at");
    assert!(deleted[0].is_null() && deleted[1].is_string(), "{export}");
    assert_eq!(each(&export, "todos", "title"), ["learn"]);
    assert_eq!(each(&export, "personal_tokens", "name"), ["a script"]);
    assert_eq!(each(&export, "sessions", "current"), [true, false]);
    let ended = each(&export, "sessions", "ended_at");
    assert!(ended[0].is_null() && ended[1].is_string(), "{export}");
    let kinds = each(&export, "activity", "kind");
    assert_eq!(kinds[0], "data_exported");
    assert_eq!(*kinds.last().unwrap(), "account_created");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_no_secret_and_nobody_else_s_data() {
    let app = TestApp::spawn().await;
    let root = app.user_with_role("root", Role::Admin).await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);
    let post = json!({"title": "a post of root's", "content": "not hers"});
    root.post("/api/v1/posts", &post).await.expect(201);
    let token = json!({"name": "a script", "scopes": ["posts:read"]});
    let made = alice.post("/api/v2/auth/tokens", &token).await.json();

    let text = export(&alice).await.expect(200).text();

    for secret in [
        "not hers",
        "root",
        "$argon2",
        "1234",
        made["token"].as_str().unwrap(),
        &pair.refresh,
        &pair.access,
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_asks_for_the_password() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);

    let wrong = json!({"current_password": "4321"});
    let refused = alice.post(EXPORT, &wrong).await.expect(403);

    assert_eq!(refused.json()["code"], "wrong_password");
    alice.post(EXPORT, &json!({})).await.expect(422);
    app.anonymous().post(EXPORT, &wrong).await.expect(401);
    let v1 = app.login("alice", "1234").await;
    export(&v1).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_export_comes_in_one_piece_for_whoever_reads_it() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let content = "long ".repeat(100_000);
    for number in 0..12 {
        let post = json!({"title": number.to_string(), "content": content});
        alice.post("/api/v2/posts", &post).await.expect(201);
    }
    for number in 0..120 {
        let todo = json!({"title": number.to_string()});
        alice.post("/api/v2/todos", &todo).await.expect(201);
    }

    let export = export(&alice).await.expect(200).json();

    assert_eq!(export["posts"].as_array().unwrap().len(), 12);
    assert_eq!(export["posts"][11]["content"], content);
    assert_eq!(export["todos"].as_array().unwrap().len(), 120);
}
