//! T44: a new password by a link in a mail.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, app_with_mail};

/// A link to set a new password for alice.
async fn reset_token(app: &TestApp, email: &str) -> String {
    app.advance(Duration::from_mins(2));
    app.forgot(email).await.expect(202);
    app.the_mail().await.token()
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_a_reset_link_is_good_once_and_for_half_an_hour() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    for (seconds, status) in [(1800, 401), (1799, 204)] {
        let token = reset_token(&app, "alice@example.org").await;
        app.advance(Duration::from_secs(seconds));

        app.reset(&token, "4321").await.expect(status);
        app.reset(&token, "5678").await.expect(401);
    }
    app.login_v2("alice", "4321").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_a_reset_link_is_dead_after_what_made_it_old() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    let log_in = async || app.with_token(&app.login_v2("alice", "1234").await.access);

    let token = reset_token(&app, "alice@example.org").await;
    let change = json!({"current_password": "1234", "new_password": "1234"});
    let alice = log_in().await;
    alice
        .post("/api/v2/auth/password", &change)
        .await
        .expect(200);
    app.reset(&token, "4321").await.expect(401);

    let token = reset_token(&app, "alice@example.org").await;
    let alice = log_in().await;
    alice
        .post("/api/v2/auth/logout-all", &json!({}))
        .await
        .expect(204);
    app.reset(&token, "4321").await.expect(401);

    let token = reset_token(&app, "alice@example.org").await;
    let change = json!({"new_email": "new@example.org", "current_password": "1234"});
    log_in()
        .await
        .post("/api/v2/auth/email", &change)
        .await
        .expect(202);
    let confirm = app.the_mail().await.token();
    app.confirm(&confirm).await.expect(204);
    assert_eq!(app.the_mail().await.to(), "alice@example.org");
    app.reset(&token, "4321").await.expect(401);
    app.forgot("alice@example.org").await.expect(202);
    assert!(
        app.mails().await.is_empty(),
        "the old address opens it no more"
    );

    let old = reset_token(&app, "new@example.org").await;
    let new = reset_token(&app, "new@example.org").await;
    app.reset(&old, "4321").await.expect(401);
    app.reset(&new, "4321").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn t44_no_header_of_a_request_leads_a_link_elsewhere() {
    let app = app_with_mail(&["--public-url", "https://blog.example"]).await;
    app.verified("alice", "alice@example.org").await;

    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "https://evil.example/"),
        ("origin", "https://evil.example"),
        ("referer", "https://evil.example/"),
    ] {
        app.advance(Duration::from_mins(2));
        let client = app.anonymous();
        let request = client.request(Method::POST, "/api/v2/auth/password/forgot");
        let request = request.header(name, value);
        let body = json!({"email": "alice@example.org"});
        client.send(request.json(&body)).await.expect(202);

        let mail = app.the_mail().await;
        let link = mail.link();
        assert!(
            link.starts_with("https://blog.example/account/reset#ink_reset_"),
            "{link}"
        );
        assert!(!mail.raw.contains("evil"), "{name}: {}", mail.raw);
    }
}
