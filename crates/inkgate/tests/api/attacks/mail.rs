//! T13, T30, T31, T32 and T43: e-mail addresses, and what is done by links in mails.

use std::time::Duration;

use serde_json::{Value, json};

use super::refused;
use crate::support::{Answer, app_with_mail};

/// What two answers may differ in.
fn told(answer: &Answer) -> (u16, Value, Vec<(String, String)>) {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(id) = body.get_mut("request_id") {
        *id = Value::Null;
    }
    let differ = [
        "x-request-id",
        "date",
        "location",
        "content-length",
        "server-timing",
    ];
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !differ.contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, body, headers)
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_a_one_time_token_is_good_in_its_own_place_alone() {
    let app = app_with_mail(&[]).await;
    let alice = app.verified("alice", "alice@example.org").await;
    app.forgot("alice@example.org").await.expect(202);
    let reset = app.the_mail().await.token();
    let change = json!({"new_email": "new@example.org", "current_password": "1234"});
    alice.post("/api/v2/auth/email", &change).await.expect(202);
    let verify = app.the_mail().await.token();

    for token in [&reset, &verify] {
        refused(&app, format!("Bearer {token}"), "Invalid token").await;
        app.refresh(token).await.expect(401);
    }
    let pair = app.login_v2("alice", "1234").await;
    let wanted = json!({"name": "x", "scopes": ["profile:read"]});
    let personal = alice.post("/api/v2/auth/tokens", &wanted).await.json();
    let personal = personal["token"].as_str().unwrap().to_owned();
    let v1 = app.login("alice", "1234").await.token().to_owned();
    let secret = |token: &str, start: &str| format!("{start}{}", token.rsplit('_').next().unwrap());
    let others = [&pair.access, &pair.refresh, &personal, &v1];
    for token in others
        .into_iter()
        .chain([&verify, &secret(&verify, "ink_reset_")])
    {
        let answer = app.reset(token, "4321").await.expect(401);
        assert_eq!(answer.json()["code"], "invalid_token", "{token}");
    }
    for token in others
        .into_iter()
        .chain([&reset, &secret(&reset, "ink_verify_")])
    {
        let answer = app.confirm(token).await.expect(401);
        assert_eq!(answer.json()["code"], "invalid_token", "{token}");
    }

    app.reset(&reset, "4321").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn t30_a_failed_log_in_by_an_address_costs_and_says_the_same_for_everybody() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    app.register_with("bob", "bob@example.org").await;
    let mut answers = Vec::new();

    for (email, password) in [
        ("alice@example.org", "wrong"),
        ("nobody@example.org", "1234"),
        // Nobody has confirmed that one.
        ("bob@example.org", "1234"),
    ] {
        let before = app.domain.hashes_started();
        let body = json!({"email": email, "password": password});
        let answer = app.anonymous().post("/api/v2/auth/login", &body).await;
        assert_eq!(app.domain.hashes_started(), before + 1, "{email}");
        answers.push(told(&answer));
    }

    assert_eq!(answers[0].0, 401);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t31_registering_tells_nothing_of_an_address() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    let mut answers = Vec::new();

    for (name, email) in [("bob", "alice@example.org"), ("eve", "fresh@example.org")] {
        let before = app.domain.hashes_started();
        let body = json!({"username": name, "password": "1234", "email": email});
        let answer = app.anonymous().post("/api/v2/auth/register", &body).await;
        assert_eq!(app.domain.hashes_started(), before + 1);
        let (status, mut body, headers) = told(&answer);
        let user = &mut body["user"];
        assert_eq!(
            (&user["email"], &user["email_verified"]),
            (&json!(email), &json!(false))
        );
        for field in ["id", "username", "email"] {
            user[field] = Value::Null;
        }
        answers.push((status, body, headers));
    }

    assert_eq!(answers[0].0, 201);
    assert_eq!(answers[0], answers[1]);
    let to: Vec<_> = app
        .mails()
        .await
        .iter()
        .map(|mail| mail.to().to_owned())
        .collect();
    assert_eq!(to.len(), 2, "both are asked: {to:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t31_forgetting_a_password_tells_nothing_of_an_address() {
    let app = app_with_mail(&[]).await;
    app.verified("bob", "bob@example.org").await;
    app.register_with("eve", "eve@example.org").await;
    let hashes = app.domain.hashes_started();
    let mut answers = Vec::new();

    for email in ["bob@example.org", "eve@example.org", "nobody@example.org"] {
        answers.push(told(&app.forgot(email).await));
    }

    assert_eq!(app.domain.hashes_started(), hashes);
    assert_eq!(answers[0].0, 202);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t32_guessing_one_time_tokens_is_limited_and_shuts_nobody_out() {
    let app = app_with_mail(&["--limits", "true"]).await;
    app.verified("alice", "alice@example.org").await;
    app.forgot("alice@example.org").await.expect(202);
    let token = app.the_mail().await.token();
    let before = app.domain.hashes_started();

    for number in 0..15 {
        app.reset(&format!("ink_reset_{number}"), "4321")
            .await
            .expect(401);
        app.confirm("ink_verify_x").await.expect(401);
    }
    let limited = app.reset("ink_reset_x", "4321").await.expect(429);
    app.confirm("ink_verify_x").await.expect(429);

    assert_eq!(limited.header("retry-after"), "20");
    assert_eq!(app.domain.hashes_started(), before);
    app.reset(&token, "4321").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn t43_a_reset_is_mailed_to_the_address_as_it_is_stored() {
    let app = app_with_mail(&[]).await;
    app.verified("mike", "Mike@example.org").await;

    for (typed, comes) in [
        // The sign for Kelvin, wide letters: the same address, and mailed as it was confirmed.
        ("mi\u{212a}e@example.org", true),
        ("MIKE@ＥＸＡＭＰＬＥ.org", true),
        // Letters that only look the same: another address, to which nothing goes.
        ("m\u{131}ke@example.org", false),
        ("mikе@example.org", false),
        ("mike@ехample.org", false),
    ] {
        app.advance(Duration::from_mins(2));
        app.forgot(typed).await.expect(202);
        let mails = app.mails().await;
        assert_eq!(mails.len(), usize::from(comes), "{typed}: {mails:?}");
        assert!(mails.iter().all(|mail| mail.to() == "Mike@example.org"));
    }
}
