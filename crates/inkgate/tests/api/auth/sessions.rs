//! The caller's sessions: listed, and ended one by one or all at once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::attacks::claims;
use crate::support::{Pair, TestApp};

const SESSIONS: &str = "/api/v2/auth/sessions";

async fn sessions(app: &TestApp, pair: &Pair) -> Vec<Value> {
    let list = app.with_token(&pair.access).get(SESSIONS).await;
    let list = list.expect(200).json();
    assert_eq!(list["next_cursor"], Value::Null);
    list["sessions"].as_array().unwrap().clone()
}

fn sid(pair: &Pair) -> String {
    claims(&pair.access)["sid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_log_in_is_a_session_with_its_device() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    app.pair("bob").await;
    app.advance(Duration::from_secs(60));
    app.login("alice", "1234").await;

    let listed = sessions(&app, &pair).await;

    let v1 = &listed[0];
    assert_eq!(v1["kind"], "v1");
    assert_eq!(v1["current"], false);
    let own = json!({"id": sid(&pair), "kind": "v2", "created_at": "2026-11-23T19:00:00.123Z",
        "last_used_at": "2026-11-23T19:00:00.123Z", "expires_at": "2026-12-23T19:00:00.123Z",
        "user_agent": "", "address": "127.0.0.1", "current": true});
    assert_eq!(listed[1..], [own]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_shows_in_the_list() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    app.advance(Duration::from_secs(3600));

    let pair = Pair::of(app.refresh(&pair.refresh).await);

    let listed = sessions(&app, &pair).await;
    assert_eq!(listed[0]["last_used_at"], "2026-11-23T20:00:00.123Z");
    assert_eq!(listed[0]["expires_at"], "2026-12-23T20:00:00.123Z");
    assert_eq!(listed.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_in_pages() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    for _ in 0..4 {
        app.advance(Duration::from_millis(10));
        app.login_v2("alice", "1234").await;
    }
    let alice = app.with_token(&pair.access);

    let mut seen = Vec::new();
    let mut path = format!("{SESSIONS}?limit=2");
    loop {
        let answer = alice.get(&path).await.expect(200);
        let page = answer.json();
        seen.extend(page["sessions"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(answer.header("link"), "");
            break;
        };
        path = format!("{SESSIONS}?limit=2&cursor={cursor}");
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }

    assert_eq!(seen, sessions(&app, &pair).await);
    assert_eq!(seen.len(), 5);
    assert!(
        seen.is_sorted_by(|one, next| one["created_at"].as_str() > next["created_at"].as_str())
    );
    alice.get(&format!("{SESSIONS}?cursor=x")).await.expect(400);
    alice.get(&format!("{SESSIONS}?kind=v1")).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_ends_and_the_others_do_not() {
    let app = TestApp::spawn().await;
    let (phone, laptop) = (app.pair("alice").await, app.login_v2("alice", "1234").await);
    let alice = app.with_token(&laptop.access);

    let path = format!("{SESSIONS}/{}", sid(&phone));
    let ended = alice.delete(&path).await.expect(204);

    assert_eq!(ended.body, b"");
    app.with_token(&phone.access)
        .get(SESSIONS)
        .await
        .expect(401);
    app.refresh(&phone.refresh).await.expect(401);
    assert_eq!(sessions(&app, &laptop).await.len(), 1);
    alice.delete(&path).await.expect(404);
    Pair::of(app.refresh(&laptop.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_v1_is_ended_like_any_other() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let seed = app.login("alice", "1234").await;
    let id = claims(seed.token())["sid"].as_str().unwrap().to_owned();

    let alice = app.with_token(&pair.access);
    alice.delete(&format!("{SESSIONS}/{id}")).await.expect(204);

    seed.get("/api/v1/me").await.expect(401);
    alice.get(SESSIONS).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_ends_the_session_of_the_token() {
    let app = TestApp::spawn().await;
    let (phone, laptop) = (app.pair("alice").await, app.login_v2("alice", "1234").await);
    let alice = app.with_token(&phone.access);

    alice
        .post("/api/v2/auth/logout", &json!({}))
        .await
        .expect(204);

    alice.get(SESSIONS).await.expect(401);
    alice
        .post("/api/v2/auth/logout", &json!({}))
        .await
        .expect(401);
    app.refresh(&phone.refresh).await.expect(401);
    assert_eq!(sessions(&app, &laptop).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_everywhere_ends_every_session_and_every_token() {
    let app = TestApp::spawn().await;
    let (phone, laptop) = (app.pair("alice").await, app.login_v2("alice", "1234").await);
    let seed = app.login("alice", "1234").await;
    let bob = app.pair("bob").await;

    let alice = app.with_token(&phone.access);
    alice
        .post("/api/v2/auth/logout-all", &json!({}))
        .await
        .expect(204);

    for pair in [&phone, &laptop] {
        app.with_token(&pair.access).get(SESSIONS).await.expect(401);
        app.refresh(&pair.refresh).await.expect(401);
    }
    seed.get("/api/v1/me").await.expect(401);
    assert_eq!(sessions(&app, &bob).await.len(), 1);
    let again = app.login_v2("alice", "1234").await;
    assert_eq!(claims(&again.access)["gen"], 1);
    assert_eq!(sessions(&app, &again).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_nobody_s_session() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);

    for id in [
        "1",
        "x",
        "%00",
        &sid(&pair).to_uppercase(),
        "00000000-0000-0000-0000-000000000000",
    ] {
        let answer = alice.delete(&format!("{SESSIONS}/{id}")).await.expect(404);
        assert_eq!(answer.json()["code"], "not_found");
    }
    alice.get(SESSIONS).await.expect(200);
}
