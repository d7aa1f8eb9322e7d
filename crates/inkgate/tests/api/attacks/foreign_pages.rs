//! T46: pages of somebody else that make a browser send its cookies.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::browser::{Browser, ORIGIN, app_for_browsers};
use crate::support::{Answer, TestApp};

const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
const PROOF: (&str, &str) = ("x-inkgate-csrf", "1");

/// What a page of somebody else can bring about, and what is missing then.
fn foreign() -> Vec<Vec<(&'static str, &'static str)>> {
    vec![
        vec![],
        vec![OWN],
        vec![PROOF],
        vec![PROOF, ("sec-fetch-site", "cross-site")],
        vec![PROOF, ("sec-fetch-site", "same-site")],
        vec![PROOF, ("origin", "https://evil.test")],
        vec![PROOF, ("origin", "null")],
        vec![PROOF, ("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
        vec![("x-inkgate-csrf", "true"), OWN],
    ]
}

/// Every operation of v2 that writes and takes a token.
async fn writes(app: &TestApp) -> Vec<(Method, String)> {
    let document = app.anonymous().get("/api/v2/openapi.json").await.json();
    let mut writes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "get" && operation["security"].is_array() {
                let method = method.to_uppercase().parse().unwrap();
                let path = ["{id}", "{n}", "{link_id}"]
                    .iter()
                    .fold(path.clone(), |path, name| path.replace(name, "1"));
                writes.push((method, path));
            }
        }
    }
    assert!(writes.len() > 20, "{writes:?}");
    writes
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_no_page_of_somebody_else_writes_with_cookies() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::of(&app, "alice").await;
    let post = json!({"title": "x", "content": "y"});
    browser.post("/api/v2/posts", &post).await.expect(201);

    for (method, path) in writes(&app).await {
        for headers in foreign() {
            browser.headers = headers;
            let body = ("application/json", "{}".to_owned());
            let answer = browser.send(method.clone(), &path, Some(body)).await;
            assert_eq!(answer.status, 403, "{method} {path} {:?}", browser.headers);
            assert_eq!(answer.json()["code"], "csrf_failed", "{path}");
        }
    }
    // Reading is no harm, and nothing was written.
    browser.headers = vec![("sec-fetch-site", "cross-site")];
    browser.get("/api/v2/me").await.expect(200);
    let shown = browser.get("/api/v2/posts/1").await.expect(200).json();
    assert_eq!(shown["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_a_form_is_no_request_of_a_page_of_one_s_own() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::of(&app, "alice").await;
    let login = r#"{"username":"alice","password":"1234","mode":"cookie"}"#;

    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        for path in [
            "/api/v2/posts",
            "/api/v2/auth/logout",
            "/api/v2/auth/refresh",
        ] {
            let body = Some((media_type, r#"{"title":"x","content":"y"}"#.to_owned()));
            browser.send(Method::POST, path, body).await.expect(415);
        }
        let body = Some((media_type, login.to_owned()));
        let path = "/api/v2/auth/login";
        browser.send(Method::POST, path, body).await.expect(415);
    }
    browser.get("/api/v2/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_no_page_of_somebody_else_logs_a_browser_in_or_refreshes_it() {
    let app = app_for_browsers().await;
    app.register("alice", "1234").await.expect(201);
    let mut browser = Browser::of(&app, "alice").await;

    for headers in foreign() {
        let mut stranger = Browser::new(&app);
        stranger.headers.clone_from(&headers);
        let refused = stranger.log_in("alice").await.expect(403);
        assert_eq!(refused.json()["code"], "csrf_failed");
        assert!(stranger.cookies.is_empty());
        browser.headers = headers;
        let refused = browser.post("/api/v2/auth/refresh", &json!({})).await;
        assert_eq!(refused.expect(403).json()["code"], "csrf_failed");
    }
    browser.headers = vec![PROOF, ("origin", ORIGIN)];
    browser
        .post("/api/v2/auth/refresh", &json!({}))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_nobody_is_given_leave_to_read_from_elsewhere() {
    for origins in ["none", "*", "https://evil.test"] {
        let flags = ["--env", "testing", "--public-url", ORIGIN, "--cors-origins"];
        let app = TestApp::spawn_with(&[&flags[..], &[origins]].concat()).await;
        app.register("alice", "1234").await.expect(201);
        let mut browser = Browser::of(&app, "alice").await;

        for origin in ["https://evil.test", "null", ORIGIN] {
            browser.headers = vec![
                ("origin", origin),
                ("access-control-request-method", "POST"),
                (
                    "access-control-request-headers",
                    "content-type,x-inkgate-csrf",
                ),
            ];
            for path in ["/api/v2/me", "/api/v2/auth/login", "/api/v2/posts"] {
                let preflight = browser.send(Method::OPTIONS, path, None).await;
                let read = browser.get(path).await;
                for answer in [preflight, read] {
                    gives_no_leave_to_cookies(&answer, origins == "none");
                }
            }
        }
    }
}

/// A browser hands an answer to cookies to a page of somebody else only with
/// `Access-Control-Allow-Credentials`, and sends the proof for such a page only if that is allowed.
#[track_caller]
fn gives_no_leave_to_cookies(answer: &Answer, to_nobody: bool) {
    let names = answer.headers.keys().map(|name| name.as_str().to_owned());
    let allows = names.filter(|name| name.starts_with("access-control"));
    assert!(!to_nobody || allows.count() == 0, "{answer:?}");
    assert!(
        !answer
            .headers
            .contains_key("access-control-allow-credentials")
    );
    let headers = answer.header("access-control-allow-headers").to_lowercase();
    assert!(
        !headers.contains("csrf") && !headers.contains('*'),
        "{headers}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_a_bearer_token_needs_no_proof_of_a_page() {
    let app = app_for_browsers().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let post: Value = json!({"title": "x", "content": "y"});

    let request = alice.request(Method::POST, "/api/v2/posts").json(&post);
    let request = request
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://app.test");

    alice.send(request).await.expect(201);
}
