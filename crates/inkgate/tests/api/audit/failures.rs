//! What is refused is told without telling more than the answer, and a flood fills nothing.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{admin, number, only, the_one, told};
use crate::support::{Answer, TestApp};

async fn log_in(app: &TestApp, address: &str, name: &str, password: &str) -> Answer {
    let client = app.anonymous();
    let body = json!({"username": name, "password": password});
    let request = client
        .request(Method::POST, "/api/v1/login")
        .header("x-forwarded-for", address);
    client.send(request.json(&body)).await
}

async fn limited(flags: &[&str]) -> TestApp {
    let fixed = [
        "--env",
        "testing",
        "--limits",
        "true",
        "--trusted-proxies",
        "127.0.0.1",
    ];
    TestApp::spawn_with(&[&fixed, flags].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_log_in_is_one_event_whoever_is_asked_for() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);

    for name in ["alice", "nobody", "NOBODY", "somebody"] {
        let body = json!({"username": name, "password": "wrong"});
        let refused = app.anonymous().post("/api/v2/auth/login", &body).await;
        refused.expect(401);
    }

    let events = told(&root, &["log_in_failed"]).await;
    assert_eq!(events.len(), 4);
    for event in &events {
        assert_eq!(event["actor"], json!({"type": "nobody", "id": null}));
        assert_eq!(event["details"]["reason"], "credentials");
        assert_eq!(event["address"], "127.0.0.1");
    }
    assert_eq!(events[0]["user_id"], 2);
    assert_eq!(events[0]["details"].get("name_code"), None);
    assert!(events[1..].iter().all(|event| event["user_id"].is_null()));
    let codes: Vec<_> = events[1..]
        .iter()
        .map(|event| event["details"]["name_code"].as_str().unwrap())
        .collect();
    assert_eq!(codes[0], codes[1], "one name in another case");
    assert_ne!(codes[0], codes[2]);
    assert!(!root.get(super::LOG).await.text().contains("nobody\",\"p"));
}

#[tokio::test(flavor = "multi_thread")]
async fn suspension_is_told_as_the_reason_only_to_admins() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);
    let suspended = json!({"suspended": true});
    root.patch("/api/v2/users/2", &suspended).await.expect(200);

    log_in(&app, "192.0.2.1", "alice", "1234").await.expect(403);
    log_in(&app, "192.0.2.1", "alice", "other")
        .await
        .expect(401);

    let events = told(&root, &["log_in_failed"]).await;
    let reasons: Vec<_> = events
        .iter()
        .map(|event| &event["details"]["reason"])
        .collect();
    assert_eq!(reasons, ["suspended", "credentials"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_current_password_is_a_failed_log_in() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.with_token(&app.pair("alice").await.access);

    let change = json!({"current_password": "wrong", "new_password": "another"});
    let refused = alice.post("/api/v2/auth/password", &change).await;
    refused.expect(403);

    let event = the_one(&root, "log_in_failed").await;
    assert_eq!(event["user_id"], 2);
    assert!(told(&root, &["password_changed"]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn hits_of_a_limit_are_one_event_a_key_and_minute_with_their_count() {
    let app = limited(&["--limit-login-account-address", "2/1m"]).await;
    let root = admin(&app).await;
    let here = "198.51.100.7";
    for name in ["root", "nobody"] {
        for _ in 0..2 {
            log_in(&app, here, name, "wrong").await.expect(401);
        }
        for _ in 0..5 {
            log_in(&app, here, name, "wrong").await.expect(429);
        }
    }
    app.domain.tend_audit_log().await.unwrap();
    assert!(told(&root, &["limit_hit"]).await.is_empty(), "not over yet");

    app.advance(Duration::from_mins(1));
    app.domain.tend_audit_log().await.unwrap();
    app.domain.tend_audit_log().await.unwrap();

    let events = told(&root, &["limit_hit"]).await;
    assert_eq!(events.len(), 2);
    for event in &events {
        assert_eq!(event["details"]["limit"], "login-account-address");
        assert_eq!(event["details"]["count"], 5);
        assert_eq!(event["address"], here);
    }
    let of_root = events.iter().filter(|event| event["user_id"] == 1);
    assert_eq!(of_root.count(), 1);
    let unknown = events.iter().find(|event| event["user_id"].is_null());
    assert!(unknown.unwrap()["details"]["name_code"].is_string());
    assert_eq!(told(&root, &["log_in_failed"]).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_addresses_and_of_users_are_told_with_what_is_known() {
    let app = limited(&["--limit-registration", "1/1h", "--limit-writes", "1/1m"]).await;
    let root = admin(&app).await;
    let register = async |name: &str| {
        let client = app.anonymous();
        let request = client
            .request(Method::POST, "/api/v1/users")
            .header("x-forwarded-for", "192.0.2.77");
        let body = json!({"username": name, "password": "1234"});
        client.send(request.json(&body)).await
    };
    register("alice").await.expect(201);
    register("bob").await.expect(429);
    let alice = app.login("alice", "1234").await;
    let post = json!({"title": "One", "content": "Words."});
    alice.post("/api/v1/posts", &post).await.expect(201);
    alice.post("/api/v1/posts", &post).await.expect(429);

    // A server that stops writes what it has counted.
    app.domain.finish_audit_log().await.unwrap();

    let events = told(&root, &["limit_hit"]).await;
    let limit = |name: &str| {
        let of = |event: &&Value| event["details"]["limit"] == name;
        only(events.iter().filter(of).cloned().collect())
    };
    let registration = limit("registration");
    assert_eq!(registration["address"], "192.0.2.77");
    assert_eq!(registration["user_id"], Value::Null);
    let writes = limit("writes");
    assert_eq!(writes["actor"], json!({"type": "user", "id": 2}));
    assert_eq!(writes["user_id"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_does_not_change_a_refusal() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let database = app.database.as_ref().unwrap();
    let before = log_in(&app, "192.0.2.1", "alice", "wrong")
        .await
        .expect(401);

    super::execute(database, "ALTER TABLE audit_events RENAME TO elsewhere").await;

    for name in ["alice", "nobody"] {
        let refused = log_in(&app, "192.0.2.1", name, "wrong").await.expect(401);
        assert_eq!(refused.json(), before.json());
    }
    super::execute(database, "ALTER TABLE elsewhere RENAME TO audit_events").await;
    assert_eq!(
        number(database, "SELECT count(*) FROM audit_events").await,
        2
    );
}
