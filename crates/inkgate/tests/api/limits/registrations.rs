//! Registrations: ten an hour from one address.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{check_refusal, limited, post_from, register};

const HERE: &str = "198.51.100.7";

#[tokio::test(flavor = "multi_thread")]
async fn ten_registrations_an_hour_from_one_address() {
    let app = limited(&[]).await;

    for number in 0..10 {
        register(&app, HERE, &format!("user{number}"))
            .await
            .expect(201);
    }
    let refused = register(&app, HERE, "user10").await;

    let wait = check_refusal(&refused, "registration", "q=10;w=3600");
    assert_eq!(wait, 360);
    register(&app, "198.51.100.8", "other").await.expect(201);
    app.advance(Duration::from_secs(wait - 1));
    register(&app, HERE, "user10").await.expect(429);
    app.advance(Duration::from_secs(1));
    register(&app, HERE, "user10").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_counts_so_that_names_cannot_be_listed() {
    let app = limited(&["--limit-registration", "3/1h"]).await;

    register(&app, HERE, "alice").await.expect(201);
    register(&app, HERE, "alice").await.expect(400);
    register(&app, HERE, "alice").await.expect(400);

    register(&app, HERE, "alice").await.expect(429);
    register(&app, HERE, "bob").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_validation_does_not_count() {
    let app = limited(&["--limit-registration", "1/1h"]).await;

    for _ in 0..5 {
        for body in [
            json!({}),
            json!([]),
            json!({"username": "a\0", "password": "1234"}),
            json!({"username": "alice", "password": ""}),
            json!({"username": 5, "password": "1234"}),
        ] {
            post_from(&app, HERE, "/api/v1/users", &body)
                .await
                .expect(400);
        }
    }

    register(&app, HERE, "alice").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_is_told_before_the_body_is_looked_at() {
    let app = limited(&["--limit-registration", "1/1h"]).await;
    register(&app, HERE, "alice").await.expect(201);
    let before = app.domain.hashes_started();

    for (media_type, body) in [
        ("application/json", "{"),
        ("application/json", ""),
        ("application/json", "{}"),
        ("application/json", "[]"),
        ("text/plain", "{}"),
        (
            "application/json",
            r#"{"username":"alice","password":"1234"}"#,
        ),
        (
            "application/json",
            r#"{"username":"bob","password":"1234"}"#,
        ),
    ] {
        let request = app
            .anonymous()
            .request(Method::POST, "/api/v1/users")
            .header("x-forwarded-for", HERE)
            .header("content-type", media_type)
            .body(body);
        let answer = app.anonymous().send(request).await;
        let wait = check_refusal(&answer, "registration", "q=1;w=3600");
        assert_eq!(wait, 3600, "asking does not make the wait longer");
    }

    assert_eq!(app.domain.hashes_started(), before);
    let body = json!({});
    post_from(&app, "198.51.100.8", "/api/v1/users", &body)
        .await
        .expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_at_the_same_moment_are_counted_each() {
    let app = limited(&["--limit-registration", "3/1h"]).await;
    let names: Vec<_> = (0..12).map(|number| format!("user{number}")).collect();

    let attempts = names.iter().map(|name| register(&app, HERE, name));
    let answers = futures_util::future::join_all(attempts).await;

    let made = answers.iter().filter(|answer| answer.status == 201);
    let refused = answers.iter().filter(|answer| answer.status == 429);
    assert_eq!((made.count(), refused.count()), (3, 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_registration_is_closed_nothing_is_counted() {
    let app = limited(&["--limit-registration", "1/1h", "--registration", "closed"]).await;

    for _ in 0..3 {
        let refused = register(&app, HERE, "alice").await.expect(403);
        assert_eq!(refused.message(), "Registration is closed");
    }
}
