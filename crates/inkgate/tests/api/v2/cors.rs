//! Pages of other origins (CORS).

use reqwest::Method;
use serde_json::json;

use super::write_todo;
use crate::support::{Answer, Client, TestApp};

const PAGE: &str = "https://page.example";

async fn from_page(client: &Client, method: Method, path: &str, origin: &str) -> Answer {
    let request = client.request(method, path);
    client.send(request.header("origin", origin)).await
}

async fn preflight(client: &Client, path: &str, origin: &str) -> Answer {
    let request = client.request(Method::OPTIONS, path);
    let request = request.header("origin", origin);
    let request = request.header("access-control-request-method", "PATCH");
    let wanted = "authorization,content-type,idempotency-key,if-match";
    client
        .send(request.header("access-control-request-headers", wanted))
        .await
}

/// All the values of `Vary`.
fn varies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("vary").iter();
    lines
        .map(|line| line.to_str().unwrap())
        .collect::<Vec<_>>()
        .join(", ")
        .to_lowercase()
}

#[track_caller]
fn lets_nobody(answer: &Answer) {
    let names = answer
        .headers
        .keys()
        .map(reqwest::header::HeaderName::as_str);
    let found: Vec<_> = names
        .filter(|name| name.starts_with("access-control"))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_tests_and_development_any_page_may_use_the_api_without_cookies() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_todo(&alice, "T").await;

    for (path, status) in [
        ("/api/v2/todos", 200),
        ("/api/v2/todos/1", 200),
        ("/api/v1/posts", 200),
        ("/api/v2/todos/9", 404),
        ("/api/v2/nothing", 404),
        ("/api/openapi-v2.json", 404),
    ] {
        let answer = from_page(&alice, Method::GET, path, PAGE).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for name in [
            "etag",
            "link",
            "location",
            "x-request-id",
            "ratelimit",
            "idempotency-replayed",
        ] {
            assert!(
                exposed.split(", ").any(|exposed| exposed == name),
                "{exposed}"
            );
        }
        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
        assert!(!varies(&answer).contains("origin"));
    }
    let nobody = from_page(&app.anonymous(), Method::GET, "/api/v2/todos", PAGE).await;
    assert_eq!(
        (nobody.status, nobody.header("access-control-allow-origin")),
        (401, "*")
    );
    // What asks for no page is answered as ever, and what is no API has no leave to give.
    lets_nobody(&alice.get("/api/v2/todos").await);
    lets_nobody(&from_page(&alice, Method::GET, "/health", PAGE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_is_answered_everywhere_without_a_token() {
    let app = TestApp::spawn().await;
    let anybody = app.anonymous();

    for path in [
        "/api/v2/todos/1",
        "/api/v2/posts",
        "/api/v2/me",
        "/api/v2/nothing",
        "/api/v1/todos",
    ] {
        let answer = preflight(&anybody, path, PAGE).await.expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let methods = answer.header("access-control-allow-methods");
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            assert!(
                methods.split(", ").any(|known| known == method),
                "{methods}"
            );
        }
        let headers = answer.header("access-control-allow-headers").to_lowercase();
        for name in [
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
        ] {
            assert!(headers.split(", ").any(|known| known == name), "{headers}");
        }
        assert_eq!(answer.header("access-control-max-age"), "7200");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("x-request-id").len(), 16);
    }
    // OPTIONS that is no preflight tells the methods, as ever.
    let options = anybody.request(Method::OPTIONS, "/api/v2/posts");
    let options = anybody
        .send(options.header("origin", PAGE))
        .await
        .expect(200);
    assert!(options.header("allow").contains("POST"));
    assert_eq!(options.header("access-control-allow-origin"), "*");
}

/// The header that cookies need is no header that a page of somebody else may send.
#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_let_in_from_nowhere_else() {
    for origins in ["*", PAGE] {
        let app = TestApp::spawn_with(&["--env", "testing", "--cors-origins", origins]).await;
        let answer = preflight(&app.anonymous(), "/api/v2/auth/login", PAGE)
            .await
            .expect(204);

        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
        let headers = answer.header("access-control-allow-headers").to_lowercase();
        assert!(
            !headers.contains("inkgate") && !headers.contains('*'),
            "{headers}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_origins_are_listed_they_alone_may_and_caches_know() {
    let origins = format!("{PAGE}, http://localhost:3000");
    let app = TestApp::spawn_with(&["--env", "testing", "--cors-origins", &origins]).await;
    let alice = app.user("alice").await;
    alice
        .post("/api/v2/posts", &json!({"title": "T", "content": ""}))
        .await
        .expect(201);
    let anybody = app.anonymous();

    for origin in [PAGE, "http://localhost:3000"] {
        let answer = from_page(&anybody, Method::GET, "/api/v2/posts", origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(varies(&answer), "authorization, accept-encoding, origin");
        preflight(&anybody, "/api/v2/posts", origin)
            .await
            .expect(204);
    }
    for origin in [
        "https://other.example",
        "null",
        "https://page.example.evil",
        "http://page.example",
        "*",
    ] {
        let answer = from_page(&anybody, Method::GET, "/api/v2/posts", origin)
            .await
            .expect(200);
        lets_nobody(&answer);
        assert!(varies(&answer).contains("origin"), "{origin}");
        lets_nobody(
            &preflight(&anybody, "/api/v2/posts", origin)
                .await
                .expect(200),
        );
    }
    // A cache must keep what came from no page apart, too.
    assert!(varies(&anybody.get("/api/v2/posts").await).contains("origin"));
    let tag = anybody.get("/api/v2/posts").await.header("etag").to_owned();
    let again = anybody
        .request(Method::GET, "/api/v2/posts")
        .header("origin", PAGE);
    let again = anybody
        .send(again.header("if-none-match", tag))
        .await
        .expect(304);
    assert_eq!(again.header("access-control-allow-origin"), PAGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_may_there_is_no_trace_of_it() {
    let app = TestApp::spawn_with(&["--env", "testing", "--cors-origins", "none"]).await;
    let anybody = app.anonymous();

    let answer = from_page(&anybody, Method::GET, "/api/v2/posts", PAGE)
        .await
        .expect(200);
    lets_nobody(&answer);
    assert!(!varies(&answer).contains("origin"));
    lets_nobody(&preflight(&anybody, "/api/v2/posts", PAGE).await.expect(200));
}
