//! Log-in, and what it gives.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::UserId;
use serde_json::{Value, json};

use super::id_of;
use super::tokens::{claims, now, signature};
use crate::support::{Answer, SECRET_KEY, TestApp};

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

pub(super) async fn try_login(app: &TestApp, name: &str, password: &str) -> Answer {
    let login = json!({"username": name, "password": password});
    app.anonymous().post("/api/v1/login", &login).await
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
