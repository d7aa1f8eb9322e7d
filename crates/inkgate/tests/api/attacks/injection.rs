//! T48: line breaks and markup stay data, in headers and bodies; `logs` is about the log.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;
use crate::support::socket::talk;

const SPLIT: &str = "a\r\nX-Injected: 1\r\n\r\n<script>";

#[tokio::test(flavor = "multi_thread")]
async fn t48_a_line_break_in_a_name_is_refused() {
    let app = TestApp::spawn().await;

    for name in ["a\r\nb", "a\nb", "a\rb", "a\u{2028}b", "a\u{85}b", SPLIT] {
        app.register(name, "1234").await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_a_line_break_in_a_text_stays_in_its_json_string() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = json!({"title": SPLIT, "content": SPLIT, "category": SPLIT});
    alice.post("/api/v2/posts", &post).await.expect(201);
    alice.post("/api/v2/posts", &post).await.expect(201);
    let todo = json!({"title": SPLIT, "description": SPLIT});
    alice.post("/api/v2/todos", &todo).await.expect(201);
    let encoded = "a%0D%0AX-Injected%3A+1%0D%0A%0D%0A%3Cscript%3E";

    for path in [
        "/api/v1/posts".to_owned(),
        "/api/v1/posts/1".to_owned(),
        "/api/v1/todos".to_owned(),
        "/api/v2/posts/1".to_owned(),
        "/api/v2/todos".to_owned(),
        // Its `Link` leads to the next page of this category.
        format!("/api/v2/posts?limit=1&category={encoded}"),
    ] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\n\r\n",
            alice.token()
        );
        let text = talk(&app, request).await.text();
        assert!(text.starts_with("HTTP/1.1 200"), "{path}: {text}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.to_lowercase().contains("\nx-injected"), "{head}");
        assert!(body.contains(r"a\r\nX-Injected: 1"), "{path}: {body}");
        assert_eq!(head.contains("link: "), path.contains("limit=1"), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_what_is_not_found_is_told_without_its_name() {
    let app = TestApp::spawn().await;

    for path in [
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/api/v1/%3Cscript%3E",
        "/api/v2/%3Cimg%20src=x%3E",
        "/api/v1/posts/%0d%0aX-Injected:%201",
        "/api/v2/posts/1%0d%0aX-Injected:%201",
        "/%0d%0aX-Injected:%201?x=%0d%0aX-Injected:%201",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let reply = talk(&app, request).await;
        let (text, head) = (reply.text(), reply.head());
        assert_eq!(reply.status(), 404, "{path}: {text}");
        assert!(head.contains("content-type: application/"), "{head}");
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
        assert!(
            !text.contains("njected") && !text.contains("script"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_headers_of_the_request_are_not_sent_back() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let mut request = client.request(Method::GET, "/api/v1/posts");
    for name in [
        "x-request-id",
        "x-forwarded-host",
        "origin",
        "referer",
        "user-agent",
        "accept-language",
        "traceparent",
    ] {
        request = request.header(name, "canary");
    }

    let answer = client.send(request).await.expect(200);

    assert!(!format!("{:?}", answer.headers).contains("canary"));
}
