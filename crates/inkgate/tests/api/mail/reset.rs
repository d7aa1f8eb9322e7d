//! A new password by a link in a mail.

use std::time::Duration;

use serde_json::json;

use crate::support::app_with_mail;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_sets_a_new_password_ends_every_session_and_logs_nobody_in() {
    let app = app_with_mail(&["--reset-url", "https://app.example/new-password?x=1"]).await;
    let alice = app.verified("alice", "alice@example.org").await;
    let pair = app.login_v2("alice", "1234").await;

    let asked = app.forgot(" ALICE@example.org").await.expect(202);
    assert!(asked.body.is_empty());
    assert_eq!(asked.header("cache-control"), "no-store");
    let mail = app.the_mail().await;
    assert_eq!(mail.to(), "alice@example.org");
    assert_eq!(mail.header("Subject"), "Set a new password");
    let link = mail.link();
    assert!(
        link.starts_with("https://app.example/new-password?x=1#ink_reset_"),
        "{link}"
    );
    alice.get("/api/v2/me").await.expect(200);
    let done = app.reset(&mail.token(), "4321").await.expect(204);

    assert!(done.body.is_empty() && done.headers.get("set-cookie").is_none());
    alice.get("/api/v2/me").await.expect(401);
    app.refresh(&pair.refresh).await.expect(401);
    let body = json!({"username": "alice", "password": "1234"});
    let old = app.anonymous().post("/api/v2/auth/login", &body).await;
    old.expect(401);
    let alice = app.with_token(&app.login_v2("alice", "4321").await.access);
    app.reset(&mail.token(), "5678").await.expect(401);
    let activity = alice.get("/api/v2/me/activity").await.json();
    let mut events = activity["events"].as_array().unwrap().iter();
    let told = events.find(|event| event["kind"] == "password_reset");
    assert_eq!(told.unwrap()["actor"]["type"], "nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_is_refused_and_does_not_spend_the_link() {
    let flags = ["--env", "production", "--registration", "open"];
    let database = test_database::TestDatabase::create().await;
    let folder = database.folder().join("mail").to_str().unwrap().to_owned();
    let flags = [&flags[..], &["--mail-folder", &folder]].concat();
    let app = crate::support::TestApp::spawn_on(database, &flags).await;
    let first = "a long word for alice";
    let body = json!({"username": "wilhelmina", "password": first, "email": "w@example.org"});
    let made = app.anonymous().post("/api/v2/auth/register", &body).await;
    made.expect(201);
    app.confirm(&app.the_mail().await.token()).await.expect(204);
    app.forgot("w@example.org").await.expect(202);
    let token = app.the_mail().await.token();

    for password in ["short", "password1", "Wilhelmina"] {
        let problem = app.reset(&token, password).await.expect(422).json();
        assert_eq!(problem["code"], "weak_password");
        assert_eq!(problem["errors"][0]["field"], "new_password");
    }

    app.reset(&token, "another long word").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_than_one_mail_a_minute_and_the_newest_link_counts() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    for _ in 0..5 {
        app.forgot("alice@example.org").await.expect(202);
    }
    let first = app.the_mail().await.token();

    app.advance(Duration::from_secs(59));
    app.forgot("alice@example.org").await.expect(202);
    assert!(app.mails().await.is_empty());
    app.advance(Duration::from_secs(1));
    app.forgot("alice@example.org").await.expect(202);
    let second = app.the_mail().await.token();

    app.reset(&first, "4321").await.expect(401);
    app.reset(&second, "4321").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_suspended_or_whose_address_nobody_confirmed_gets_no_link() {
    use model::Role;

    let app = app_with_mail(&[]).await;
    app.register_with("bob", "bob@example.org").await;
    app.the_mail().await;
    app.verified("alice", "alice@example.org").await;
    app.forgot("alice@example.org").await.expect(202);
    let token = app.the_mail().await.token();
    app.user_with_role("root", Role::Admin).await;
    let root = app.with_token(&app.login_v2("root", "1234").await.access);
    let suspended = json!({"suspended": true});
    root.patch("/api/v2/users/2", &suspended).await.expect(200);
    app.advance(Duration::from_mins(2));

    for email in ["bob@example.org", "alice@example.org", "nobody@example.org"] {
        app.forgot(email).await.expect(202);
    }

    assert!(app.mails().await.is_empty());
    app.reset(&token, "4321").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_sent_leaves_the_link_of_before_good() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    app.forgot("alice@example.org").await.expect(202);
    let delivered = app.the_mail().await.token();
    app.advance(Duration::from_secs(61));
    app.break_mail();
    app.forgot("alice@example.org").await.expect(202);
    app.run_jobs().await;

    app.reset(&delivered, "another password").await.expect(204);

    app.mend_mail();
    app.forgot("alice@example.org").await.expect(202);
    // One that failed does not count as the mail of this minute.
    assert_eq!(app.mails().await.len(), 1);
}
