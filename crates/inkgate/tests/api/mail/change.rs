//! Another address for an account.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, Client, app_with_mail};

async fn change(client: &Client, email: &str, password: &str) -> Answer {
    let body = json!({"new_email": email, "current_password": password});
    client.post("/api/v2/auth/email", &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_confirmed_at_the_new_address_and_told_to_the_old_one() {
    let app = app_with_mail(&[]).await;
    let alice = app.verified("alice", "old@example.org").await;

    let answer = change(&alice, "new@example.org", "1234").await.expect(202);
    assert!(answer.body.is_empty());
    let asked = app.the_mail().await;
    assert_eq!(asked.to(), "new@example.org");
    let me = async || alice.get("/api/v2/me").await.expect(200).json();
    assert_eq!(me().await["email"], "old@example.org");
    app.confirm(&asked.token()).await.expect(204);

    let told = app.the_mail().await;
    assert_eq!(told.to(), "old@example.org");
    assert_eq!(told.header("Subject"), "Your e-mail address was changed");
    assert!(told.raw.contains("alice") && !told.raw.contains("new@example.org"));
    assert_eq!(me().await["email"], "new@example.org");
    assert_eq!(me().await["email_verified"], true);
    let activity = alice.get("/api/v2/me/activity").await.json();
    let kinds: Vec<_> = activity["events"].as_array().unwrap()[..2]
        .iter()
        .map(|event| event["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["email_verified", "email_change_requested"]);
    assert_eq!(activity["events"][0]["details"], json!({"replaced": true}));
    assert!(!activity.to_string().contains("example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_password_and_a_session() {
    let app = app_with_mail(&[]).await;
    let alice = app.verified("alice", "old@example.org").await;

    let wrong = change(&alice, "new@example.org", "wrong").await.expect(403);
    assert_eq!(wrong.json()["code"], "wrong_password");
    change(&app.anonymous(), "new@example.org", "1234")
        .await
        .expect(401);
    change(&app.login("alice", "1234").await, "new@example.org", "1234")
        .await
        .expect(401);

    assert!(app.mails().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_request_counts_and_the_address_of_another_is_not_told() {
    let app = app_with_mail(&[]).await;
    app.verified("bob", "bob@example.org").await;
    let alice = app.verified("alice", "old@example.org").await;

    change(&alice, "first@example.org", "1234")
        .await
        .expect(202);
    let first = app.the_mail().await;
    app.advance(Duration::from_millis(5));
    let taken = change(&alice, "Bob@example.org", "1234").await.expect(202);
    assert!(taken.body.is_empty());
    let second = app.the_mail().await;

    assert_eq!(second.to(), "Bob@example.org");
    app.confirm(&first.token()).await.expect(401);
    let refused = app.confirm(&second.token()).await.expect(409);
    assert_eq!(refused.json()["code"], "email_taken");
    assert_eq!(
        alice.get("/api/v2/me").await.json()["email"],
        "old@example.org"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_asked_for_before_a_revocation_is_not_confirmed_after_it() {
    let app = app_with_mail(&[]).await;
    let thief = app.verified("alice", "old@example.org").await;
    change(&thief, "thief@example.org", "1234")
        .await
        .expect(202);
    let mailed = app.the_mail().await.token();
    app.advance(Duration::from_mins(2));
    // This one is not even mailed before the owner acts.
    change(&thief, "other@example.org", "1234")
        .await
        .expect(202);

    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);
    let password = json!({"current_password": "1234", "new_password": "4321"});
    alice
        .post("/api/v2/auth/password", &password)
        .await
        .expect(200);

    // The running server may have mailed it by itself already.
    let late = app.mails().await;
    for token in late.iter().map(|mail| mail.token()).chain([mailed]) {
        app.confirm(&token).await.expect(401);
    }
    app.forgot("old@example.org").await.expect(202);
    assert_eq!(app.the_mail().await.to(), "old@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_asked_for_before_the_last_one_is_never_asked_again() {
    let app = app_with_mail(&[]).await;
    let alice = app.verified("alice", "alice@example.org").await;
    app.break_mail();
    change(&alice, "typo@evil.example", "1234")
        .await
        .expect(202);
    app.run_jobs().await;
    app.mend_mail();
    app.advance(Duration::from_secs(1));

    change(&alice, "right@example.org", "1234")
        .await
        .expect(202);
    let token = app.the_mail().await.token();
    app.confirm(&token).await.expect(204);

    // The old one is told; nobody else is, however often what has failed is tried again.
    app.advance(Duration::from_hours(1));
    let told: Vec<_> = app
        .mails()
        .await
        .iter()
        .map(|mail| mail.to().to_owned())
        .collect();
    assert!(!told.contains(&"typo@evil.example".to_owned()), "{told:?}");
    app.domain.retry_dead_jobs().await.unwrap();
    assert!(app.mails().await.is_empty());
    let me = app.with_token(&app.login_v2("alice", "1234").await.access);
    assert_eq!(
        me.get("/api/v2/me").await.json()["email"],
        "right@example.org"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_under_way_when_another_address_was_confirmed_is_not_sent() {
    let app = app_with_mail(&[]).await;
    app.register_with("alice", "first@example.org").await;
    let first = app.the_mail().await.token();
    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);
    app.break_mail();
    change(&alice, "second@example.org", "1234")
        .await
        .expect(202);
    app.run_jobs().await;
    app.mend_mail();
    app.advance(Duration::from_secs(1));

    // The link of before is still good, since no newer one was sent.
    app.confirm(&first).await.expect(204);

    app.advance(Duration::from_hours(1));
    assert!(app.mails().await.is_empty());
    let me = app.with_token(&app.login_v2("alice", "1234").await.access);
    assert_eq!(
        me.get("/api/v2/me").await.json()["email"],
        "first@example.org"
    );
}
