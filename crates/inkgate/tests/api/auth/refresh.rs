//! Staying logged in.

use std::time::Duration;

use serde_json::json;

use crate::attacks::claims;
use crate::support::{Pair, TestApp};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_gives_the_next_pair_of_the_same_session() {
    let app = TestApp::spawn().await;
    let first = app.pair("alice").await;
    app.advance(Duration::from_secs(500));

    let answer = app.refresh(&first.refresh).await.expect(200);

    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["user"]["username"], "alice");
    let second = Pair::of(answer);
    let (before, after) = (claims(&first.access), claims(&second.access));
    assert_eq!(before["sid"], after["sid"]);
    assert_eq!(before["auth_time"], after["auth_time"]);
    assert_ne!(before["jti"], after["jti"]);
    assert_ne!(first.refresh, second.refresh);
    for pair in [&first, &second] {
        // The access token of before is good until it expires: it was not revoked.
        app.with_token(&pair.access)
            .get("/api/v2/todos")
            .await
            .expect(200);
    }
    Pair::of(app.refresh(&second.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_just_spent_gives_the_same_next_one_for_ten_seconds() {
    let app = TestApp::spawn().await;
    let first = app.pair("alice").await;
    let second = Pair::of(app.refresh(&first.refresh).await);

    app.advance(Duration::from_secs(10));
    let again = Pair::of(app.refresh(&first.refresh).await);

    assert_eq!(again.refresh, second.refresh);
    let third = Pair::of(app.refresh(&second.refresh).await);
    assert_ne!(third.refresh, second.refresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_nobody_refreshes_ends_after_thirty_days() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;

    app.advance(DAY * 30 - Duration::from_micros(1));
    let pair = Pair::of(app.refresh(&pair.refresh).await);
    app.advance(DAY * 30);

    let answer = app.refresh(&pair.refresh).await.expect(401);
    assert_eq!(answer.json()["code"], "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_refresh_token_is_401_and_what_is_no_body_422() {
    let app = TestApp::spawn().await;
    app.pair("alice").await;

    for token in [
        "",
        "x",
        "ink_rt_",
        "ink_rt_AAAA",
        "ink_pat_x",
        "eyJ.e30.x",
        "ink_rt_\u{e9}",
    ] {
        let answer = app.refresh(token).await.expect(401);
        assert_eq!(answer.json()["code"], "invalid_refresh_token");
        let challenge = "Bearer realm=\"inkgate\", error=\"invalid_token\"";
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
    for body in [
        json!({}),
        json!({"refresh_token": null}),
        json!({"refresh_token": 5}),
        json!({"refresh_token": ["x"]}),
        json!({"refresh_token": "x", "more": 1}),
        json!(["x"]),
    ] {
        let answer = app.anonymous().post("/api/v2/auth/refresh", &body).await;
        answer.expect(422);
    }
}
