//! How long a token is good, and what ends it before.

use std::time::Duration;

use clap::Parser;
use inkgate::cli::Cli;
use inkgate::config_secrets::Secrets;
use model::{Password, Role, Secret, UserId, Username};
use store::DatabaseUrl;
use test_database::TestDatabase;

use super::id_of;
use super::login::try_login;
use super::tokens::{claims, signature};
use crate::support::{Client, SECRET_KEY, TestApp};

const INVALID_TOKEN: &str = "Bearer realm=\"inkgate\", error=\"invalid_token\"";

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
        smtp: None,
    };
    TestApp::start(database, Cli::try_parse_from(flags).unwrap(), secrets).await
}
