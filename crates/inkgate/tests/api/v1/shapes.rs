//! Bytes, headers and methods: what holds for every answer.

use reqwest::Method;
use serde_json::{Value, json};

use super::{write_post, write_todo};
use crate::support::{Answer, TestApp};

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
            alice
                .raw(Method::POST, "/api/v1/posts", "text/plain", "x")
                .await,
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
        let wrong = client.patch(&path, &json!({})).await.expect(405);
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
