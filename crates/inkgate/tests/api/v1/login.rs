//! Log-in, and how long what it gives is good.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::Parser;
use inkgate::cli::Cli;
use inkgate::config_secrets::Secrets;
use model::{Password, Role, Secret, UserId, Username};
use serde_json::{Value, json};
use store::DatabaseUrl;
use test_database::TestDatabase;

use super::id_of;
use super::tokens::{claims, now, signature};
use crate::support::{Answer, Client, SECRET_KEY, TestApp};

const INVALID_TOKEN: &str = "Bearer realm=\"inkgate\", error=\"invalid_token\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_a_jwt_with_the_seeds_claims_and_ours() {
    let app = TestApp::spawn().await;
    let id = app.register("alice", "1234").await.expect(201).json()["id"].clone();

    let answer = try_login(&app, "alice", "1234").await.expect(200);

    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.text(), format!("{{\"token\":\"{token}\"}}\n"));
    let (signed, signed_with) = token.rsplit_once('.').unwrap();
    assert_eq!(signed_with, signature(SECRET_KEY, signed));
    let header = BASE64_URL_SAFE_NO_PAD.decode(signed.split('.').next().unwrap());
    assert_eq!(header.unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = claims(&token);
    let names: Vec<_> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["exp", "gen", "iat", "jti", "sid", "user_id"]);
    assert_eq!(claims["user_id"], id);
    assert_eq!(claims["iat"], now(&app));
    assert_eq!(claims["exp"], now(&app) + 24 * 60 * 60);
    assert_eq!(claims["gen"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_log_in_opens_a_session_of_its_own() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    let [one, other] = [
        app.login("alice", "1234").await,
        app.login("alice", "1234").await,
    ];

    let [one, other] = [one.token(), other.token()].map(claims);
    assert_ne!(one["sid"], other["sid"]);
    assert_ne!(one["jti"], other["jti"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_and_a_wrong_password_look_and_cost_the_same() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    let start = app.domain.hashes_started();
    let wrong = try_login(&app, "alice", "wrong").await.expect(401);
    let between = app.domain.hashes_started();
    let unknown = try_login(&app, "nobody", "wrong").await.expect(401);
    let end = app.domain.hashes_started();

    assert_eq!(wrong.message(), "Invalid credentials");
    assert_eq!(wrong.header("www-authenticate"), "Bearer realm=\"inkgate\"");
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(constant_headers(&wrong), constant_headers(&unknown));
    assert_eq!((between - start, end - between), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_names_and_passwords_hold_at_log_in_too() {
    let app = TestApp::spawn().await;
    let before = app.domain.hashes_started();
    let name = "username must have 1 to 50 characters";
    let password = "password must have 1 to 1024 bytes";
    let bodies = [
        (json!({"username": "", "password": "x"}), name),
        (json!({"username": "u".repeat(51), "password": "x"}), name),
        (json!({"username": "a", "password": ""}), password),
        (
            json!({"username": "a", "password": "p".repeat(1025)}),
            password,
        ),
        (
            json!({"username": 1, "password": "x"}),
            "username must be a string",
        ),
        (
            json!({"username": "a", "password": 1234}),
            "password must be a string",
        ),
        (
            json!({"username": "a", "password": null}),
            "password must be a string",
        ),
        (json!({"username": "a"}), "Missing username or password"),
        (json!({"password": "x"}), "Missing username or password"),
        (
            json!(["username", "password"]),
            "Missing username or password",
        ),
    ];

    for (body, message) in bodies {
        let refused = app
            .anonymous()
            .post("/api/v1/login", &body)
            .await
            .expect(400);

        assert_eq!(refused.message(), message, "{body}");
    }
    assert_eq!(app.domain.hashes_started(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_24_hours_to_the_second() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    app.advance(Duration::from_secs(24 * 60 * 60 - 1));
    alice.get("/api/v1/me").await.expect(200);
    app.advance(Duration::from_secs(1));
    let expired = alice.get("/api/v1/me").await.expect(401);

    assert_eq!(expired.message(), "Token has expired");
    assert_eq!(expired.header("www-authenticate"), INVALID_TOKEN);
    let alice = app.login("alice", "1234").await;
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_is_told_so_after_the_right_password_only() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    app.domain
        .suspend_user(UserId(id_of(&alice).await))
        .await
        .unwrap();

    let wrong = try_login(&app, "alice", "wrong").await.expect(401);
    let right = try_login(&app, "alice", "1234").await.expect(403);

    assert_eq!(wrong.message(), "Invalid credentials");
    assert_eq!(right.message(), "Account is suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_ends_every_token_for_good() {
    let app = TestApp::spawn().await;
    let (alice, second) = (app.user("alice").await, app.login("alice", "1234").await);
    let id = UserId(id_of(&alice).await);

    app.domain.suspend_user(id).await.unwrap();
    refuses(&[&alice, &second]).await;
    app.domain.unsuspend_user(id).await.unwrap();

    refuses(&[&alice, &second]).await;
    let alice = app.login("alice", "1234").await;
    assert_eq!(claims(alice.token())["gen"], 1);
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_every_token_at_once() {
    let app = TestApp::spawn().await;
    let (alice, second) = (app.user("alice").await, app.login("alice", "1234").await);
    let bob = app.user("bob").await;

    set_password(&app, "alice", "another").await;

    refuses(&[&alice, &second]).await;
    bob.get("/api/v1/me").await.expect(200);
    try_login(&app, "alice", "1234").await.expect(401);
    app.login("alice", "another")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_every_token_and_the_account() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let (alice, second) = (app.user("alice").await, app.login("alice", "1234").await);
    let path = format!("/api/v1/users/{}", id_of(&alice).await);

    admin.delete(&path).await.expect(200);

    refuses(&[&alice, &second]).await;
    let login = try_login(&app, "alice", "1234").await.expect(401);
    assert_eq!(login.message(), "Invalid credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outlives_a_restart() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();

    let app = TestApp::spawn_on(app.stop().await, &["--env", "testing"]).await;

    app.with_token(&token).get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previous_key_verifies_and_never_signs() {
    let new = "another key that has more than 32 bytes!!";
    let app = TestApp::spawn().await;
    let old_token = app.user("alice").await.token().to_owned();

    let app = start_with_keys(app.stop().await, new, &["unused", SECRET_KEY]).await;

    app.with_token(&old_token)
        .get("/api/v1/me")
        .await
        .expect(200);
    let new_token = app.login("alice", "1234").await.token().to_owned();
    let (signed, signed_with) = new_token.rsplit_once('.').unwrap();
    assert_eq!(signed_with, signature(new, signed));
    let app = start_with_keys(app.stop().await, new, &[]).await;
    app.with_token(&new_token)
        .get("/api/v1/me")
        .await
        .expect(200);
    refuses(&[&app.with_token(&old_token)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previous_key_revives_no_session_that_is_over() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();
    set_password(&app, "alice", "another").await;

    let app = start_with_keys(app.stop().await, "a new key", &[SECRET_KEY]).await;

    refuses(&[&app.with_token(&token)]).await;
}

async fn try_login(app: &TestApp, name: &str, password: &str) -> Answer {
    let login = json!({"username": name, "password": password});
    app.anonymous().post("/api/v1/login", &login).await
}

async fn refuses(clients: &[&Client]) {
    for client in clients {
        let answer = client.get("/api/v1/me").await.expect(401);
        assert_eq!(answer.message(), "Invalid token");
        assert_eq!(answer.header("www-authenticate"), INVALID_TOKEN);
    }
}

/// Does what `inkgate user set-password` does.
async fn set_password(app: &TestApp, name: &str, password: &str) {
    let name = Username::parse(name).unwrap();
    let user = app.domain.user_by_name(&name).await.unwrap();
    let password = Password::parse(password).unwrap();
    app.domain.set_password(&user, password).await.unwrap();
}

/// Starts a server with `SECRET_KEY` and `SECRET_KEY_PREVIOUS`.
async fn start_with_keys(database: TestDatabase, key: &str, previous: &[&str]) -> TestApp {
    let secret = |key: &str| Secret::new(key.as_bytes().to_vec());
    let flags = ["inkgate", "--env", "testing", "--listen", "127.0.0.1:0"];
    let secrets = Secrets {
        database: DatabaseUrl::parse(database.url()).unwrap(),
        key: secret(key),
        previous_keys: previous.iter().map(|key| secret(key)).collect(),
        pepper: None,
    };
    TestApp::start(database, Cli::try_parse_from(flags).unwrap(), secrets).await
}

/// The headers that must not tell two answers apart.
fn constant_headers(answer: &Answer) -> Value {
    let headers = answer.headers.iter();
    let constant = headers.filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    constant
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
