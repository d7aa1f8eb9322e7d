//! What is done leaves one event, with who did it and to whom, and without a secret.

use std::time::Duration;

use futures_util::future::join_all;
use model::{Role, UserId};
use serde_json::{Value, json};
use test_database::TestDatabase;

use super::{admin, number, only, the_one, told};
use crate::support::{Pair, Program, TestApp};

/// An event's actor, account and subject, in short.
fn essence(event: &Value) -> Value {
    json!([event["actor"], event["user_id"], event["subject"]])
}

fn user(id: i64) -> Value {
    json!({"type": "user", "id": id})
}

fn other(kind: &str) -> Value {
    json!({"type": kind, "id": null})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_told_with_its_number_and_role() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;

    app.register("alice", "1234").await.expect(201);
    app.register("alice", "1234").await.expect(400);

    let events = told(&root, &["account_created"]).await;
    assert_eq!(events.len(), 2, "a name that is taken makes no account");
    assert_eq!(essence(&events[0]), json!([other("command_line"), 1, null]));
    assert_eq!(events[0]["details"], json!({"role": "admin"}));
    assert_eq!(events[0]["address"], Value::Null);
    assert_eq!(essence(&events[1]), json!([other("nobody"), 2, null]));
    assert_eq!(events[1]["details"], json!({"role": "author"}));
    assert_eq!(events[1]["address"], "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_names_the_session_that_it_opened() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);

    let pair = app.login_v2("alice", "1234").await;
    app.login("alice", "1234").await;

    let mut events = told(&root, &["logged_in"]).await;
    // The admin's own two come first.
    let events = events.split_off(2);
    let alice = app.with_token(&pair.access);
    let sessions = alice.get("/api/v2/auth/sessions").await.expect(200).json();
    for (event, (place, kind)) in events.iter().zip([(0, "v2"), (1, "v1")]) {
        let sessions = sessions["sessions"].as_array().unwrap();
        let session = sessions.iter().find(|session| session["kind"] == kind);
        let subject = json!({"type": "session", "id": session.unwrap()["id"]});
        assert_eq!(essence(event), json!([user(2), 2, subject]), "{place}");
        let details = json!({"session_kind": kind, "methods": "pwd"});
        assert_eq!(event["details"], details);
    }
    assert_eq!(events.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_tells_nothing_and_a_reuse_one_thing_however_many_come() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let first = app.pair("alice").await;
    let second = Pair::of(app.refresh(&first.refresh).await);
    let session = app.with_token(&second.access);
    let session = session.get("/api/v2/auth/sessions").await.expect(200);
    let id = session.json()["sessions"][0]["id"].clone();
    app.advance(Duration::from_secs(11));

    let replays = join_all((0..20).map(|_| app.refresh(&first.refresh))).await;

    for answer in replays {
        answer.expect(401);
    }
    let events = told(&root, &["refresh_reused", "session_ended"]).await;
    let subject = json!({"type": "session", "id": id});
    let event = only(events);
    assert_eq!(event["kind"], "refresh_reused");
    assert_eq!(essence(&event), json!([other("nobody"), 2, subject]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_session_is_told_once() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);
    let other = app.with_token(&app.login_v2("alice", "1234").await.access);
    let sessions = alice.get("/api/v2/auth/sessions").await.expect(200).json();
    let id = |current: bool| {
        let sessions = sessions["sessions"].as_array().unwrap();
        let session = sessions.iter().find(|one| one["current"] == current);
        session.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let path = format!("/api/v2/auth/sessions/{}", id(false));

    alice.delete(&path).await.expect(204);
    alice.delete(&path).await.expect(404);
    other.get("/api/v2/me").await.expect(401);
    alice
        .post("/api/v2/auth/logout", &json!({}))
        .await
        .expect(204);

    let events = told(&root, &["session_ended"]).await;
    let subject = |id: &str| json!({"type": "session", "id": id});
    let wanted = [
        json!([user(2), 2, subject(&id(false))]),
        json!([user(2), 2, subject(&id(true))]),
    ];
    let found: Vec<_> = events.iter().map(essence).collect();
    assert_eq!(found, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_everywhere_is_told_whoever_does_it() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.with_token(&app.pair("alice").await.access);

    let everywhere = alice.post("/api/v2/auth/logout-all", &json!({})).await;
    everywhere.expect(204);
    let by_admin = root.post("/api/v2/users/2/logout", &json!({})).await;
    by_admin.expect(204);
    root.post("/api/v2/users/9/logout", &json!({}))
        .await
        .expect(404);

    let events = told(&root, &["sessions_ended"]).await;
    let found: Vec<_> = events.iter().map(essence).collect();
    let wanted = [json!([user(2), 2, null]), json!([user(1), 2, null])];
    assert_eq!(found, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_changes_is_told_thing_by_thing() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);
    let path = "/api/v2/users/2";

    let both = json!({"role": "editor", "suspended": true});
    root.patch(path, &both).await.expect(200);
    let lifted = json!({"suspended": false});
    root.patch(path, &lifted).await.expect(200);
    let last = json!({"role": "author"});
    root.patch("/api/v2/users/1", &last).await.expect(409);
    root.delete("/api/v2/users/1").await.expect(409);
    root.delete(path).await.expect(204);

    let kinds = [
        "role_changed",
        "account_suspended",
        "account_restored",
        "account_deleted",
    ];
    let events = told(&root, &kinds).await;
    let found: Vec<_> = events.iter().map(|event| &event["kind"]).collect();
    assert_eq!(found, kinds, "what was refused is not told");
    for event in &events {
        assert_eq!(essence(event), json!([user(1), 2, null]));
        assert_eq!(event["address"], "127.0.0.1");
    }
    assert_eq!(events[0]["details"], json!({"role": "editor"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn v1_deletes_and_is_told_of_too() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);
    let by_v1 = app.login("root", "1234").await;

    by_v1.delete("/api/v1/users/2").await.expect(200);
    by_v1.delete("/api/v1/users/2").await.expect(404);

    let event = the_one(&root, "account_deleted").await;
    assert_eq!(essence(&event), json!([user(1), 2, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_does_to_the_own_account_is_told() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.with_token(&app.pair("alice").await.access);

    let change = json!({"current_password": "1234", "new_password": "another word"});
    let changed = alice.post("/api/v2/auth/password", &change).await;
    let alice = app.with_token(&Pair::of(changed).access);
    let password = json!({"current_password": "another word"});
    let request = alice.request(reqwest::Method::DELETE, "/api/v2/me");
    alice.send(request.json(&password)).await.expect(204);

    let events = told(&root, &["password_changed", "account_deleted"]).await;
    assert_eq!(events.len(), 2);
    for event in &events {
        assert_eq!(essence(event), json!([user(2), 2, null]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_from_the_command_line_is_told_as_that() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);
    let program = Program::on(app.database.as_ref().unwrap());

    for arguments in [
        &["user", "set-role", "alice", "editor"][..],
        &["user", "suspend", "alice"],
        &["user", "restore", "alice"],
        &["user", "set-password", "alice", "--password-stdin"],
        &["keys", "rotate"],
    ] {
        program
            .run_with_input(arguments, "a secret\n")
            .expect_success();
    }

    let kinds = [
        "role_changed",
        "account_suspended",
        "account_restored",
        "password_changed",
    ];
    let events = told(&root, &kinds).await;
    let found: Vec<_> = events.iter().map(|event| &event["kind"]).collect();
    assert_eq!(found, kinds);
    for event in &events {
        assert_eq!(essence(event), json!([other("command_line"), 2, null]));
    }
    let rotated = the_one(&root, "signing_key_rotated").await;
    assert_eq!(rotated["actor"], other("command_line"));
    assert_eq!(rotated["subject"]["type"], "signing_key");
    let kid = rotated["subject"]["id"].as_str().unwrap();
    program.run(&["keys", "revoke", kid]).expect_success();
    program.run(&["keys", "revoke", kid]).expect_refusal(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_is_told_once_and_one_that_is_rotated_by_time_is_the_server_s() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let keys = app.domain.list_signing_keys().await.unwrap();
    let next = keys.iter().find(|key| key.state.as_str() == "next");

    app.domain
        .revoke_signing_key(&next.unwrap().kid)
        .await
        .unwrap();
    app.domain.revoke_signing_key("none").await.unwrap_err();
    let revoked = the_one(&root, "signing_key_revoked").await;
    app.advance(Duration::from_hours(24 * 91));
    app.domain.tidy_signing_keys().await.unwrap();

    assert_eq!(revoked["subject"]["id"], next.unwrap().kid.as_str());
    let root = app.with_token(&app.login_v2("root", "1234").await.access);
    let rotated = the_one(&root, "signing_key_rotated").await;
    assert_eq!(rotated["actor"], other("server"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_no_name_and_no_address_stands_in_what_is_kept_for_good() {
    let app = TestApp::spawn_on(TestDatabase::create().await, &["--env", "testing"]).await;
    let root = admin(&app).await;
    let pair = app.pair("wilhelmina").await;
    let wilhelmina = app.with_token(&pair.access);
    let change = json!({"current_password": "1234", "new_password": "very secret words"});
    let changed = wilhelmina.post("/api/v2/auth/password", &change).await;
    let changed = Pair::of(changed);
    let wrong = json!({"username": "wilhelmina", "password": "almost secret"});
    let failed = app.anonymous().post("/api/v2/auth/login", &wrong).await;
    failed.expect(401);

    let log = root.get(super::LOG).await.expect(200).text();
    for secret in [
        "1234",
        "secret",
        "wilhelmina",
        &pair.access,
        &pair.refresh,
        &changed.access,
        &changed.refresh,
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let database = app.database.as_ref().unwrap();
    let sql = "SELECT count(*) FROM audit_events WHERE details LIKE '%127.0.0%'
        OR subject_id LIKE '%127.0.0%' OR kind LIKE '%127.0.0%'";
    assert_eq!(number(database, sql).await, 0);
    let sql = "SELECT count(*) FROM audit_clients WHERE address = '127.0.0.1'";
    assert!(number(database, sql).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_deleted_takes_along_where_it_came_from_and_no_seal_breaks() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.with_token(&app.pair("alice").await.access);
    alice.get("/api/v2/me/activity").await.expect(200);
    let before = super::proved(&app).await.unwrap();
    let database = app.database.as_ref().unwrap();
    let clients = "SELECT count(*) FROM audit_clients WHERE user_id = 2";
    assert!(number(database, clients).await > 0);
    let others = "SELECT count(*) FROM audit_clients WHERE user_id = 1";
    let kept = number(database, others).await;

    root.delete("/api/v2/users/2").await.expect(204);
    app.domain.tidy().await.unwrap();

    assert_eq!(number(database, clients).await, 0);
    assert_eq!(number(database, others).await, kept + 1);
    assert_eq!(super::proved(&app).await, Ok(before + 1));
    let events = told(&root, &["account_created", "logged_in"]).await;
    let hers: Vec<_> = events
        .iter()
        .filter(|event| event["user_id"] == 2)
        .collect();
    assert_eq!(hers.len(), 2);
    assert!(hers.iter().all(|event| event["address"].is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_somebody_came_from_is_forgotten_after_ninety_days() {
    let app = TestApp::spawn().await;
    app.user_with_role("root", Role::Admin).await;
    let database = app.database.as_ref().unwrap();
    let clients = "SELECT count(*) FROM audit_clients";
    assert_eq!(number(database, clients).await, 1);

    app.advance(Duration::from_hours(24 * 90));
    app.domain.tidy().await.unwrap();
    assert_eq!(number(database, clients).await, 1);
    app.advance(Duration::from_micros(1));
    app.domain.tidy().await.unwrap();

    assert_eq!(number(database, clients).await, 0);
    // The account, the log-in, and the signing key whose time has come meanwhile.
    assert_eq!(super::proved(&app).await, Ok(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_write_that_fails_nothing_is_told() {
    let app = TestApp::spawn().await;
    admin(&app).await;
    let database = app.database.as_ref().unwrap();
    let events = "SELECT count(*) FROM audit_events";
    let before = number(database, events).await;

    app.domain
        .set_role(UserId(1), Role::Author)
        .await
        .unwrap_err();
    app.domain.suspend_user(UserId(9)).await.unwrap_err();

    assert_eq!(number(database, events).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_personal_token_is_told_when_made_and_when_taken_away_and_never_shown() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let body = json!({"name": "a script", "scopes": ["posts:read"]});

    let made = root.post("/api/v2/auth/tokens", &body).await;
    let made = made.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/v2/auth/tokens/{id}");
    root.delete(&path).await.expect(204);
    root.delete(&path).await.expect(404);

    for kind in ["personal_token_created", "personal_token_deleted"] {
        let event = the_one(&root, kind).await;
        let subject = json!({"type": "personal_token", "id": id});
        assert_eq!(essence(&event), json!([user(1), 1, subject]));
    }
    let log = root.get("/api/v2/audit").await.text();
    assert!(!log.contains("ink_pat_"), "{log}");
}
