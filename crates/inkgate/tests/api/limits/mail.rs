//! How much mail somebody may ask for.

use std::time::Duration;

use serde_json::json;

use super::{check_refusal, limited, post_from};
use crate::support::{Answer, TestApp, app_with_mail};

async fn forgot(app: &TestApp, address: &str, email: &str) -> Answer {
    let body = json!({"email": email});
    post_from(app, address, "/api/v2/auth/password/forgot", &body).await
}

/// How many mails wait: there is nowhere to send them.
async fn waiting(app: &TestApp) -> i64 {
    app.domain.count_jobs().await.unwrap().waiting
}

/// A server with limits, and `bob`, whose address is known to be his own.
async fn with_bob() -> TestApp {
    let app = limited(&[]).await;
    let body = json!({"username": "bob", "password": "1234", "email": "bob@example.org"});
    let made = post_from(&app, "203.0.113.1", "/api/v2/auth/register", &body).await;
    made.expect(201);
    let database = app.database.as_ref().unwrap();
    crate::audit::execute(database, "UPDATE users SET email_verified_at = 1").await;
    crate::audit::execute(database, "DELETE FROM jobs").await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_is_mailed_five_times_an_hour_whoever_asks_and_nobody_is_told() {
    let limited = ["--limits", "true", "--trusted-proxies", "127.0.0.1"];
    let app = app_with_mail(&limited).await;
    app.verified("bob", "bob@example.org").await;

    let mut mailed = 0;
    for number in 0..9 {
        let address = format!("198.51.100.{number}");
        for email in ["Bob@Example.org", "nobody@example.org"] {
            forgot(&app, &address, email).await.expect(202);
        }
        mailed += app.mails().await.len();
        app.advance(Duration::from_secs(61));
    }

    assert_eq!(mailed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_keeps_somebody_else_from_a_new_password_by_registering() {
    let app = with_bob().await;
    let register = async |name: &str| {
        let body = json!({"username": name, "password": "1234", "email": "bob@example.org"});
        post_from(&app, "203.0.113.1", "/api/v2/auth/register", &body).await
    };

    // A name that is taken mails nobody, and counts for nothing.
    for _ in 0..3 {
        register("bob").await.expect(409);
    }
    for number in 0..4 {
        register(&format!("eve{number}")).await.expect(201);
    }
    let refused = register("eve5").await;
    check_refusal(&refused, "mail-recipient", "q=5;w=3600");

    let before = waiting(&app).await;
    forgot(&app, "198.51.100.1", "bob@example.org")
        .await
        .expect(202);
    assert_eq!(waiting(&app).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sender_asks_for_twenty_mails_an_hour() {
    let app = limited(&[]).await;
    for number in 0..20 {
        let email = format!("u{number}@example.org");
        forgot(&app, "198.51.100.1", &email).await.expect(202);
    }

    let refused = forgot(&app, "198.51.100.1", "last@example.org").await;

    check_refusal(&refused, "mail-sender", "q=20;w=3600");
    forgot(&app, "198.51.100.2", "last@example.org")
        .await
        .expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_asks_for_so_many_mails_an_hour_from_wherever() {
    let app = limited(&["--limit-mail-sender", "3/1h"]).await;
    let alice = app.pair("alice").await;
    let change = async |number: u32| {
        let body =
            json!({"new_email": format!("a{number}@example.org"), "current_password": "1234"});
        let client = app.with_token(&alice.access);
        let request = client.request(reqwest::Method::POST, "/api/v2/auth/email");
        let request = request.header("x-forwarded-for", format!("198.51.100.{number}"));
        client.send(request.json(&body)).await
    };
    for number in 0..3 {
        change(number).await.expect(202);
    }

    let refused = change(3).await;

    check_refusal(&refused, "mail-sender", "q=3;w=3600");
}
