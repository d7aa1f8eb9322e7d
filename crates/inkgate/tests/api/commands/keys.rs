//! `inkgate keys`, while a server runs.

use std::time::Duration;

use serde_json::{Value, json};
use test_database::TestDatabase;

use crate::attacks::claims;
use crate::support::{Pair, Program, Running, TestApp};

const PASSWORD: &str = "1234";

/// The keys as `keys list` shows them: id and state.
fn keys(program: &Program) -> Vec<(String, String)> {
    let list = program.run(&["keys", "list"]).expect_success().out;
    let columns = list.lines().map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap().to_owned();
        (next(), next())
    });
    columns.collect()
}

fn kid(keys: &[(String, String)], state: &str) -> String {
    let key = keys.iter().find(|(_, found)| found == state);
    key.unwrap_or_else(|| panic!("no {state} in {keys:?}"))
        .0
        .clone()
}

async fn published(server: &Running) -> Vec<String> {
    let set = server.anonymous().get("/.well-known/jwks.json").await;
    let set: Value = set.expect(200).json();
    let keys = set["keys"].as_array().unwrap().iter();
    let mut kids: Vec<_> = keys
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect();
    kids.sort();
    kids
}

/// Waits until the running server has seen what the command did.
async fn until_published(server: &Running, keys: &[(String, String)]) {
    let mut wanted: Vec<_> = keys.iter().map(|(kid, _)| kid.clone()).collect();
    wanted.sort();
    while published(server).await != wanted {
        tokio::task::yield_now().await;
    }
}

async fn login(server: &Running) -> Pair {
    let body = json!({"username": "alice", "password": PASSWORD});
    Pair::of(server.anonymous().post("/api/v2/auth/login", &body).await)
}

fn signed_by(pair: &Pair) -> String {
    use base64::Engine;
    let header = pair.access.split('.').next().unwrap();
    let header = base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(header)
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_lets_the_published_key_sign_and_keeps_old_tokens_good() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let server = program.serve();
    server.user("alice").await;
    let before = keys(&program);
    let old = login(&server).await;
    assert_eq!(signed_by(&old), kid(&before, "active"));

    program.run(&["keys", "rotate"]).expect_success();

    let after = keys(&program);
    assert_eq!(after.len(), 3);
    assert_eq!(kid(&after, "active"), kid(&before, "next"));
    assert_eq!(kid(&after, "retired"), kid(&before, "active"));
    until_published(&server, &after).await;
    let new = login(&server).await;
    assert_eq!(signed_by(&new), kid(&before, "next"));
    for pair in [&old, &new] {
        server
            .with_token(&pair.access)
            .get("/api/v2/me")
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_takes_its_tokens_along() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let server = program.serve();
    server.user("alice").await;
    let before = keys(&program);
    let pair = login(&server).await;

    program
        .run(&["keys", "revoke", &kid(&before, "active")])
        .expect_success();

    let after = keys(&program);
    assert_eq!(after.len(), 2);
    assert_eq!(kid(&after, "active"), kid(&before, "next"));
    until_published(&server, &after).await;
    server
        .with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(401);
    // Whoever holds the session gets a token of the new key.
    let body = json!({"refresh_token": pair.refresh});
    let next = Pair::of(server.anonymous().post("/api/v2/auth/refresh", &body).await);
    assert_eq!(signed_by(&next), kid(&before, "next"));
    // The second is how a key's id may begin, and no flag.
    for unknown in ["nothing", "-Lx"] {
        let refusal = program.run(&["keys", "revoke", unknown]).expect_refusal(1);
        assert!(refusal.contains("there is no key"), "{refusal}");
    }
    assert_eq!(keys(&program), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_changes_nothing_even_under_another_secret() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    drop(program.serve());
    let before = keys(&program);
    assert_eq!(before.len(), 2);

    let other = program
        .clone()
        .set("SECRET_KEY", "another key that has more than 32 bytes");

    assert_eq!(keys(&other), before);
    assert_eq!(keys(&program), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_seals_the_keys_anew_while_the_old_one_is_told() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let server = program.serve();
    server.user("alice").await;
    let pair = login(&server).await;
    let before = keys(&program);
    drop(server);
    let new = program
        .clone()
        .set("SECRET_KEY", "another key that has more than 32 bytes");
    let both = new
        .clone()
        .set("SECRET_KEY_PREVIOUS", crate::support::SECRET_KEY);

    let server = both.serve();
    server
        .with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(200);
    let body = json!({"refresh_token": pair.refresh});
    let pair = Pair::of(server.anonymous().post("/api/v2/auth/refresh", &body).await);
    drop(server);
    // The old secret is not needed any more.
    let server = new.serve();
    server
        .with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(200);
    assert_eq!(keys(&new), before);
    drop(server);

    // Without either, the keys are lost: others take their place, and old tokens are dead.
    let lost = new.set("SECRET_KEY", "a third key, which has more than 32 bytes");
    let server = lost.serve();
    server
        .with_token(&pair.access)
        .get("/api/v2/me")
        .await
        .expect(401);
    assert!(keys(&lost).iter().all(|key| !before.contains(key)));
    assert_eq!(
        signed_by(&login(&server).await),
        kid(&keys(&lost), "active")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_signs_for_ninety_days_and_verifies_for_an_hour_more() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let kids = async || {
        let set = app.anonymous().get("/.well-known/jwks.json").await.json();
        set["keys"].as_array().unwrap().len()
    };

    app.advance(Duration::from_hours(24 * 90));
    app.domain.tidy().await.unwrap();
    assert_eq!(kids().await, 3);
    let next = app.login_v2("alice", "1234").await;
    assert_ne!(signed_by(&pair), signed_by(&next));
    app.advance(Duration::from_secs(3601));
    app.domain.tidy().await.unwrap();
    app.domain.follow_signing_keys().await.unwrap();

    assert_eq!(kids().await, 2);
    let again = app.login_v2("alice", "1234").await;
    assert_eq!(signed_by(&again), signed_by(&next));
    assert_eq!(claims(&again.access)["gen"], 0);
}
