//! What is told of second factors.

use serde_json::{Value, json};

use super::{admin, told};
use crate::support::TestApp;
use crate::support::authenticator::disable;

const KINDS: [&str; 5] = [
    "logged_in",
    "log_in_failed",
    "second_factor_enabled",
    "second_factor_disabled",
    "recovery_code_used",
];

/// Kind, actor and account in short.
fn essence(event: &Value) -> Value {
    json!([event["kind"], event["actor"]["id"], event["user_id"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_second_factor_is_told() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.enrolled("alice").await;
    let token = app.mfa_token("alice").await;
    app.finish(&token, &alice.recovery_codes[0])
        .await
        .expect(200);
    let client = app.with_token(&alice.pair.access);

    disable(&client, "1234", &alice.recovery_codes[1])
        .await
        .expect(204);

    let mut events = told(&root, &KINDS).await;
    // The admin's own two log-ins come first.
    let events = events.split_off(2);
    let essences: Vec<_> = events.iter().map(essence).collect();
    let wanted = [
        json!(["logged_in", 2, 2]),
        json!(["second_factor_enabled", 2, 2]),
        json!(["logged_in", 2, 2]),
        json!(["recovery_code_used", 2, 2]),
        json!(["second_factor_disabled", 2, 2]),
        json!(["recovery_code_used", 2, 2]),
    ];
    assert_eq!(essences, wanted);
    assert_eq!(events[2]["details"]["methods"], "pwd otp");
    let log = root.get(super::LOG).await.text();
    for code in &alice.recovery_codes {
        assert!(!log.contains(code.as_str()));
    }
    assert!(super::proved(&app).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_a_failed_log_in_wherever_it_is_asked_for() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let token = app.mfa_token("alice").await;

    app.finish(&token, "x").await.expect(401);
    disable(&client, "1234", "ABCD-EFGH-IJKL-MNOP")
        .await
        .expect(401);
    let body = json!({"username": "alice", "password": "1234"});
    let seed = app.anonymous().post("/api/v1/login", &body).await;
    seed.expect(403);
    app.finish("ink_mfa_nothing", "123456").await.expect(401);

    let events = told(&root, &["log_in_failed"]).await;
    let failures: Vec<_> = events
        .iter()
        .map(|event| json!([essence(event), event["details"]["reason"]]))
        .collect();
    let failure = |reason| json!([["log_in_failed", null, 2], reason]);
    let wanted = ["code", "code", "second_factor"].map(failure);
    assert_eq!(failures, wanted);
}
