//! T13, T32 and T45 for log-ins that wait for a code.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::refused;
use crate::support::authenticator::{CONFIRM, MFA, TOTP, disable, offered};
use crate::support::{Answer, Pair, TestApp};

const ME: &str = "/api/v2/me";

pub(super) fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap().to_owned()
}

/// Fails the test unless it is 401 with this code.
#[track_caller]
pub(super) fn is_401(answer: Answer, wanted: &str) {
    assert_eq!(code(&answer.expect(401)), wanted);
}

pub(super) async fn tokens(app: &TestApp, name: &str, count: usize) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(app.mfa_token(name).await);
    }
    tokens
}

async fn finish_from(app: &TestApp, address: &str, token: &str, code: &str) -> Answer {
    let client = app.anonymous();
    let request = client
        .request(Method::POST, MFA)
        .header("x-forwarded-for", address);
    let body = json!({"mfa_token": token, "code": code});
    client.send(request.json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_the_token_of_a_waiting_log_in_opens_and_refreshes_nothing() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let token = app.mfa_token("alice").await;

    refused(&app, format!("Bearer {token}"), "Invalid token").await;
    for (method, path) in [
        (Method::GET, ME),
        (Method::POST, TOTP),
        (Method::POST, CONFIRM),
        (Method::DELETE, TOTP),
        (Method::POST, "/api/v2/auth/logout"),
        (Method::POST, "/api/v2/auth/tokens"),
    ] {
        let client = app.with_token(&token);
        let body = json!({"current_password": "1234", "code": alice.app.code()});
        let answer = client.send(client.request(method, path).json(&body)).await;
        is_401(answer, "invalid_token");
    }
    is_401(app.refresh(&token).await, "invalid_refresh_token");

    Pair::of(app.finish(&token, &alice.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_no_other_token_finishes_a_log_in() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let personal = json!({"name": "x", "scopes": ["profile:read"]});
    let personal = client.post("/api/v2/auth/tokens", &personal).await;
    let personal = personal.expect(201).json();
    let seed = app.user("bob").await;
    let token = app.mfa_token("alice").await;
    let changed = token.replace("ink_mfa_", "ink_mfa_A");

    for other in [
        &alice.pair.access,
        &alice.pair.refresh,
        personal["token"].as_str().unwrap(),
        seed.token(),
        &changed,
        &changed[..changed.len() - 1],
        &token[..token.len() - 1],
        &token.replace("ink_mfa_", "ink_rt_"),
        &token.to_uppercase(),
        &format!("{token}="),
        &format!(" {token}"),
        "ink_mfa_",
        "",
    ] {
        let answer = app.finish(other, &alice.app.code()).await;
        is_401(answer, "invalid_token");
    }

    Pair::of(app.finish(&token, &alice.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t32_guessing_codes_is_limited_wherever_one_is_asked_for_and_locks_nobody_out() {
    let flags = ["--env", "testing", "--limits", "true"];
    let flags = [&flags[..], &["--trusted-proxies", "127.0.0.1"]].concat();
    let app = TestApp::spawn_with(&flags).await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let (first, second) = (app.mfa_token("alice").await, app.mfa_token("alice").await);
    let here = "198.51.100.7";

    for _ in 0..6 {
        let answer = finish_from(&app, here, &first, "wrong").await;
        is_401(answer, "invalid_code");
    }
    for _ in 0..4 {
        let answer = finish_from(&app, here, &second, "wrong").await;
        is_401(answer, "invalid_code");
    }
    let right = alice.app.code();
    for (token, code) in [(&first, "wrong"), (&second, &right)] {
        let limited = finish_from(&app, here, token, code).await.expect(429);
        assert_eq!(limited.header("retry-after"), "6");
        assert!(
            limited
                .header("ratelimit")
                .contains("login-account-address")
        );
    }
    // The owner, elsewhere, does not notice. What is refused so costs the log-in no attempt.
    Pair::of(finish_from(&app, "198.51.100.8", &second, &right).await);
    for _ in 0..10 {
        is_401(disable(&client, "1234", "wrong").await, "invalid_code");
    }
    disable(&client, "1234", "wrong").await.expect(429);
    let bob = app.with_token(&app.pair("bob").await.access);
    offered(&bob, &app.clock).await;
    for _ in 0..10 {
        let answer = bob.post(CONFIRM, &json!({"code": "wrong"})).await;
        is_401(answer, "invalid_code");
    }
    let answer = bob.post(CONFIRM, &json!({"code": "wrong"})).await;
    answer.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn t32_many_waiting_log_ins_do_not_multiply_guesses() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let tokens = tokens(&app, "alice", 4).await;
    let wrong = alice.app.wrong_code();

    for token in &tokens[..2] {
        for _ in 0..10 {
            is_401(app.finish(token, &wrong).await, "invalid_code");
        }
    }

    for code in [&wrong, &alice.app.code()] {
        let limited = app.finish(&tokens[2], code).await.expect(429);
        assert_eq!(
            limited.header("ratelimit-policy"),
            "\"second-factor\";q=20;w=3600"
        );
        assert_eq!(limited.header("retry-after"), "3600");
        let client = app.with_token(&alice.pair.access);
        disable(&client, "1234", code).await.expect(429);
    }
    // The owner has recovery codes, and after an hour the app again.
    Pair::of(app.finish(&tokens[2], &alice.recovery_codes[0]).await);
    app.advance(Duration::from_hours(1));
    let token = app.mfa_token("alice").await;
    Pair::of(app.finish(&token, &alice.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_after_ten_wrong_codes_a_log_in_is_over() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let token = app.mfa_token("alice").await;
    let wrong = alice.app.wrong_code();

    for _ in 0..5 {
        is_401(app.finish(&token, &wrong).await, "invalid_code");
        let unknown = app.finish(&token, "ABCD-EFGH-IJKL-MNOP").await;
        is_401(unknown, "invalid_code");
    }

    for code in [&alice.app.code(), &alice.recovery_codes[0]] {
        is_401(app.finish(&token, code).await, "invalid_token");
    }
    let token = app.mfa_token("alice").await;
    Pair::of(app.finish(&token, &alice.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_a_log_in_waits_for_five_minutes_to_the_second() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let (first, second) = (app.mfa_token("alice").await, app.mfa_token("alice").await);

    app.advance(Duration::from_secs(299));
    Pair::of(app.finish(&first, &alice.app.code()).await);
    app.advance(Duration::from_secs(1));

    for code in [&alice.app.code_of(1), &alice.recovery_codes[0]] {
        is_401(app.finish(&second, code).await, "invalid_token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_whatever_revokes_tokens_ends_waiting_log_ins() {
    let app = TestApp::spawn().await;
    app.user_with_role("root", model::Role::Admin).await;
    let root = app.with_token(&app.login_v2("root", "1234").await.access);
    let suspend = async |suspended: bool| {
        let patch = json!({"suspended": suspended});
        root.patch("/api/v2/users/2", &patch).await.expect(200);
    };
    let alice = app.enrolled("alice").await;
    let open = async || {
        let token = app.mfa_token("alice").await;
        app.advance(Duration::from_secs(30));
        app.with_token(&Pair::of(app.finish(&token, &alice.app.code()).await).access)
    };
    let ended = async |token: &str| {
        for code in [&alice.app.code_of(1), &alice.recovery_codes[0]] {
            is_401(app.finish(token, code).await, "invalid_token");
        }
    };

    let (client, token) = (open().await, app.mfa_token("alice").await);
    client
        .post("/api/v2/auth/logout-all", &json!({}))
        .await
        .expect(204);
    ended(&token).await;

    let (client, token) = (open().await, app.mfa_token("alice").await);
    let same = json!({"current_password": "1234", "new_password": "1234"});
    client
        .post("/api/v2/auth/password", &same)
        .await
        .expect(200);
    ended(&token).await;

    let token = app.mfa_token("alice").await;
    root.post("/api/v2/users/2/logout", &json!({}))
        .await
        .expect(204);
    ended(&token).await;

    let token = app.mfa_token("alice").await;
    suspend(true).await;
    ended(&token).await;
    suspend(false).await;
    ended(&token).await;

    open().await.get(ME).await.expect(200);
}
