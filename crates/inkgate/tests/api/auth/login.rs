//! Registering and logging in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Pair, TestApp};

const REGISTER: &str = "/api/v2/auth/register";
const LOGIN: &str = "/api/v2/auth/login";

async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    app.anonymous().post(path, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_registers_gets_an_account_and_where_it_is() {
    let app = TestApp::spawn().await;

    let answer = post(
        &app,
        REGISTER,
        json!({"username": "Alice", "password": "1234"}),
    )
    .await;

    let answer = answer.expect(201);
    assert_eq!(answer.header("location"), "/api/v2/users/1");
    assert_eq!(answer.header("cache-control"), "no-store");
    let wanted = json!({"user": {"id": 1, "username": "Alice", "display_name": null, "bio": null,
        "avatar_url": null, "role": "author", "created_at": "2026-11-23T19:00:00.123Z",
        "email": null, "email_verified": false, "totp_enabled": false, "suspended": false}});
    assert_eq!(answer.json(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_gives_a_pair_of_tokens_that_no_cache_keeps() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    let answer = post(
        &app,
        LOGIN,
        json!({"username": "ALICE", "password": "1234"}),
    )
    .await;

    let answer = answer.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let pair = answer.json();
    assert_eq!(pair["token_type"], "Bearer");
    assert_eq!(pair["expires_in"], 600);
    assert_eq!(pair["refresh_expires_in"], 2_592_000);
    assert_eq!(pair["user"]["username"], "alice");
    let names: Vec<_> = pair.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 6, "{names:?}");
    let token = Pair::of(answer);
    assert!(token.refresh.starts_with("ink_rt_"));
    let alice = app.with_token(&token.access);
    alice.get("/api/v2/todos").await.expect(200);
    let post = json!({"title": "Mine", "content": "x"});
    alice.post("/api/v2/posts", &post).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_says_what_rfc_9068_demands_and_no_rights() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let now = app.clock.now().as_seconds();

    let claims = crate::attacks::claims(&pair.access);

    let sub = json!({"iss": claims["iss"], "aud": "inkgate", "client_id": "inkgate", "sub": "1",
        "iat": now, "exp": now + 600, "jti": claims["jti"], "sid": claims["sid"], "gen": 0,
        "scope": "all", "auth_time": now, "amr": ["pwd"]});
    assert_eq!(claims, sub);
    assert!(
        claims["iss"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_good_for_ten_minutes() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);

    // The test begins a fraction of a second after a full one.
    app.advance(Duration::from_secs(599));
    alice.get("/api/v2/todos").await.expect(200);
    app.advance(Duration::from_secs(1));

    let answer = alice.get("/api/v2/todos").await.expect(401);
    assert_eq!(answer.json()["code"], "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_s_routes_take_no_token_of_v2() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);

    for path in ["/api/v1/me", "/api/v1/todos"] {
        assert_eq!(alice.get(path).await.expect(401).message(), "Invalid token");
    }
    let post = json!({"title": "Mine", "content": "x"});
    alice.post("/api/v1/posts", &post).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_guards_an_account_takes_no_token_of_v1() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for answer in [
        alice.get("/api/v2/auth/sessions").await,
        alice.delete("/api/v2/auth/sessions/1").await,
        alice.post("/api/v2/auth/logout", &json!({})).await,
        alice.post("/api/v2/auth/logout-all", &json!({})).await,
    ] {
        assert_eq!(answer.expect(401).json()["code"], "invalid_token");
    }
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_body_is_told_for_every_field() {
    let app = TestApp::spawn().await;

    for path in [REGISTER, LOGIN] {
        let body = json!({"username": "", "pasword": "1234", "role": "admin"});
        let problem = post(&app, path, body).await.expect(422).json();

        let errors = problem["errors"].as_array().unwrap();
        let fields: Vec<_> = errors
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!(fields, ["username", "password", "pasword", "role"]);
        assert_eq!(errors[2]["code"], "unknown_field");
        for body in [json!([]), json!("x"), json!(null)] {
            post(&app, path, body).await.expect(422);
        }
        let client = app.anonymous();
        let form = client
            .raw(reqwest::Method::POST, path, "text/plain", "{}")
            .await;
        assert_eq!(form.expect(415).json()["code"], "unsupported_media_type");
        let broken = client
            .raw(reqwest::Method::POST, path, "application/json", "{")
            .await;
        assert_eq!(broken.expect(400).json()["code"], "malformed_json");
        let large = vec![b' '; 65 * 1024];
        let large = client
            .raw(reqwest::Method::POST, path, "application/json", large)
            .await;
        assert_eq!(large.expect(413).json()["code"], "body_too_large");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_and_a_closed_door_have_codes_of_their_own() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    let taken = post(
        &app,
        REGISTER,
        json!({"username": "ALICE", "password": "x"}),
    )
    .await;
    assert_eq!(taken.expect(409).json()["code"], "username_taken");

    let flags = ["--env", "testing", "--registration", "closed"];
    let app = TestApp::spawn_on(app.stop().await, &flags).await;
    let closed = post(&app, REGISTER, json!({"username": "bob", "password": "x"})).await;
    assert_eq!(closed.expect(403).json()["code"], "registration_closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_is_told_no_more_than_that() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    app.register("mallory", "1234").await.expect(201);
    app.domain.suspend_user(model::UserId(2)).await.unwrap();
    let login = async |name: &str, password: &str| {
        post(&app, LOGIN, json!({"username": name, "password": password})).await
    };

    let mut bodies = Vec::new();
    for (name, password) in [("alice", "x"), ("nobody", "x"), ("mallory", "x")] {
        let answer = login(name, password).await.expect(401);
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"inkgate\""
        );
        let mut body = answer.json();
        assert_eq!(body["code"], "invalid_credentials");
        body["request_id"] = "".into();
        bodies.push(body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let suspended = login("mallory", "1234").await.expect(403);
    assert_eq!(suspended.json()["code"], "account_suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_share_their_limits() {
    let flags = ["--env", "testing", "--limits", "true"];
    let app = TestApp::spawn_with(&flags).await;
    app.register("alice", "1234").await.expect(201);
    let wrong = json!({"username": "alice", "password": "wrong"});

    for number in 0..10 {
        let path = if number % 2 == 0 {
            LOGIN
        } else {
            "/api/v1/login"
        };
        post(&app, path, wrong.clone()).await.expect(401);
    }

    let refused = post(&app, LOGIN, wrong.clone()).await.expect(429);
    assert_eq!(refused.header("retry-after"), "6");
    assert_eq!(refused.json()["code"], "rate_limited");
    post(&app, "/api/v1/login", wrong).await.expect(429);
}
