//! The Flask app's own tokens: they stand for no session, and are taken on conditions.

use clap::Parser;
use inkgate::cli::Cli;
use inkgate::config_secrets::Secrets;
use model::{Password, Role, Secret, UserId, Username};
use serde_json::json;
use store::DatabaseUrl;
use test_database::TestDatabase;

use super::tokens::{mint, now, seed_token};
use super::{id_of, write_post};
use crate::support::{SECRET_KEY, TestApp};

const DAY: i64 = 24 * 60 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_token_does_what_a_token_does() {
    let app = TestApp::spawn().await;
    let id = app.register("alice", "1234").await.expect(201).json()["id"]
        .as_i64()
        .unwrap();

    let alice = app.with_token(&seed_token(&app, SECRET_KEY, id, DAY));

    assert_eq!(id_of(&alice).await, id);
    write_post(&alice, "hers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_token_runs_for_24_hours_at_most() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let expiring = |seconds| seed_token(&app, SECRET_KEY, 1, seconds);

    for (seconds, message) in [
        (DAY + 1, "Invalid token"),
        (i64::MAX / 2, "Invalid token"),
        (0, "Token has expired"),
        (-1, "Token has expired"),
    ] {
        assert_eq!(
            verdict(&app, &expiring(seconds)).await,
            message,
            "{seconds}"
        );
    }
    for seconds in [1, DAY] {
        assert_eq!(verdict(&app, &expiring(seconds)).await, "", "{seconds}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_token_without_its_claims_or_with_others_is_invalid() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let (soon, later) = (now(&app) + 60, now(&app) + 3600);
    let claims = [
        json!({"user_id": 1}),
        json!({"exp": soon}),
        json!({"user_id": "1", "exp": soon}),
        json!({"user_id": 1.0, "exp": soon}),
        json!({"user_id": null, "exp": soon}),
        json!({"user_id": 1, "exp": soon.to_string()}),
        json!({"user_id": 1, "exp": soon, "nbf": later}),
        json!({"user_id": 1, "exp": soon, "iat": now(&app) + 61}),
        json!({"user_id": 1, "exp": soon, "aud": "somebody else"}),
    ];

    for claims in claims {
        let token = mint("HS256", SECRET_KEY, &claims);
        assert_eq!(verdict(&app, &token).await, "Invalid token", "{claims}");
    }
    let skewed = json!({"user_id": 1, "exp": soon, "iat": now(&app) + 60, "nbf": now(&app)});
    assert_eq!(verdict(&app, &mint("HS256", SECRET_KEY, &skewed)).await, "");
    for algorithm in ["HS512", "none"] {
        let token = mint(algorithm, SECRET_KEY, &json!({"user_id": 1, "exp": soon}));
        assert_eq!(verdict(&app, &token).await, "Invalid token", "{algorithm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_token_of_nobody_or_with_another_key_is_invalid() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    for token in [
        seed_token(&app, SECRET_KEY, 999, 60),
        seed_token(&app, "your-very-secret-key", 1, 60),
        seed_token(&app, "", 1, 60),
    ] {
        assert_eq!(verdict(&app, &token).await, "Invalid token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_token_of_a_previous_key_is_invalid() {
    let database = TestDatabase::create().await;
    let secrets = Secrets {
        database: DatabaseUrl::parse(database.url()).unwrap(),
        key: Secret::new(b"the current key".to_vec()),
        previous_keys: vec![Secret::new(SECRET_KEY.as_bytes().to_vec())],
        pepper: None,
        smtp: None,
    };
    let flags = ["inkgate", "--env", "testing", "--listen", "127.0.0.1:0"];
    let app = TestApp::start(database, Cli::try_parse_from(flags).unwrap(), secrets).await;
    app.register("alice", "1234").await.expect(201);

    let of_before = seed_token(&app, SECRET_KEY, 1, 60);
    let current = seed_token(&app, "the current key", 1, 60);

    assert_eq!(verdict(&app, &of_before).await, "Invalid token");
    assert_eq!(verdict(&app, &current).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_token_is_for_roles_below_editor() {
    let app = TestApp::spawn().await;

    for (role, message) in [
        (Role::Reader, ""),
        (Role::Author, ""),
        (Role::Editor, "Invalid token"),
        (Role::Admin, "Invalid token"),
    ] {
        let client = app.user_with_role(role.as_str(), role).await;
        let token = seed_token(&app, SECRET_KEY, id_of(&client).await, 60);

        assert_eq!(verdict(&app, &token).await, message, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_ends_seed_tokens_for_good() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let token = seed_token(&app, SECRET_KEY, 1, 60);

    app.domain.suspend_user(UserId(1)).await.unwrap();
    assert_eq!(verdict(&app, &token).await, "Invalid token");
    app.domain.unsuspend_user(UserId(1)).await.unwrap();

    assert_eq!(verdict(&app, &token).await, "Invalid token");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_seed_tokens_for_good() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let token = seed_token(&app, SECRET_KEY, 1, 60);
    let user = app
        .domain
        .user_by_name(&Username::parse("alice").unwrap())
        .await
        .unwrap();

    let password = Password::parse("another").unwrap();
    app.domain.set_password(&user, password).await.unwrap();

    assert_eq!(verdict(&app, &token).await, "Invalid token");
    app.login("alice", "another").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_seed_tokens() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let alice = app.user("alice").await;
    let id = id_of(&alice).await;
    let token = seed_token(&app, SECRET_KEY, id, 60);
    assert_eq!(verdict(&app, &token).await, "");

    admin
        .delete(&format!("/api/v1/users/{id}"))
        .await
        .expect(200);

    assert_eq!(verdict(&app, &token).await, "Invalid token");
}

#[tokio::test(flavor = "multi_thread")]
async fn seed_tokens_are_taken_where_the_environment_or_the_setting_says() {
    let production = ["--env", "production", "--registration", "open"];
    for (flags, message) in [
        (vec!["--env", "development"], ""),
        (vec!["--env", "testing"], ""),
        (
            vec!["--env", "testing", "--accept-seed-tokens", "false"],
            "Invalid token",
        ),
        (production.to_vec(), "Invalid token"),
        (
            [&production[..], &["--accept-seed-tokens", "true"]].concat(),
            "",
        ),
    ] {
        let app = TestApp::spawn_with(&flags).await;
        app.register("alice", "correct horse battery")
            .await
            .expect(201);

        let token = seed_token(&app, SECRET_KEY, 1, 60);

        assert_eq!(verdict(&app, &token).await, message, "{flags:?}");
        let alice = app.login("alice", "correct horse battery").await;
        alice.get("/api/v1/me").await.expect(200);
    }
}

/// Why a token was refused; nothing if it was taken.
async fn verdict(app: &TestApp, token: &str) -> String {
    let answer = app.with_token(token).get("/api/v1/me").await;
    if answer.status == 200 {
        return String::new();
    }
    answer.expect(401).message()
}
