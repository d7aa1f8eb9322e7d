//! Bodies of requests: what counts as JSON, and how long they may be.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn json_is_what_says_that_it_is() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let body = "{\"title\":\"t\",\"content\":\"c\"}";

    for media_type in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=latin-1;x=y",
        "Application/JSON",
        "application/vnd.api+json",
        "application/merge-patch+json",
        "application/problem+JSON ; a=b",
    ] {
        post(&alice, "/api/v1/posts", media_type, body)
            .await
            .expect(201);
    }
    for media_type in [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json-seq",
        "application/xml",
        "text/vnd.api+json",
        "json",
    ] {
        let refused = post(&alice, "/api/v1/posts", media_type, body)
            .await
            .expect(400);
        assert_eq!(refused.message(), "Request must be JSON", "{media_type}");
    }
    let bare = alice.request(Method::POST, "/api/v1/posts").body(body);
    alice.send(bare).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stands_twice_is_malformed_and_one_that_nobody_knows_is_ignored() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = write_post(&alice, "hers").await;

    for (path, body) in [
        (
            "/api/v1/posts",
            r#"{"title":"a","title":"b","content":"c"}"#,
        ),
        (
            "/api/v1/posts",
            r#"{"title":"a","content":"c","x":{"y":1,"y":1}}"#,
        ),
        ("/api/v1/todos", r#"{"title":"a","x":1,"x":1}"#),
        (
            "/api/v1/users",
            r#"{"username":"a","username":"b","password":"c"}"#,
        ),
        (
            "/api/v1/login",
            r#"{"username":"alice","password":"x","password":"1234"}"#,
        ),
    ] {
        let refused = post(&alice, path, "application/json", body)
            .await
            .expect(400);
        let message = refused.message();
        assert!(
            message.starts_with("The browser (or proxy)"),
            "{body}: {message}"
        );
    }
    let unknown = json!({"title": "new", "role": "admin", "x": {"y": [null]}});
    let updated = alice.put(&path, &unknown).await.expect(200).json();
    assert_eq!(updated["title"], "new");
    assert_eq!(updated.as_object().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_8_mib_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = write_post(&alice, "hers").await;
    let todo = write_todo(&alice, "hers").await;

    for (method, path, status) in [
        (Method::POST, "/api/v1/posts", 201),
        (Method::PUT, post.as_str(), 200),
        (Method::POST, "/api/v1/todos", 201),
        (Method::PUT, &todo, 200),
    ] {
        let body = padded("{\"title\":\"t\",\"content\":\"c\"", 8 * MIB);
        let whole = alice
            .raw(method.clone(), path, "application/json", body.clone())
            .await;
        let longer = alice
            .raw(method, path, "application/json", body + " ")
            .await;

        whole.expect(status);
        assert_eq!(
            longer.expect(413).message(),
            "The body must have at most 8388608 bytes"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_about_an_account_beyond_64_kib_is_refused() {
    let app = TestApp::spawn().await;

    for (path, status) in [("/api/v1/users", 201), ("/api/v1/login", 200)] {
        let body = padded("{\"username\":\"alice\",\"password\":\"1234\"", 64 * 1024);
        let whole = post(&app.anonymous(), path, "application/json", &body).await;
        let longer = post(&app.anonymous(), path, "application/json", &(body + " ")).await;

        whole.expect(status);
        assert_eq!(
            longer.expect(413).message(),
            "The body must have at most 65536 bytes"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_long_is_refused_before_it_comes() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();

    for (path, length) in [
        ("/api/v1/users", 64 * 1024 + 1),
        ("/api/v1/login", 64 * 1024 + 1),
        ("/api/v1/posts", 8 * MIB + 1),
        ("/api/v1/todos", usize::MAX / 2),
    ] {
        let framing = format!("content-length: {length}");
        let answer = begin(&app, path, &token, &framing, "").await;

        assert!(
            answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_long() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();

    for (path, limit) in [("/api/v1/login", 64 * 1024), ("/api/v1/posts", 8 * MIB)] {
        // No last chunk: whoever waits for the end waits for ever.
        let chunk = format!("{:x}\r\n{}\r\n", limit + 1, " ".repeat(limit + 1));
        let answer = begin(&app, path, &token, "transfer-encoding: chunked", &chunk).await;

        assert!(
            answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_who_is_still_sending_gets_to_read_why_it_is_refused() {
    let app = TestApp::spawn().await;
    // More than fits between the two, so that whoever does not read breaks the pipe.
    let body = " ".repeat(16 * MIB);
    let framing = format!("content-length: {}", body.len());

    for (path, status) in [
        ("/api/v1/login", "413 Payload Too Large"),
        ("/api/v1/posts", "401 Unauthorized"),
        ("/api/v1/nope", "404 Not Found"),
        ("/api/v1/me", "405 Method Not Allowed"),
    ] {
        let answer = begin(&app, path, "x", &framing, &body).await;

        let wanted = format!("HTTP/1.1 {status}\r\n");
        assert!(answer.starts_with(&wanted), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_who_never_stops_sending_is_cut_off() {
    let app = TestApp::spawn().await;
    let mut socket = send_head(&app, "/api/v1/posts", "x", "content-length: 999999999999").await;
    let chunk = vec![b' '; MIB];

    while socket.write_all(&chunk).await.is_ok() {}

    // Others are served.
    app.anonymous().get("/api/v1/posts").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_who_asks_before_it_sends_is_told_at_once() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();
    let framing = "expect: 100-continue\r\ncontent-length: 27";

    for (token, status) in [("x", "401 Unauthorized"), (&token, "100 Continue")] {
        let answer = begin(&app, "/api/v1/posts", token, framing, "").await;

        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
    }
}

/// Begins a request, and gives what the server says before it has ended.
async fn begin(app: &TestApp, path: &str, token: &str, framing: &str, body: &str) -> String {
    let mut socket = send_head(app, path, token, framing).await;
    socket.write_all(body.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = socket.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

async fn send_head(app: &TestApp, path: &str, token: &str, framing: &str) -> TcpStream {
    let mut socket = TcpStream::connect(app.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\n{framing}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

async fn post(client: &Client, path: &str, media_type: &str, body: &str) -> Answer {
    client.raw(Method::POST, path, media_type, body).await
}

/// An object that begins with `start` and has exactly this many bytes.
fn padded(start: &str, bytes: usize) -> String {
    let rest = bytes - start.len() - 1;
    format!("{start}{}}}", " ".repeat(rest))
}
