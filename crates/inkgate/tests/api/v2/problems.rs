//! Refusals: every status with its code, and the shape of RFC 9457.

use reqwest::Method;
use serde_json::json;

use super::{column, problem, write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

async fn post_raw(client: &Client, body: impl Into<Vec<u8>>) -> Answer {
    client
        .raw(Method::POST, "/api/v2/posts", "application/json", body)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_has_the_shape_of_rfc_9457() {
    let app = TestApp::spawn().await;

    let missing = app.anonymous().get("/api/v2/posts/1").await;

    let body = problem(&missing, 404, "not_found");
    let wanted = json!({
        "type": "about:blank", "title": "Not Found", "status": 404, "detail": "Post not found",
        "code": "not_found", "request_id": missing.header("x-request-id"), "errors": [],
    });
    assert_eq!(body, wanted);
    assert_eq!(missing.header("cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_no_route_is_404() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for path in [
        "/api/v2",
        "/api/v2/",
        "/api/v2/nothing",
        "/api/v2/posts/",
        "/api/v2//posts",
        "/api/v2/posts/abc",
        "/api/v2/posts/-1",
        "/api/v2/posts/1/more",
        "/api/v2/posts/%00",
        "/api/v2/posts/%FF",
        "/api/v2/posts/1%2F",
        "/api/v2/posts/99999999999999999999999",
        "/api/v2/todos/99999999999999999999999",
    ] {
        problem(&alice.get(path).await, 404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_there_is_405_and_told_which_are() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let cases = [
        (Method::DELETE, "/api/v2/posts", "GET,HEAD,POST,OPTIONS"),
        (
            Method::POST,
            "/api/v2/posts/1",
            "GET,HEAD,PUT,PATCH,DELETE,OPTIONS",
        ),
        (Method::PUT, "/api/v2/todos", "GET,HEAD,POST,OPTIONS"),
        (
            Method::TRACE,
            "/api/v2/todos/1",
            "GET,HEAD,PUT,PATCH,DELETE,OPTIONS",
        ),
    ];
    let methods = |allow: &str| {
        let mut methods: Vec<_> = allow.split(',').map(str::to_owned).collect();
        methods.sort();
        methods
    };

    for (method, path, allow) in cases {
        let refused = client.send(client.request(method, path)).await;
        problem(&refused, 405, "method_not_allowed");
        assert_eq!(methods(refused.header("allow")), methods(allow), "{path}");

        let options = client.send(client.request(Method::OPTIONS, path)).await;
        assert_eq!(options.status, 200);
        assert_eq!(methods(options.header("allow")), methods(allow), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_bad_token_is_401_with_a_challenge() {
    let app = TestApp::spawn().await;
    let post = json!({"title": "T", "content": ""});
    let bad = app.with_token("x.y.z");
    let missing = "Bearer realm=\"inkgate\"";
    let invalid = "Bearer realm=\"inkgate\", error=\"invalid_token\"";

    for (client, code, challenge) in [
        (app.anonymous(), "missing_token", missing),
        (bad, "invalid_token", invalid),
    ] {
        for answer in [
            client.post("/api/v2/posts", &post).await,
            client.patch("/api/v2/posts/1", &post).await,
            client.put("/api/v2/posts/1", &post).await,
            client.delete("/api/v2/posts/1").await,
            client.get("/api/v2/todos").await,
            client.get("/api/v2/todos/1").await,
            client.post("/api/v2/todos", &post).await,
            client.patch("/api/v2/todos/1", &post).await,
            client.put("/api/v2/todos/1", &post).await,
            client.delete("/api/v2/todos/1").await,
        ] {
            problem(&answer, 401, code);
            assert_eq!(answer.header("www-authenticate"), challenge);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_media_type_is_415() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    write_todo(&alice, "T").await;
    let body = r#"{"title":"T","content":""}"#;
    let cases = [
        (
            Method::POST,
            vec![
                "",
                "text/plain",
                "application/x-www-form-urlencoded",
                "application",
            ],
        ),
        (
            Method::POST,
            vec!["application/merge-patch+json", "application/vnd.api+json"],
        ),
        (
            Method::PATCH,
            vec![
                "",
                "text/json",
                "application/json-patch+json",
                "application/ld+json",
            ],
        ),
        (
            Method::PUT,
            vec![
                "",
                "text/json",
                "application/json-patch+json",
                "application/jsonx",
            ],
        ),
    ];

    for list in ["/api/v2/posts", "/api/v2/todos"] {
        for (method, media_types) in &cases {
            let one = format!("{list}/1");
            let path = if *method == Method::POST { list } else { &one };
            for media_type in media_types {
                let refused = alice.raw(method.clone(), path, media_type, body).await;
                problem(&refused, 415, "unsupported_media_type");
            }
        }
    }
    let parameters = "Application/JSON ; charset=utf-8";
    let taken = alice
        .raw(Method::POST, "/api/v2/posts", parameters, body)
        .await;
    taken.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_400() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let valid = r#"{"title":"T","content":""}"#;
    let cases = [
        String::new(),
        "{".to_owned(),
        "title=T".to_owned(),
        format!("{valid}{valid}"),
        format!("\u{feff}{valid}"),
        r#"{'title':'T','content':''}"#.to_owned(),
        r#"{"title":"T","content":"",}"#.to_owned(),
        r#"{"title":NaN,"content":""}"#.to_owned(),
        // Names that stand twice.
        r#"{"title":"T","content":"","title":"U"}"#.to_owned(),
        r#"{"title":"T","content":"","t\u0069tle":"U"}"#.to_owned(),
        r#"{"title":{"a":1,"a":2},"content":""}"#.to_owned(),
        // Lone surrogates.
        r#"{"title":"\ud800","content":""}"#.to_owned(),
        r#"{"title":"T","content":"\udc00\ud800"}"#.to_owned(),
        // Nested deeper than anybody means it.
        format!(
            "{{\"title\":{}{},\"content\":\"\"}}",
            "[".repeat(5000),
            "]".repeat(5000)
        ),
        "{\"a\":".repeat(100_000),
    ];

    for body in cases {
        problem(&post_raw(&alice, body).await, 400, "malformed_json");
    }
    let invalid_utf8 = b"{\"title\":\"\xff\",\"content\":\"\"}";
    let refused = post_raw(&alice, invalid_utf8).await;
    problem(&refused, 400, "malformed_json");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_object_is_422_without_a_field() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    write_todo(&alice, "T").await;

    for body in [
        "[]",
        "\"text\"",
        "null",
        "5",
        "true",
        r#"[{"title":"T","content":""}]"#,
    ] {
        for (method, path) in [
            (Method::POST, "/api/v2/posts"),
            (Method::PATCH, "/api/v2/posts/1"),
            (Method::PUT, "/api/v2/posts/1"),
            (Method::POST, "/api/v2/todos"),
            (Method::PATCH, "/api/v2/todos/1"),
            (Method::PUT, "/api/v2/todos/1"),
        ] {
            let refused = alice.raw(method, path, "application/json", body).await;
            let problem = problem(&refused, 422, "invalid");
            assert_eq!(problem["errors"], json!([]), "{path} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_surrogate_pair_is_one_character() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let made = post_raw(&alice, r#"{"title":"\ud83e\udd80","content":""}"#).await;

    assert_eq!(made.expect(201).json()["title"], "🦀");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_refusal_the_server_goes_on_and_nothing_is_stored() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let big = format!(
        r#"{{"title":"T","content":"{}"}}"#,
        "x".repeat(1024 * 1024 + 1)
    );
    for body in [
        big.as_str(),
        "{",
        "[]",
        r#"{"title":"\u0000","content":""}"#,
    ] {
        let refused = post_raw(&alice, body).await;
        assert!((400..500).contains(&refused.status));
    }

    write_post(&alice, "Stored").await;

    let list = app.anonymous().get("/api/v2/posts").await.json();
    assert_eq!(column(&list, "posts", "title"), ["Stored"]);
    assert_eq!(column(&list, "posts", "id"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_writes_are_429_with_a_time_to_wait() {
    let app = TestApp::spawn_with(&[
        "--env",
        "testing",
        "--limits",
        "true",
        "--limit-writes",
        "2/1m",
    ]);
    let app = app.await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;
    write_post(&alice, "Two").await;

    let refused = alice
        .post("/api/v2/posts", &json!({"title": "Three", "content": ""}))
        .await;

    problem(&refused, 429, "rate_limited");
    let wait = refused.header("retry-after").parse().unwrap();
    assert_eq!(
        refused.header("ratelimit"),
        format!("\"writes\";r=0;t={wait}")
    );
    assert_eq!(refused.header("ratelimit-policy"), "\"writes\";q=2;w=60");
    app.advance(std::time::Duration::from_secs(wait));
    write_post(&alice, "Three").await;
}
