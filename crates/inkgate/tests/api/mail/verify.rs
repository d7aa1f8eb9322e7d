//! An address becomes an account's own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app_with_mail;

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_the_account_s_own_once_it_is_confirmed() {
    let app = app_with_mail(&["--public-url", "https://blog.example"]).await;
    let body = json!({"username": "alice", "password": "1234", "email": "Alice@Example.org"});
    let made = app.anonymous().post("/api/v2/auth/register", &body).await;
    let user = made.expect(201).json()["user"].clone();
    assert_eq!(user["email"], "Alice@example.org");
    assert_eq!(user["email_verified"], false);
    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);

    let mail = app.the_mail().await;
    let link = mail.link();
    assert!(
        link.starts_with("https://blog.example/account/verify#ink_verify_"),
        "{link}"
    );
    assert_eq!(mail.to(), "Alice@example.org");
    assert!(
        !mail.raw.contains("alice"),
        "whoever registers writes no text"
    );
    assert_eq!(
        alice.get("/api/v2/me").await.json()["email_verified"],
        false
    );
    let confirmed = app.confirm(&mail.token()).await.expect(204);

    assert_eq!(confirmed.header("cache-control"), "no-store");
    let me = alice.get("/api/v2/me").await.expect(200).json();
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&json!("Alice@example.org"), &json!(true))
    );
    let again = app.confirm(&mail.token()).await.expect(401);
    assert_eq!(again.json()["code"], "invalid_token");
    let activity = alice.get("/api/v2/me/activity").await.json();
    let event = &activity["events"][0];
    assert_eq!(event["kind"], "email_verified");
    assert_eq!(event["details"], json!({"replaced": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_confirm_is_good_for_a_day() {
    let app = app_with_mail(&[]).await;
    for (name, seconds, status) in [("alice", 86_399, 204), ("bob", 86_400, 401)] {
        app.register_with(name, &format!("{name}@example.org"))
            .await;
        let token = app.the_mail().await.token();
        app.advance(Duration::from_secs(seconds));

        app.confirm(&token).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_claim_an_address_the_one_who_reads_its_mail_gets_it() {
    let app = app_with_mail(&[]).await;
    app.register_with("mallory", "alice@example.org").await;
    let first = app.the_mail().await.token();
    app.advance(Duration::from_secs(1));
    app.register_with("alice", "ALICE@example.org").await;
    let second = app.the_mail().await.token();

    app.confirm(&second).await.expect(204);
    let taken = app.confirm(&first).await.expect(409);

    assert_eq!(taken.json()["code"], "email_taken");
    let body = json!({"email": "alice@example.org", "password": "1234"});
    let pair = app.anonymous().post("/api/v2/auth/login", &body).await;
    assert_eq!(pair.expect(200).json()["user"]["username"], "alice");
    // It was not spent: once the address is free, it counts.
    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);
    let password = json!({"current_password": "1234"});
    let delete = alice.request(reqwest::Method::DELETE, "/api/v2/me");
    alice.send(delete.json(&password)).await.expect(204);
    app.confirm(&first).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_an_address_gets_no_mail() {
    let app = app_with_mail(&[]).await;
    let pair = app.pair("alice").await;

    assert!(app.mails().await.is_empty());
    let me = app.with_token(&pair.access).get("/api/v2/me").await.json();
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&Value::Null, &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_no_address_and_no_token() {
    let app = app_with_mail(&[]).await;
    let alice = app.verified("alice", "alice@example.org").await;
    app.forgot("alice@example.org").await.expect(202);
    let token = app.the_mail().await.token();
    let password = json!({"current_password": "1234"});
    let delete = alice.request(reqwest::Method::DELETE, "/api/v2/me");
    alice.send(delete.json(&password)).await.expect(204);

    app.reset(&token, "4321").await.expect(401);
    app.forgot("alice@example.org").await.expect(202);
    assert!(app.mails().await.is_empty());

    // Both are free for somebody else, who is somebody else.
    app.verified("alice", "alice@example.org").await;
    app.reset(&token, "4321").await.expect(401);
}
