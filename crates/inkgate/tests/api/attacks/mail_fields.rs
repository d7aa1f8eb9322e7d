//! T37 and T42: what stands where an e-mail address or a one-time token belongs.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, app_with_mail};

#[tokio::test(flavor = "multi_thread")]
async fn t37_no_address_is_slow_to_refuse() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let before = app.domain.hashes_started();

    for (email, status) in [
        (format!("a@{}", "a.".repeat(50_000)), 413),
        ("a".repeat(100_000), 413),
        (format!("a@{}", "a.".repeat(30_000)), 422),
        ("@".repeat(60_000), 422),
        (format!("{}@example.org", "a.".repeat(30_000)), 422),
        ("\u{301}".repeat(30_000), 422),
        ("a@b.".repeat(15_000), 422),
        (format!("a@{}", "xn--".repeat(60)), 422),
    ] {
        for (client, path, body) in [
            (&app.anonymous(), "password/forgot", json!({"email": email})),
            (
                &app.anonymous(),
                "login",
                json!({"email": email, "password": "1234"}),
            ),
            (
                &app.anonymous(),
                "register",
                json!({"username": "bob", "password": "1234", "email": email}),
            ),
            (
                &alice,
                "email",
                json!({"new_email": email, "current_password": "1234"}),
            ),
        ] {
            let path = format!("/api/v2/auth/{path}");
            let answer = client.post(&path, &body).await;
            assert_eq!(answer.status, status, "{path}: {}", email.len());
        }
    }

    assert_eq!(app.domain.hashes_started(), before);
    assert_eq!(app.domain.count_jobs().await.unwrap().waiting, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_a_field_about_mail_of_another_type_is_refused() {
    let app = app_with_mail(&[]).await;
    let alice = app.verified("alice", "alice@example.org").await;
    let good = json!("alice@example.org");
    let before = app.domain.hashes_started();

    for value in [
        json!(["alice@example.org"]),
        json!(["alice@example.org", "mallory@example.org"]),
        json!({"$gt": ""}),
        json!({"email": "alice@example.org"}),
        json!(5),
        json!(true),
        json!(null),
        json!(""),
        json!("alice@example.org,mallory@example.org"),
        json!("alice@example.org\nbcc:mallory@example.org"),
    ] {
        let token = if value.is_string() {
            json!(5)
        } else {
            value.clone()
        };
        for (path, body) in [
            ("password/forgot", json!({"email": value})),
            (
                "password/reset",
                json!({"token": token, "new_password": "4321"}),
            ),
            (
                "password/reset",
                json!({"token": "x", "new_password": token}),
            ),
            ("email/verify", json!({"token": token})),
            (
                "email",
                json!({"new_email": value, "current_password": "1234"}),
            ),
            (
                "email",
                json!({"new_email": good, "current_password": token}),
            ),
            ("login", json!({"email": value, "password": "1234"})),
            (
                "register",
                json!({"username": "bob", "password": "1234", "email": value}),
            ),
        ] {
            let path = format!("/api/v2/auth/{path}");
            let answer = alice.post(&path, &body).await;
            assert_eq!(answer.status, 422, "{path} {body}: {}", answer.text());
        }
    }

    assert_eq!(app.domain.hashes_started(), before);
    assert!(app.mails().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn t42_an_address_that_two_readers_could_read_differently_is_refused() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    let good = json!("alice@example.org");

    for body in [
        r#"{"email":"alice@example.org","email":"mallory@example.org"}"#,
        r#"{"email":"alice@example.org","\u0065mail":"mallory@example.org"}"#,
        "\u{feff}{\"email\":\"alice@example.org\"}",
    ] {
        let path = "/api/v2/auth/password/forgot";
        let client = app.anonymous();
        let answer = client
            .raw(Method::POST, path, "application/json", body)
            .await;
        answer.expect(400);
    }
    let body = json!({"email": good, "__proto__": {"email": "mallory@example.org"}});
    let answer = app
        .anonymous()
        .post("/api/v2/auth/password/forgot", &body)
        .await;
    assert_eq!(answer.expect(422).json()["code"], "unknown_field");

    assert!(app.mails().await.is_empty());
}
