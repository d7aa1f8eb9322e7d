//! T49: other methods and other spellings of a path find the same protection, or nothing.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;
use crate::support::socket::talk;

/// Paths that need a token, and show something of alice's to herself.
const PROTECTED: [&str; 5] = [
    "/api/v1/me",
    "/api/v1/todos",
    "/api/v1/todos/1",
    "/api/v2/todos",
    "/api/v2/todos/1",
];

#[tokio::test(flavor = "multi_thread")]
async fn t49_head_needs_the_token_that_get_needs() {
    let app = with_a_todo().await;

    for path in PROTECTED {
        let head = app.anonymous().request(Method::HEAD, path);
        let head = app.anonymous().send(head).await.expect(401);
        assert!(!head.header("www-authenticate").is_empty(), "{path}");
        assert_eq!(head.body, b"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_options_shows_methods_and_nothing_else() {
    let app = with_a_todo().await;

    for path in PROTECTED {
        let options = app.anonymous().request(Method::OPTIONS, path);
        let options = app.anonymous().send(options).await.expect(200);
        assert!(options.header("allow").contains("GET"), "{path}");
        assert_eq!(options.body, b"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_other_methods_are_not_allowed() {
    let app = with_a_todo().await;

    for method in ["TRACE", "CONNECT", "PROPFIND", "get", "FOO", "LINK"] {
        for path in PROTECTED {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                 X-Secret: canary\r\n\r\n"
            );
            let reply = talk(&app, request).await;
            assert_eq!(reply.status(), 405, "{method} {path}: {}", reply.text());
            // TRACE would show headers to whoever must not read them.
            assert!(!reply.text().contains("canary"), "{}", reply.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_another_spelling_of_a_path_is_another_path() {
    let app = with_a_todo().await;
    let token = app.login("alice", "1234").await.token().to_owned();

    for path in [
        "/api/v1/me/",
        "/api/v1/me//",
        "//api/v1/me",
        "/api//v1/me",
        "/api/v1//me",
        "/api/v1/./me",
        "/api/v1/../v1/me",
        "/api/v1/%2e/me",
        "/api/v1/%2e%2e/v1/me",
        "/api/v1/posts/..%2fme",
        "/api/v1/%6de",
        "/api%2fv1%2fme",
        "/api/v1/me%20",
        "/api/v1/me%00",
        "/api/v1/me;x=1",
        "/api/v1/me.json",
        "/api/v1/ME",
        "/API/V1/ME",
        "/Api/v1/me",
        "/api/v1\\me",
        "/api/v01/me",
        "/health/../api/v1/me",
    ] {
        for credential in [String::new(), format!("Authorization: Bearer {token}\r\n")] {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{credential}\r\n");
            let reply = talk(&app, request).await;
            assert_eq!(reply.status(), 404, "{path}: {}", reply.text());
            assert!(!reply.text().contains("alice"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_an_absolute_target_needs_the_same_token() {
    let app = with_a_todo().await;

    for target in ["http://a/api/v1/me", "http://evil.example/api/v1/todos"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let reply = talk(&app, request).await;
        assert_eq!(reply.status(), 401, "{}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_a_header_does_not_change_the_method_or_the_path() {
    let app = with_a_todo().await;
    let alice = app.login("alice", "1234").await;

    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let get = alice.request(Method::GET, "/api/v1/todos/1");
        alice.send(get.header(name, "DELETE")).await.expect(200);
        let post = alice.request(Method::POST, "/api/v1/todos/1?_method=DELETE");
        let post = post
            .header(name, "DELETE")
            .json(&json!({"_method": "DELETE"}));
        alice.send(post).await.expect(405);
    }
    for name in ["x-original-url", "x-rewrite-url", "x-forwarded-prefix"] {
        let request = app.anonymous().request(Method::GET, "/api/v1/posts");
        let request = request.header(name, "/api/v1/me");
        let answer = app.anonymous().send(request).await.expect(200);
        assert_eq!(answer.text(), "{\"posts\":[]}\n");
    }

    alice.get("/api/v1/todos/1").await.expect(200);
}

async fn with_a_todo() -> TestApp {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let todo = json!({"title": "alice's"});
    alice.post("/api/v1/todos", &todo).await.expect(201);
    app
}
