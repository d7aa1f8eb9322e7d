//! T20, T21 and T24: what a token stands for must be alive.

use model::{Password, Role, UserId, Username};
use serde_json::json;

use super::{claims, refused, signed};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn t20_deletion_ends_tokens_at_once() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let alice = app.user("alice").await.token().to_owned();

    admin.delete("/api/v1/users/2").await.expect(200);

    refused(&app, format!("Bearer {alice}"), "Invalid token").await;
    let app = restarted(app).await;
    refused(&app, format!("Bearer {alice}"), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_suspension_ends_tokens_for_good() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await.token().to_owned();

    app.domain.suspend_user(id(&alice)).await.unwrap();

    refused(&app, format!("Bearer {alice}"), "Invalid token").await;
    let body = json!({"username": "alice", "password": "1234"});
    let answer = app.anonymous().post("/api/v1/login", &body).await;
    assert_eq!(answer.expect(403).message(), "Account is suspended");
    // Lifted again, old tokens stay dead and new ones can be had.
    app.domain.unsuspend_user(id(&alice)).await.unwrap();
    refused(&app, format!("Bearer {alice}"), "Invalid token").await;
    app.login("alice", "1234").await;
    let app = restarted(app).await;
    refused(&app, format!("Bearer {alice}"), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_new_password_ends_every_token() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await.token().to_owned();
    let other = app.login("alice", "1234").await.token().to_owned();

    let user = app.domain.user(id(&alice)).await.unwrap();
    let password = Password::parse("4321").unwrap();
    app.domain.set_password(&user, password).await.unwrap();

    for token in [&alice, &other] {
        refused(&app, format!("Bearer {token}"), "Invalid token").await;
    }
    app.login("alice", "4321").await;
    let app = restarted(app).await;
    for token in [&alice, &other] {
        refused(&app, format!("Bearer {token}"), "Invalid token").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_revoked_account_takes_no_token_without_a_session() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let exp = app.clock.now().as_seconds() + 3600;
    let seed = signed(json!({"user_id": 1, "exp": exp}).to_string());
    let alice = app.with_token(&seed);
    alice.get("/api/v1/me").await.expect(200);

    app.domain.suspend_user(UserId(1)).await.unwrap();
    refused(&app, format!("Bearer {seed}"), "Invalid token").await;
    app.domain.unsuspend_user(UserId(1)).await.unwrap();

    refused(&app, format!("Bearer {seed}"), "Invalid token").await;
    let nobody = signed(json!({"user_id": 99, "exp": exp}).to_string());
    refused(&app, format!("Bearer {nobody}"), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_powerful_account_takes_no_token_without_a_session() {
    let app = TestApp::spawn().await;
    for (name, role) in [("ed", Role::Editor), ("root", Role::Admin)] {
        let client = app.user_with_role(name, role).await;
        let mut claims = claims(client.token());
        claims.as_object_mut().unwrap().remove("sid");
        claims.as_object_mut().unwrap().remove("gen");

        let seed = signed(claims.to_string());

        refused(&app, format!("Bearer {seed}"), "Invalid token").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_change_of_role_acts_on_tokens_given_out_before() {
    let app = TestApp::spawn().await;
    app.user_with_role("root", Role::Admin).await;
    let second = app.user_with_role("second", Role::Admin).await;
    app.register("alice", "1234").await.expect(201);

    app.domain.set_role(UserId(2), Role::Reader).await.unwrap();

    second.delete("/api/v1/users/3").await.expect(403);
    let post = json!({"title": "x", "content": "y"});
    second.post("/api/v1/posts", &post).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_token_in_use_survives_a_restart_and_nothing_else_does() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await.token().to_owned();
    let bob = app.user("bob").await.token().to_owned();
    app.domain.suspend_user(id(&bob)).await.unwrap();

    let app = restarted(app).await;

    app.with_token(&alice).get("/api/v1/me").await.expect(200);
    refused(&app, format!("Bearer {bob}"), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t21_the_next_owner_of_a_name_is_somebody_else() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let first = app.user("alice").await.token().to_owned();
    admin.delete("/api/v1/users/2").await.expect(200);
    // Also once nothing is left of the first, and a number would be free.
    app.domain.tidy().await.unwrap();

    let second = app.user("alice").await;

    assert_eq!(second.get("/api/v1/me").await.expect(200).json()["id"], 3);
    refused(&app, format!("Bearer {first}"), "Invalid token").await;
    let mut forged = claims(&first);
    for name in ["sid", "gen"] {
        forged[name] = claims(second.token())[name].clone();
    }
    let forged = signed(forged.to_string());
    refused(&app, format!("Bearer {forged}"), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t24_every_log_in_has_ids_of_its_own() {
    let app = TestApp::spawn().await;
    let first = claims(app.user("alice").await.token());
    let second = claims(app.login("alice", "1234").await.token());

    for name in ["jti", "sid"] {
        assert!(first[name].is_string(), "{first}");
        assert_ne!(first[name], second[name]);
    }
    assert_ne!(first["jti"], first["sid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t24_nobody_can_bring_a_session_along() {
    let app = TestApp::spawn().await;
    let fixed = claims(app.user("alice").await.token());
    let body = json!({"username": "alice", "password": "1234", "sid": fixed["sid"],
        "jti": fixed["jti"], "session": fixed["sid"]});

    let request = app
        .anonymous()
        .request(reqwest::Method::POST, "/api/v1/login")
        .header("cookie", format!("sid={}", fixed["sid"]))
        .bearer_auth("anything")
        .json(&body);
    let answer = app.anonymous().send(request).await.expect(200);

    let fresh = claims(answer.json()["token"].as_str().unwrap());
    assert_ne!(fresh["sid"], fixed["sid"]);
    assert_ne!(fresh["jti"], fixed["jti"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t21_the_number_of_a_deleted_user_is_nobody_s() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    for _ in 0..3 {
        app.register("alice", "1234").await.expect(201);
        let name = Username::parse("alice").unwrap();
        let user = app.domain.user_by_name(&name).await.unwrap();
        let path = format!("/api/v1/users/{}", user.id);
        admin.delete(&path).await.expect(200);
        app.domain.tidy().await.unwrap();
    }

    let next = app.register("alice", "1234").await.expect(201);

    assert_eq!(next.json()["id"], 5);
}

/// The same database under a new server.
async fn restarted(app: TestApp) -> TestApp {
    TestApp::spawn_on(app.stop().await, &["--env", "testing"]).await
}

fn id(token: &str) -> UserId {
    UserId(claims(token)["user_id"].as_i64().unwrap())
}
