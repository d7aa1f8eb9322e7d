//! Bytes, headers and methods: what holds for every answer.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn every_body_is_compact_sorted_ascii_json_with_a_newline() {
    let app = TestApp::spawn().await;
    let alice = app.user("小明").await;
    write_post(&alice, "🙂 \u{7f} \"é\" <>&'/").await;
    write_todo(&alice, "é").await;

    for path in [
        "users",
        "users/1",
        "users/1/todos",
        "me",
        "posts",
        "posts/1",
        "todos",
        "todos/1",
        "nope",
    ] {
        let answer = alice.get(&format!("/api/v1/{path}")).await;

        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.text().is_ascii(), "{}", answer.text());
        assert_eq!(answer.text(), flask(&answer.json()), "{path}");
    }
    let post = alice.get("/api/v1/posts/1").await.text();
    let title = r#""title":"\ud83d\ude42 \u007f \"\u00e9\" <>&'/""#;
    assert!(post.contains(title), "{post}");
    let name = r#""username":"\u5c0f\u660e""#;
    assert!(alice.get("/api/v1/me").await.text().contains(name));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_environment_writes_the_same_bytes() {
    let mut bodies = Vec::new();

    for environment in ["development", "testing", "production"] {
        let flags = ["--env", environment, "--registration", "open"];
        let app = TestApp::spawn_with(&flags).await;
        let user = app.register("alice", "correct horse battery").await.text();
        let lost = app.anonymous().get("/api/v1/posts/1").await.text();
        bodies.push(user + &lost);
    }

    assert_eq!(
        bodies[0],
        "{\"id\":1,\"posts\":[],\"username\":\"alice\"}\n\
         {\"error\":\"Not Found\",\"message\":\"404 Not Found: Post not found\"}\n"
    );
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_one_shape_and_a_request_id() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    let post = write_post(&bob, "his").await;
    let long = "x".repeat(64 * 1024);
    let answers = [
        (
            alice.post("/api/v1/posts", &json!({})).await,
            400,
            "Bad Request",
        ),
        (
            raw(&alice, "/api/v1/posts", "text/plain", "x").await,
            400,
            "Bad Request",
        ),
        (app.anonymous().get("/api/v1/me").await, 401, "Unauthorized"),
        (alice.delete(&post).await, 403, "Forbidden"),
        (alice.get("/api/v1/nope").await, 404, "Not Found"),
        (
            alice.delete("/api/v1/posts").await,
            405,
            "Method Not Allowed",
        ),
        (
            alice.post("/api/v1/users", &json!(long)).await,
            413,
            "Payload Too Large",
        ),
    ];

    for (answer, status, error) in answers {
        let json = answer.json();
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(json["error"], error);
        let message = json["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("{status} {error}: ")),
            "{message}"
        );
        assert_eq!(json.as_object().unwrap().len(), 2);
        assert_eq!(answer.text(), flask(&json));
        assert_eq!(answer.header("x-request-id").len(), 16);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_answers_have_the_same_request_id() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let answers = [
        alice.get("/api/v1/me").await,
        alice.get("/api/v1/me").await,
        alice.get("/api/v1/users").await,
        alice.get("/").await,
        alice
            .send(alice.request(Method::OPTIONS, "/api/v1/me"))
            .await,
        alice.send(alice.request(Method::HEAD, "/api/v1/me")).await,
    ];

    let mut ids: Vec<_> = answers
        .iter()
        .map(|answer| answer.header("x-request-id"))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len());
    assert!(ids.iter().all(|id| id.len() == 16), "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::spawn().await;
    let collection = "GET HEAD OPTIONS POST";
    let one = "DELETE GET HEAD OPTIONS PUT";

    for (path, allowed) in [
        ("users", collection),
        ("users/1", "DELETE GET HEAD OPTIONS"),
        ("users/1/todos", "GET HEAD OPTIONS"),
        ("login", "OPTIONS POST"),
        ("me", "GET HEAD OPTIONS"),
        ("posts", collection),
        ("posts/1", one),
        ("todos", collection),
        ("todos/1", one),
    ] {
        let client = app.anonymous();
        let path = format!("/api/v1/{path}");
        let wrong = client
            .send(client.request(Method::PATCH, &path))
            .await
            .expect(405);
        let options = client
            .send(client.request(Method::OPTIONS, &path))
            .await
            .expect(200);

        assert_eq!(
            wrong.message(),
            "The method is not allowed for the requested URL."
        );
        assert_eq!(methods(&wrong), allowed, "{path}");
        assert_eq!(methods(&options), allowed, "{path}");
        assert!(options.body.is_empty());
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = client
                .send(client.request(method.parse().unwrap(), &path))
                .await;
            assert_eq!(
                answer.status != 405,
                allowed.contains(method),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_as_get_without_the_body() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "hers").await;
    write_todo(&alice, "hers").await;

    for path in [
        "users",
        "users/1",
        "users/1/todos",
        "me",
        "posts",
        "posts/1",
        "posts/2",
        "todos",
        "todos/1",
        "todos/9",
        "nope",
        "login",
    ] {
        let path = format!("/api/v1/{path}");
        let get = alice.get(&path).await;
        let head = alice.send(alice.request(Method::HEAD, &path)).await;

        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(
            head.header("content-length"),
            get.body.len().to_string(),
            "{path}"
        );
        for name in ["content-type", "content-length", "cache-control", "allow"] {
            assert_eq!(head.header(name), get.header(name), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_is_not_bent_to_fit() {
    let app = TestApp::spawn().await;
    write_post(&app.user("alice").await, "hers").await;

    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/users/",
        "/api/v1/posts/1/",
        "/api/v1//posts",
        "//api/v1/posts",
        "/api//v1/posts",
        "/api/v1/posts//1",
        "/API/v1/posts",
        "/api/v1/Posts",
        "/api/v1/posts/1%2F2",
        "/api/v1/po%73tsx",
    ] {
        let answer = app.anonymous().get(path).await.expect(404);

        let message = answer.message();
        assert!(
            message.starts_with("The requested URL was not found"),
            "{path}: {message}"
        );
    }
}

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
        raw(&alice, "/api/v1/posts", media_type, body)
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
        let refused = raw(&alice, "/api/v1/posts", media_type, body)
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
        let refused = raw(&alice, path, "application/json", body)
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
        let whole = raw(&app.anonymous(), path, "application/json", &body).await;
        let longer = raw(&app.anonymous(), path, "application/json", &(body + " ")).await;

        whole.expect(status);
        assert_eq!(
            longer.expect(413).message(),
            "The body must have at most 65536 bytes"
        );
    }
}

async fn raw(client: &Client, path: &str, media_type: &str, body: &str) -> Answer {
    let request = client.request(Method::POST, path);
    let request = request
        .header(CONTENT_TYPE, media_type)
        .body(body.to_owned());
    client.send(request).await
}

/// An object that begins with `start` and has exactly this many bytes.
fn padded(start: &str, bytes: usize) -> String {
    let rest = bytes - start.len() - 1;
    format!("{start}{}}}", " ".repeat(rest))
}

/// The methods of `Allow`, sorted.
fn methods(answer: &Answer) -> String {
    let allow = answer.header("allow");
    let mut names: Vec<_> = allow.split(',').map(str::trim).collect();
    names.sort_unstable();
    names.join(" ")
}

/// JSON as Flask writes it: compact, keys sorted, all but ASCII escaped, one newline at the end.
pub(super) fn flask(json: &Value) -> String {
    let text = json.to_string();
    let escaped = text.chars().map(|char| match char {
        ' '..='~' => char.to_string(),
        other => {
            let mut units = [0; 2];
            let units = other.encode_utf16(&mut units);
            units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
        }
    });
    escaped.collect::<String>() + "\n"
}
