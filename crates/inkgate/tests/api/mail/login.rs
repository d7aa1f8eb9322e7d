//! Logging in by an address.

use serde_json::json;

use crate::support::{Answer, TestApp, app_with_mail};

async fn log_in(app: &TestApp, body: serde_json::Value) -> Answer {
    app.anonymous().post("/api/v2/auth/login", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_address_logs_in_as_the_name_does() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;

    for email in ["alice@example.org", " Alice@EXAMPLE.org "] {
        let body = json!({"email": email, "password": "1234"});
        let pair = log_in(&app, body).await.expect(200).json();
        assert_eq!(pair["user"]["username"], "alice");
    }
    let wrong = json!({"email": "alice@example.org", "password": "wrong"});
    let wrong = log_in(&app, wrong).await.expect(401);
    assert_eq!(wrong.json()["code"], "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_name_and_address_logs_in() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    let (name, email) = (json!("alice"), json!("alice@example.org"));

    for (body, field) in [
        (
            json!({"username": name, "email": email, "password": "1234"}),
            "email",
        ),
        (json!({"password": "1234"}), "username"),
        (json!({"email": "alice", "password": "1234"}), "email"),
        (json!({"email": null, "password": "1234"}), "email"),
        (json!({"email": email}), "password"),
    ] {
        let problem = log_in(&app, body.clone()).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    // A name that looks like an address is no address.
    app.register("bob@example.org", "1234").await.expect(201);
    let body = json!({"email": "bob@example.org", "password": "1234"});
    log_in(&app, body).await.expect(401);
    let body = json!({"username": "alice@example.org", "password": "1234"});
    log_in(&app, body).await.expect(401);
}
