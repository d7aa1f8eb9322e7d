//! Who may read the log, and how.

use model::Role;
use serde_json::{Value, json};

use super::admin;
use crate::support::TestApp;

const AUDIT: &str = "/api/v2/audit";
const ACTIVITY: &str = "/api/v2/me/activity";

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_for_admins_who_logged_in_through_v2() {
    let app = TestApp::spawn().await;
    admin(&app).await;
    app.user_with_role("eve", Role::Editor).await;
    let editor = app.with_token(&app.login_v2("eve", "1234").await.access);
    let v1_admin = app.login("root", "1234").await;

    for path in [AUDIT, ACTIVITY] {
        app.anonymous().get(path).await.expect(401);
        v1_admin.get(path).await.expect(401);
        app.with_token("ink_pat_x").get(path).await.expect(401);
    }
    let refused = editor.get(AUDIT).await.expect(403);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    // Who may not is not told what is wrong with the query either.
    editor.get("/api/v2/audit?x=1").await.expect(403);
    editor.get(ACTIVITY).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_shows_everything_that_is_known() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;

    let answer = root.get(AUDIT).await.expect(200);

    assert_eq!(answer.header("cache-control"), "private, no-store");
    let log = answer.json();
    let sessions = root.get("/api/v2/auth/sessions").await.expect(200).json();
    let newest = json!({
        "id": 3,
        "created_at": "2026-11-23T19:00:00.123Z",
        "kind": "logged_in",
        "actor": {"type": "user", "id": 1},
        "user_id": 1,
        "subject": {"type": "session", "id": sessions["sessions"]
            .as_array().unwrap().iter().find(|one| one["current"] == true).unwrap()["id"]},
        "details": {"methods": "pwd", "session_kind": "v2"},
        "address": "127.0.0.1",
        "user_agent": "",
    });
    assert_eq!(log["events"][0], newest);
    assert_eq!(log["events"].as_array().unwrap().len(), 3);
    assert_eq!(log["next_cursor"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_hold_everything_once_newest_first() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    for number in 0..7 {
        let name = format!("user {number}");
        app.register(&name, "1234").await.expect(201);
    }

    for filter in [
        "",
        "&kind=account_created",
        "&user_id=3",
        "&user_id=1&kind=logged_in",
    ] {
        let whole = format!("{AUDIT}?limit=100{filter}");
        let whole = root.get(&whole).await.expect(200).json()["events"].clone();
        let whole = whole.as_array().unwrap().clone();
        assert!(!whole.is_empty(), "{filter}");
        let (mut path, mut walked) = (format!("{AUDIT}?limit=2{filter}"), Vec::new());
        loop {
            let page = root.get(&path).await.expect(200);
            let link = page.header("link").to_owned();
            walked.extend(page.json()["events"].as_array().unwrap().clone());
            let Some(next) = link
                .strip_prefix('<')
                .and_then(|link| link.split('>').next())
            else {
                break;
            };
            next.clone_into(&mut path);
        }
        assert_eq!(walked, whole, "{filter}");
        let ids: Vec<_> = whole.iter().map(|event| event["id"].as_i64()).collect();
        assert!(ids.is_sorted_by(|one, next| one > next), "{ids:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_let_through_what_they_name() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    app.register("alice", "1234").await.expect(201);
    app.advance(std::time::Duration::from_secs(60));
    let role = json!({"role": "editor"});
    root.patch("/api/v2/users/2", &role).await.expect(200);
    let found = async |query: &str| {
        let log = root.get(&format!("{AUDIT}?{query}")).await.expect(200);
        let log = log.json();
        let events = log["events"].as_array().unwrap().iter();
        let kinds = events.map(|event| event["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>().join(" ")
    };

    let of_alice = "role_changed account_created";
    assert_eq!(found("user_id=2").await, of_alice);
    assert_eq!(found("user_id=9").await, "");
    // What an admin did to others is the admin's too.
    let of_root = "role_changed logged_in logged_in account_created";
    assert_eq!(found("user_id=1").await, of_root);
    assert_eq!(found("kind=role_changed").await, "role_changed");
    assert_eq!(
        found("user_id=2&kind=account_created").await,
        "account_created"
    );
    assert_eq!(found("after=2026-11-23T19:01:00Z").await, "role_changed");
    assert_eq!(
        found("user_id=2&before=2026-11-23T19:01:00Z").await,
        "account_created"
    );
    for wrong in [
        "kind=nothing",
        "user_id=x",
        "user_id=",
        "after=yesterday",
        "before=1",
        "limit=101",
        "cursor=x",
        "name=alice",
    ] {
        root.get(&format!("{AUDIT}?{wrong}")).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_the_own_trail_and_nobody_else_s_address() {
    let app = TestApp::spawn().await;
    let root = admin(&app).await;
    let alice = app.with_token(&app.pair("alice").await.access);
    app.register("bob", "1234").await.expect(201);
    let role = json!({"role": "editor"});
    root.patch("/api/v2/users/2", &role).await.expect(200);
    let wrong = json!({"username": "alice", "password": "wrong"});
    app.anonymous()
        .post("/api/v1/login", &wrong)
        .await
        .expect(401);

    let trail = alice.get(ACTIVITY).await.expect(200).json();

    let seen: Vec<_> = trail["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["kind"].as_str().unwrap(), &event["address"]))
        .collect();
    let (here, hidden) = (json!("127.0.0.1"), Value::Null);
    let wanted = [
        ("log_in_failed", &here),
        ("role_changed", &hidden),
        ("logged_in", &here),
        ("account_created", &here),
    ];
    assert_eq!(seen, wanted);
    alice.get("/api/v2/me/activity?kind=x").await.expect(400);
}
