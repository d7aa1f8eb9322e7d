//! Who may register, and with which passwords.

use model::{Password, Role, Username};
use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

const PRODUCTION: [&str; 4] = ["--env", "production", "--registration", "open"];

#[tokio::test(flavor = "multi_thread")]
async fn registration_is_closed_where_it_is_said_and_in_production_by_itself() {
    for flags in [
        ["--env", "testing", "--registration", "closed"].as_slice(),
        &["--env", "development", "--registration", "closed"],
        &["--env", "production"],
    ] {
        let app = TestApp::spawn_with(flags).await;

        let refused = app
            .register("alice", "correct horse battery")
            .await
            .expect(403);

        assert_eq!(refused.message(), "Registration is closed", "{flags:?}");
        let users = app.anonymous().get("/api/v1/users").await;
        assert_eq!(users.text(), "{\"users\":[]}\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_is_open_in_development_and_testing() {
    for environment in ["development", "testing"] {
        let app = TestApp::spawn_with(&["--env", environment]).await;

        app.user("alice").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_registration_does_not_look_at_the_body() {
    let app = TestApp::spawn_with(&["--env", "testing", "--registration", "closed"]).await;

    for (media_type, body) in [("text/plain", "x"), ("application/json", "{bad")] {
        let client = app.anonymous();
        let answer = client
            .raw(Method::POST, "/api/v1/users", media_type, body)
            .await;
        assert_eq!(answer.expect(403).message(), "Registration is closed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_the_command_line_need_no_open_registration() {
    let app = TestApp::spawn_with(&["--env", "production"]).await;
    let name = Username::parse("root").unwrap();
    let password = Password::parse("correct horse battery").unwrap();

    app.domain
        .create_user(name, password, Role::Admin)
        .await
        .unwrap();

    let admin = app.login("root", "correct horse battery").await;
    let last = admin.delete("/api/v1/users/1").await.expect(400);
    assert_eq!(last.message(), "The last admin must stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn production_refuses_passwords_that_anybody_would_guess() {
    let app = TestApp::spawn_with(&PRODUCTION).await;
    let passwords = [
        ("1234", "password must have at least 8 characters"),
        ("ééééééé", "password must have at least 8 characters"),
        (
            "password",
            "password must not be one of the 10,000 most common passwords",
        ),
        (
            "QWERTYUIOP",
            "password must not be one of the 10,000 most common passwords",
        ),
        ("Wilhelmina", "password must not be the username"),
    ];

    for (password, message) in passwords {
        let refused = app.register("wilhelmina", password).await.expect(400);

        assert_eq!(refused.message(), message, "{password}");
    }
    app.register("wilhelmina", "éééééééé").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_of_before_still_logs_in_to_production() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    let app = TestApp::spawn_on(app.stop().await, &PRODUCTION).await;

    app.login("alice", "1234").await;
    let unknown = json!({"username": "nobody", "password": "1"});
    app.anonymous()
        .post("/api/v1/login", &unknown)
        .await
        .expect(401);
}
