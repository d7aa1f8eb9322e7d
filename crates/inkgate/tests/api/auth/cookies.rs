//! Sessions of browsers, whose tokens are in cookies.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::json;

use crate::support::authenticator::MFA;
use crate::support::browser::{Browser, app_for_browsers};
use crate::support::{Answer, TestApp};

const ACCESS: &str = "__Host-inkgate_at";
const REFRESH: &str = "__Secure-inkgate_rt";
const ME: &str = "/api/v2/me";
const LOGOUT: &str = "/api/v2/auth/logout";

fn cookies_of(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

/// The attributes of a cookie, behind its value.
fn attributes<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let lines = cookies_of(answer);
    let start = format!("{name}=");
    let line = lines.iter().find(|line| line.starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("no {name} in {lines:?}"));
    line.split_once("; ").unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_of_a_browser_gives_guarded_cookies_and_no_token() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::new(&app);

    let answer = browser.log_in("alice").await.expect(200);

    let body = answer.json();
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["expires_in", "refresh_expires_in", "user"]);
    assert_eq!(answer.header("cache-control"), "no-store");
    let access = "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600";
    assert_eq!(attributes(&answer, ACCESS), access);
    let refresh = "HttpOnly; SameSite=Strict; Secure; Path=/api/v2/auth; Max-Age=2592000";
    assert_eq!(attributes(&answer, REFRESH), refresh);
    let me = browser.get(ME).await.expect(200);
    assert_eq!(me.header("cache-control"), "private, no-store");
    assert_eq!(me.json()["username"], "alice");
    let sessions = browser.get("/api/v2/auth/sessions").await.json();
    assert_eq!(sessions["sessions"][0]["kind"], "cookie");
    assert_eq!(sessions["sessions"][0]["current"], true);
    let post = json!({"title": "x", "content": "y"});
    browser.post("/api/v2/posts", &post).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_one_s_own_machine_cookies_need_no_encryption() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::new(&app);

    let answer = browser.log_in("alice").await.expect(200);

    let access = "HttpOnly; SameSite=Lax; Path=/; Max-Age=600";
    assert_eq!(attributes(&answer, "inkgate_at"), access);
    assert!(attributes(&answer, "inkgate_rt").contains("SameSite=Strict"));
    browser.get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_refreshes_by_its_cookie() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::of(&app, "alice").await;
    let first = browser.cookie(REFRESH).to_owned();
    app.advance(Duration::from_mins(10));
    browser.get(ME).await.expect(401);

    let refreshed = browser.post("/api/v2/auth/refresh", &json!({})).await;

    assert_eq!(refreshed.expect(200).json()["expires_in"], 600);
    browser.get(ME).await.expect(200);
    assert_ne!(browser.cookie(REFRESH), first);
    // Long after: somebody else has the spent one.
    app.advance(Duration::from_secs(11));
    browser.cookies = vec![(REFRESH.to_owned(), first)];
    let reused = browser.post("/api/v2/auth/refresh", &json!({})).await;
    assert_eq!(reused.expect(401).json()["code"], "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_logs_out_with_either_cookie() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::of(&app, "alice").await;
    let kept = browser.cookies.clone();

    let out = browser.post(LOGOUT, &json!({})).await.expect(204);

    assert_eq!(cookies_of(&out).len(), 2);
    assert!(browser.cookies.is_empty());
    browser.cookies = kept;
    browser.get(ME).await.expect(401);
    let mut browser = Browser::of(&app, "alice").await;
    let kept = browser.cookies.clone();
    app.advance(Duration::from_mins(10));
    browser.post(LOGOUT, &json!({})).await.expect(204);
    browser.cookies = kept;
    browser
        .post("/api/v2/auth/refresh", &json!({}))
        .await
        .expect(401);
    browser.post(LOGOUT, &json!({})).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_password_gives_a_browser_new_cookies() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::of(&app, "alice").await;
    let mut other = Browser::of(&app, "alice").await;
    let change = json!({"current_password": "1234", "new_password": "4321"});

    let changed = browser.post("/api/v2/auth/password", &change).await;

    assert_eq!(changed.expect(200).json().get("access_token"), None);
    browser.get(ME).await.expect(200);
    other.get(ME).await.expect(401);
    app.advance(Duration::from_mins(10));
    browser
        .post("/api/v2/auth/refresh", &json!({}))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_always_wins_over_cookies() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let bob = app.pair("bob").await;
    let alice = Browser::of(&app, "alice").await;
    let cookie = format!("{ACCESS}={}", alice.cookie(ACCESS));
    let with =
        |client: &crate::support::Client| client.request(Method::GET, ME).header("cookie", &cookie);

    let bob = app.with_token(&bob.access);
    let answer = bob.send(with(&bob)).await.expect(200);
    assert_eq!(answer.json()["username"], "bob");
    let nobody = app.with_token("nonsense");
    nobody.send(with(&nobody)).await.expect(401);
    // Whoever brings a header is no page of somebody else.
    let post = bob.request(Method::POST, "/api/v2/posts");
    let post = post
        .header("cookie", &cookie)
        .json(&json!({"title": "x", "content": "y"}));
    let made = bob.send(post).await.expect(201).json();
    assert_eq!(made["author"]["username"], "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_holds_an_access_token_of_v2_and_opens_v2_alone() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let pair = app.login_v2("alice", "1234").await;
    let v1 = app.login("alice", "1234").await;
    let scopes = json!({"name": "x", "scopes": ["profile:read"]});
    let alice = app.with_token(&pair.access);
    let made = alice.post("/api/v2/auth/tokens", &scopes).await.expect(201);
    let personal = made.json()["token"].as_str().unwrap().to_owned();

    for token in [v1.token(), &personal, &pair.refresh, ""] {
        let mut browser = Browser::new(&app);
        browser.cookies = vec![(ACCESS.to_owned(), token.to_owned())];
        browser.get(ME).await.expect(401);
    }
    let mut browser = Browser::of(&app, "alice").await;
    browser.get("/api/v1/me").await.expect(401);
    let refresh = browser.cookie(REFRESH).to_owned();
    app.refresh(&refresh).await.expect(401);
    browser.cookies = vec![(REFRESH.to_owned(), pair.refresh.clone())];
    browser
        .post("/api/v2/auth/refresh", &json!({}))
        .await
        .expect(401);
    // Neither was spent by that.
    app.refresh(&pair.refresh).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_of_a_browser_in_two_steps_stays_one() {
    let app = app_for_browsers().await;
    let alice = app.enrolled("alice").await;
    let mut browser = Browser::new(&app);

    let first = browser.log_in("alice").await.expect(200);
    let waiting = first.json()["mfa_token"].as_str().unwrap().to_owned();
    app.advance(Duration::from_secs(30));
    let body = json!({"mfa_token": waiting, "code": alice.app.code()});

    assert!(cookies_of(&first).is_empty());
    let elsewhere = app.anonymous().post(MFA, &body).await.expect(403);
    assert_eq!(elsewhere.json()["code"], "csrf_failed");
    let opened = browser.post(MFA, &body).await.expect(200);
    assert_eq!(opened.json().get("access_token"), None);
    browser.get(ME).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_two_modes_and_no_other() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let login = async |mode: &str| {
        let body = json!({"username": "alice", "password": "1234", "mode": mode});
        app.anonymous().post("/api/v2/auth/login", &body).await
    };

    let tokens = login("token").await.expect(200);
    assert!(tokens.json()["access_token"].is_string() && cookies_of(&tokens).is_empty());
    let problem = login("cookies").await.expect(422).json();
    assert_eq!(problem["errors"][0]["field"], "mode");
}
