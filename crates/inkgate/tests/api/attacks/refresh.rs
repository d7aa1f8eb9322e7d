//! T22 to T24: refresh tokens that were spent, stolen or made up.

use std::time::Duration;

use futures_util::future::join_all;

use super::{claims, refused};
use crate::support::{Answer, Pair, TestApp};

#[track_caller]
fn refresh_refused(answer: Answer) {
    let answer = answer.expect(401);
    assert_eq!(answer.json()["code"], "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn t22_a_race_of_refreshes_leaves_one_branch() {
    let app = TestApp::spawn().await;
    let first = app.pair("alice").await;

    let race = join_all((0..100).map(|_| app.refresh(&first.refresh))).await;

    let mut next: Vec<_> = race
        .into_iter()
        .map(|answer| Pair::of(answer).refresh)
        .collect();
    next.sort();
    next.dedup();
    assert_eq!(next.len(), 1, "forked");
    let third = Pair::of(app.refresh(&next[0]).await);
    app.with_token(&third.access)
        .get("/api/v2/todos")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t22_a_replay_after_the_grace_ends_the_newest_tokens_too() {
    let app = TestApp::spawn().await;
    let first = app.pair("alice").await;
    let second = Pair::of(app.refresh(&first.refresh).await);
    let other = app.login_v2("alice", "1234").await;

    app.advance(Duration::from_millis(10_001));
    refresh_refused(app.refresh(&first.refresh).await);

    refresh_refused(app.refresh(&second.refresh).await);
    for pair in [&first, &second] {
        refused(&app, format!("Bearer {}", pair.access), "Invalid token").await;
    }
    Pair::of(app.refresh(&other.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t22_a_token_of_two_turns_ago_ends_the_session_at_once() {
    let app = TestApp::spawn().await;
    let first = app.pair("alice").await;
    let second = Pair::of(app.refresh(&first.refresh).await);
    let third = Pair::of(app.refresh(&second.refresh).await);

    refresh_refused(app.refresh(&first.refresh).await);

    refresh_refused(app.refresh(&third.refresh).await);
    refused(&app, format!("Bearer {}", third.access), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t22_a_race_of_old_and_new_never_leaves_two_branches() {
    let app = TestApp::spawn().await;
    let first = app.pair("alice").await;
    let second = Pair::of(app.refresh(&first.refresh).await);
    app.advance(Duration::from_secs(11));

    let tokens = [&first.refresh, &second.refresh];
    let race = join_all((0..40).map(|number| app.refresh(tokens[number % 2]))).await;

    // Whoever was first, the replay ends the session for all of them.
    for answer in race.into_iter().filter(|answer| answer.status == 200) {
        let pair = Pair::of(answer);
        refresh_refused(app.refresh(&pair.refresh).await);
        refused(&app, format!("Bearer {}", pair.access), "Invalid token").await;
    }
    refresh_refused(app.refresh(&second.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_a_token_with_one_character_changed_is_refused_and_harms_nobody() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;

    for place in 0..pair.refresh.len() {
        let mut forged = pair.refresh.clone();
        let other = if &forged[place..=place] == "A" {
            "B"
        } else {
            "A"
        };
        forged.replace_range(place..=place, other);
        refresh_refused(app.refresh(&forged).await);
    }
    for forged in [
        format!("{} ", pair.refresh),
        format!("{}=", pair.refresh),
        pair.refresh.replace("ink_rt_", "ink_pat_"),
        pair.refresh.replace("ink_rt_", ""),
        pair.refresh.to_uppercase(),
    ] {
        refresh_refused(app.refresh(&forged).await);
    }

    Pair::of(app.refresh(&pair.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_a_token_made_without_the_key_is_refused_and_harms_nobody() {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use sha2::{Digest, Sha256};
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.pair("alice").await, app.pair("bob").await);
    let bytes = |pair: &Pair| BASE64_URL_SAFE_NO_PAD.decode(&pair.refresh[7..]).unwrap();
    let (alices, bobs) = (bytes(&alice), bytes(&bob));
    // The checksum is no secret: anybody makes it right.
    let made = |bytes: &[u8]| {
        let hash = Sha256::digest([b"ink_rt_", bytes].concat());
        let bytes = [bytes, &hash[..4]].concat();
        format!("ink_rt_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    };
    assert_eq!(made(&alices[..56]), alice.refresh);

    let counter = |count: i64| [&alices[..16], &count.to_be_bytes(), &alices[24..56]].concat();
    for forged in [
        [&alices[..16], &bobs[16..56]].concat(),
        [&alices[..24], &bobs[24..56]].concat(),
        [&alices[..24], &[0; 32]].concat(),
        counter(1),
        counter(-1),
        counter(i64::MAX),
        [&[0; 16], &alices[16..56]].concat(),
    ] {
        refresh_refused(app.refresh(&made(&forged)).await);
    }

    Pair::of(app.refresh(&alice.refresh).await);
    Pair::of(app.refresh(&bob.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let seed = app.login("alice", "1234").await;

    refresh_refused(app.refresh(&pair.access).await);
    refresh_refused(app.refresh(seed.token()).await);
    refused(&app, format!("Bearer {}", pair.refresh), "Invalid token").await;

    Pair::of(app.refresh(&pair.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_ninety_days_end_a_session_however_often_it_is_refreshed() {
    let app = TestApp::spawn().await;
    let mut pair = app.pair("alice").await;
    let day = Duration::from_hours(24);

    for _ in 0..8 {
        app.advance(day * 10);
        pair = Pair::of(app.refresh(&pair.refresh).await);
    }
    app.advance(day * 10 - Duration::from_secs(60));
    let answer = app.refresh(&pair.refresh).await.expect(200);
    assert_eq!(answer.json()["refresh_expires_in"], 60);
    let pair = Pair::of(answer);
    app.advance(Duration::from_secs(60));

    refresh_refused(app.refresh(&pair.refresh).await);
    // Its access token was given out for longer, and ends all the same.
    refused(&app, format!("Bearer {}", pair.access), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t24_logging_out_one_session_leaves_the_other() {
    let app = TestApp::spawn().await;
    let (one, other) = (app.pair("alice").await, app.login_v2("alice", "1234").await);
    let (a, b) = (claims(&one.access), claims(&other.access));
    assert_ne!(a["sid"], b["sid"]);
    assert_ne!(a["jti"], b["jti"]);

    let client = app.with_token(&one.access);
    let body = serde_json::json!({});
    client.post("/api/v2/auth/logout", &body).await.expect(204);

    refused(&app, format!("Bearer {}", one.access), "Invalid token").await;
    refresh_refused(app.refresh(&one.refresh).await);
    app.with_token(&other.access)
        .get("/api/v2/todos")
        .await
        .expect(200);
    Pair::of(app.refresh(&other.refresh).await);
}
