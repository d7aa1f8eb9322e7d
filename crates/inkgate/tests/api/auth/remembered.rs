//! Tokens and sessions that the server remembers: what it knows already it must judge as if it saw
//! it for the first time.

use std::time::{Duration, Instant};

use model::Role;
use serde_json::json;

use crate::support::signing_key::SigningKey;
use crate::support::{Client, Pair, TestApp, second_node};

const ME: &str = "/api/v2/me";

/// Somebody whose token the server has seen.
async fn known(app: &TestApp) -> (Client, Pair) {
    let pair = app.pair("alice").await;
    let client = app.with_token(&pair.access);
    client.get(ME).await.expect(200);
    (client, pair)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_token_ends_at_its_time() {
    let app = TestApp::spawn().await;
    let (alice, _) = known(&app).await;

    // The token counts whole seconds, and began a part of one before.
    app.advance(Duration::from_secs(599));
    alice.get(ME).await.expect(200);
    app.advance(Duration::from_secs(1));

    alice.get(ME).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_token_is_judged_by_the_clock_of_now_however_that_was_set() {
    let app = TestApp::spawn().await;
    let (alice, _) = known(&app).await;

    app.advance(Duration::from_hours(1));
    alice.get(ME).await.expect(401);
    app.clock.turn_back(Duration::from_hours(1));
    alice.get(ME).await.expect(200);
    app.clock.turn_back(Duration::from_secs(60));
    alice.get(ME).await.expect(200);
    // Made in the future, further than clocks differ.
    app.clock.turn_back(Duration::from_secs(1));
    alice.get(ME).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_token_outlives_a_rotation_of_keys_and_not_their_revocation() {
    let app = TestApp::spawn().await;
    let (alice, _) = known(&app).await;
    let kid = SigningKey::of(&app).await.kid;

    app.domain.rotate_signing_keys().await.unwrap();
    alice.get(ME).await.expect(200);
    app.domain.revoke_signing_key(&kid).await.unwrap();

    alice.get(ME).await.expect(401);
    let again = app.login_v2("alice", "1234").await;
    app.with_token(&again.access).get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_token_vouches_for_no_other_spelling_of_it() {
    let app = TestApp::spawn().await;
    let (alice, pair) = known(&app).await;
    let token = &pair.access;
    let (message, signature) = token.rsplit_once('.').unwrap();

    for other in [
        format!("{token}="),
        format!("{message}."),
        format!("{message}.{}", "A".repeat(signature.len())),
        format!("{message}.{signature}A"),
        format!("{message}.{}", &signature[..signature.len() - 1]),
        token.to_uppercase(),
    ] {
        app.with_token(&other).get(ME).await.expect(401);
    }
    alice.get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_are_refused_however_many_come() {
    let app = TestApp::spawn().await;
    let (alice, pair) = known(&app).await;
    let (message, _) = pair.access.rsplit_once('.').unwrap();

    for number in 0..500 {
        let forged = format!("{message}.{number:086}");
        app.with_token(&forged).get(ME).await.expect(401);
    }

    alice.get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_session_ends_with_its_turns_and_by_itself() {
    let app = TestApp::spawn().await;
    app.user_with_role("root", Role::Admin).await;
    let (alice, pair) = known(&app).await;

    let next = Pair::of(app.refresh(&pair.refresh).await);
    alice.get(ME).await.expect(200);
    app.with_token(&next.access).get(ME).await.expect(200);
    app.advance(Duration::from_secs(11));
    // A spent token comes again: the session is over, with all that it gave out.
    app.refresh(&pair.refresh).await.expect(401);
    alice.get(ME).await.expect(401);
    app.with_token(&next.access).get(ME).await.expect(401);

    let v1 = app.login("alice", "1234").await;
    v1.get("/api/v1/me").await.expect(200);
    app.advance(Duration::from_hours(24));
    v1.get("/api/v1/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_read_while_it_ends_is_not_remembered_as_alive() {
    let app = TestApp::spawn().await;
    app.pair("alice").await;
    for _ in 0..20 {
        let pair = app.login_v2("alice", "1234").await;
        let alice = app.with_token(&pair.access);
        let none = json!({});

        // Some of them read the session before it ends, and fill it in afterwards.
        let (out, ..) = tokio::join!(
            alice.post("/api/v2/auth/logout", &none),
            alice.get(ME),
            alice.get(ME),
            alice.get(ME)
        );

        out.expect(204);
        alice.get(ME).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_file_keeps_nobody_from_reading() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    if !database.is_sqlite() {
        // There is no lock of the whole database.
        return;
    }
    let (alice, _) = known(&app).await;
    let other = rusqlite::Connection::open(database.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    // Beyond the time for which memory counts.
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(1500) {
        alice.get(ME).await.expect(200);
    }

    other.execute_batch("COMMIT").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_follow_asks_each_time() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    // Nobody calls its `follow`: what it remembers must count for nothing.
    let other = second_node(&app).await;
    let believed = async || other.authenticate_v1(alice.token()).await.is_ok();
    assert!(believed().await);

    let session = app.with_token(&app.login_v2("alice", "1234").await.access);
    let ended = session.post("/api/v2/auth/logout-all", &json!({})).await;
    ended.expect(204);

    assert!(!believed().await);
}
