//! Usernames: what they may hold, and which are the same.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use super::each;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_shown_as_typed_without_the_blanks_around_it() {
    let app = TestApp::spawn().await;
    let longest = "小".repeat(50);
    let padded = format!("  {longest}\t");
    let names = [
        ("Alice", "Alice"),
        (" bob\n", "bob"),
        ("Mary Ann  Smith", "Mary Ann  Smith"),
        ("\u{3000}ＷＩＤＥ\u{a0}", "ＷＩＤＥ"),
        ("x", "x"),
        (&padded, &longest),
    ];

    for (typed, shown) in names {
        let answer = app.register(typed, "1234").await.expect(201);

        assert_eq!(answer.json()["username"], shown);
        app.login(typed, "1234").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_too_long_or_cannot_be_seen_is_refused() {
    let app = TestApp::spawn().await;
    let length = "username must have 1 to 50 characters";
    let hidden = "username must not hold control, invisible or unassigned characters";
    let too_long = "é".repeat(51);
    let names = [
        ("", length),
        (" \t\u{3000}", length),
        (&too_long, length),
        ("a\0b", hidden),
        ("a\u{7}b", hidden),
        ("a\nb", hidden),
        ("admin\u{200b}", hidden),
        ("a\u{202e}b", hidden),
        ("a\u{ad}b", hidden),
        ("\u{3164}", hidden),
        ("a\u{e000}", hidden),
        ("a\u{378}", hidden),
    ];

    for (name, message) in names {
        let refused = app.register(name, "1234").await.expect(400).message();

        assert!(refused.starts_with(message), "{name:?}: {refused}");
    }
    let users = app.anonymous().get("/api/v1/users").await.expect(200);
    assert_eq!(users.text(), "{\"users\":[]}\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_by_whatever_reads_or_looks_the_same() {
    let app = TestApp::spawn().await;
    app.register("admin", "1234").await.expect(201);
    app.register("straße", "1234").await.expect(201);

    for name in [
        "admin",
        "ADMIN",
        " admin ",
        "ＡＤＭＩＮ",
        "аdmin",
        "STRASSE",
    ] {
        let refused = app.register(name, "other").await.expect(400);

        assert_eq!(refused.message(), "Username already exists", "{name:?}");
    }
    app.register("admins", "1234").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_like_somebody_does_not_log_in_as_them() {
    let app = TestApp::spawn().await;
    app.register("admin", "1234").await.expect(201);
    let lookalike = json!({"username": "аdmin", "password": "1234"});

    app.anonymous()
        .post("/api/v1/login", &lookalike)
        .await
        .expect(401);

    app.login("ＡＤＭＩＮ", "1234").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_want_a_name_at_the_same_moment_one_gets_it() {
    let app = Arc::new(TestApp::spawn().await);
    let mut registering = JoinSet::new();

    for name in ["admin", "Admin", "ADMIN", "аdmin", "admin ", "ａdmin"] {
        let app = Arc::clone(&app);
        registering.spawn(async move { app.register(name, "1234").await });
    }
    let answers = registering.join_all().await;

    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 5));
    for answer in refused {
        assert_eq!(
            (answer.status, answer.message().as_str()),
            (400, "Username already exists")
        );
    }
    let users = app.anonymous().get("/api/v1/users").await;
    assert_eq!(
        each(&users, "username"),
        [made[0].json()["username"].clone()]
    );
}
