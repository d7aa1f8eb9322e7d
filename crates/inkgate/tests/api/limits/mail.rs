//! How much mail somebody may ask for.

use serde_json::json;

use super::{check_refusal, limited, post_from};
use crate::support::{Answer, TestApp};

async fn forgot(app: &TestApp, address: &str, email: &str) -> Answer {
    let body = json!({"email": email});
    post_from(app, address, "/api/v2/auth/password/forgot", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_is_mailed_five_times_an_hour_whoever_asks_and_whoever_has_it() {
    let app = limited(&[]).await;
    let body = json!({"username": "bob", "password": "1234", "email": "bob@example.org"});
    let made = post_from(&app, "203.0.113.1", "/api/v2/auth/register", &body).await;
    made.expect(201);
    let database = app.database.as_ref().unwrap();
    crate::audit::execute(database, "UPDATE users SET email_verified_at = 1").await;

    for (email, allowed) in [("Bob@Example.org", 4), ("nobody@example.org", 5)] {
        for number in 0..allowed {
            let address = format!("198.51.100.{number}");
            forgot(&app, &address, email).await.expect(202);
        }
        let refused = forgot(&app, "198.51.100.9", email).await;
        assert_eq!(check_refusal(&refused, "mail-recipient", "q=5;w=3600"), 720);
    }
    // A registration that would mail the same address is one too many as well.
    let body = json!({"username": "eve", "password": "1234", "email": "bob@example.org"});
    let refused = post_from(&app, "203.0.113.1", "/api/v2/auth/register", &body).await;
    check_refusal(&refused, "mail-recipient", "q=5;w=3600");
    let body = json!({"username": "eve", "password": "1234"});
    let made = post_from(&app, "203.0.113.1", "/api/v2/auth/register", &body).await;
    made.expect(201);
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
