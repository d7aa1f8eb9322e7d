//! In which order a request is looked at: one that is wrong in every way is told one thing after
//! the other.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{problem, write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

/// One byte more than a body may have.
const TOO_MANY: usize = 8 * 1024 * 1024 + 1;

/// The status of a request that announces a body of [`TOO_MANY`] bytes and does not send it: who
/// asks for such a thing is answered before anything of it was read.
pub(super) async fn announce(
    app: &TestApp,
    method: &str,
    path: &str,
    client: Option<&Client>,
) -> u16 {
    let token = client.map_or(String::new(), |client| {
        format!("Authorization: Bearer {}\r\n", client.token())
    });
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\n{token}Content-Type: text/plain\r\n\
         If-Match: \"0-0\"\r\nContent-Length: {TOO_MANY}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Sends a request with a condition that is never met.
pub(super) async fn stale(
    client: &Client,
    method: Method,
    path: &str,
    media_type: &str,
    body: &str,
) -> Answer {
    let request = client.request(method, path).header(IF_MATCH, "\"0-0\"");
    let request = request.header(CONTENT_TYPE, media_type);
    client.send(request.body(body.to_owned())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_post_is_checked_in_order() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let made = write_post(&alice, "T").await;
    let (post, nobody_s) = ("/api/v2/posts/1", "/api/v2/posts/2");
    let (text, json) = ("text/plain", "application/json");

    for name in ["PATCH", "PUT"] {
        assert_eq!(announce(&app, name, "/api/v2/posts/x", None).await, 404);
        assert_eq!(announce(&app, name, nobody_s, None).await, 401);
        assert_eq!(announce(&app, name, nobody_s, Some(&bob)).await, 413);

        let send = async |client: &Client, path, media_type, body| {
            let method = name.parse().unwrap();
            stale(client, method, path, media_type, body).await
        };
        problem(&send(&bob, nobody_s, text, "{").await, 404, "not_found");
        problem(&send(&bob, post, text, "{").await, 403, "forbidden");
        problem(
            &send(&alice, post, text, "{").await,
            415,
            "unsupported_media_type",
        );
        let broken = problem(&send(&alice, post, json, "{").await, 400, "malformed_json");
        assert!(broken["detail"].as_str().unwrap().contains("not JSON"));
        problem(
            &send(&alice, post, json, "{\"title\":5}").await,
            422,
            "invalid",
        );
        problem(
            &send(&alice, post, json, "{\"title\":\"U\"}").await,
            412,
            "stale_version",
        );
    }
    assert_eq!(app.anonymous().get(post).await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_todo_is_checked_in_order() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let made = write_todo(&alice, "T").await;
    let todo = "/api/v2/todos/1";
    let (text, json) = ("text/plain", "application/json");

    for name in ["PATCH", "PUT"] {
        assert_eq!(announce(&app, name, "/api/v2/todos/x", None).await, 404);
        assert_eq!(announce(&app, name, todo, None).await, 401);
        assert_eq!(announce(&app, name, todo, Some(&bob)).await, 413);

        let send = async |client: &Client, media_type, body| {
            let method = name.parse().unwrap();
            stale(client, method, todo, media_type, body).await
        };
        problem(&send(&bob, text, "{").await, 404, "not_found");
        problem(
            &send(&alice, text, "{").await,
            415,
            "unsupported_media_type",
        );
        problem(&send(&alice, json, "{").await, 400, "malformed_json");
        problem(&send(&alice, json, "{\"title\":5}").await, 422, "invalid");
        problem(
            &send(&alice, json, "{\"title\":\"U\"}").await,
            412,
            "stale_version",
        );
    }
    assert_eq!(alice.get(todo).await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_checked_in_order() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    write_post(&alice, "T").await;
    let delete = async |client: &Client, path| stale(client, Method::DELETE, path, "", "").await;

    let nobody = app.anonymous();
    problem(&delete(&nobody, "/api/v2/posts/x").await, 404, "not_found");
    problem(
        &delete(&nobody, "/api/v2/posts/2").await,
        401,
        "missing_token",
    );
    problem(&delete(&bob, "/api/v2/posts/2").await, 404, "not_found");
    problem(&delete(&bob, "/api/v2/posts/1").await, 403, "forbidden");
    problem(
        &delete(&alice, "/api/v2/posts/1").await,
        412,
        "stale_version",
    );
    alice.delete("/api/v2/posts/1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_post_is_checked_in_order() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let reader = app.user_with_role("rita", model::Role::Reader).await;
    let path = "/api/v2/posts";
    let send = async |client: &Client, media_type, body: &str| {
        client.raw(Method::POST, path, media_type, body).await
    };

    assert_eq!(announce(&app, "POST", "/api/v2/post", None).await, 404);
    assert_eq!(announce(&app, "POST", path, None).await, 401);
    assert_eq!(announce(&app, "POST", path, Some(&reader)).await, 413);
    problem(
        &send(&reader, "text/plain", "{").await,
        403,
        "role_required",
    );
    problem(
        &send(&alice, "text/plain", "{").await,
        415,
        "unsupported_media_type",
    );
    problem(
        &send(&alice, "application/json", "{").await,
        400,
        "malformed_json",
    );
    problem(
        &send(&alice, "application/json", "{}").await,
        422,
        "invalid",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_and_a_change_of_it_are_checked_in_order() {
    let flags = ["--env", "testing", "--comment-moderation", "all"];
    let app = TestApp::spawn_with(&flags).await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let eve = app.user("eve").await;
    write_post(&alice, "T").await;
    let (list, nobody_s) = ("/api/v2/posts/1/comments", "/api/v2/posts/2/comments");
    let (text, json) = ("text/plain", "application/json");
    let say =
        async |path, media_type, body: &str| bob.raw(Method::POST, path, media_type, body).await;

    let route = "/api/v2/posts/x/comments";
    assert_eq!(announce(&app, "POST", route, None).await, 404);
    assert_eq!(announce(&app, "POST", nobody_s, None).await, 401);
    assert_eq!(announce(&app, "POST", nobody_s, Some(&bob)).await, 413);
    problem(&say(nobody_s, text, "{").await, 404, "not_found");
    problem(&say(list, text, "{").await, 415, "unsupported_media_type");
    problem(&say(list, json, "{").await, 400, "malformed_json");
    problem(&say(list, json, "{}").await, 422, "invalid");
    say(list, json, "{\"content\":\"C\"}").await;

    let comment = "/api/v2/comments/1";
    let change = async |client: &Client, path, media_type, body| {
        stale(client, Method::PATCH, path, media_type, body).await
    };
    assert_eq!(announce(&app, "PATCH", comment, None).await, 401);
    assert_eq!(announce(&app, "PATCH", comment, Some(&eve)).await, 413);
    problem(&change(&eve, comment, text, "{").await, 404, "not_found");
    problem(&change(&alice, comment, text, "{").await, 403, "forbidden");
    problem(
        &change(&bob, comment, text, "{").await,
        415,
        "unsupported_media_type",
    );
    problem(
        &change(&bob, comment, json, "{").await,
        400,
        "malformed_json",
    );
    problem(
        &change(&bob, comment, json, "{\"content\":5}").await,
        422,
        "invalid",
    );
    let words = "{\"content\":\"D\"}";
    problem(
        &change(&bob, comment, json, words).await,
        412,
        "stale_version",
    );
    for (method, path) in [
        (Method::DELETE, "/api/v2/comments/1"),
        (Method::POST, "/api/v2/comments/1/approve"),
    ] {
        let send = async |client: &Client| stale(client, method.clone(), path, "", "").await;
        problem(&send(&app.anonymous()).await, 401, "missing_token");
        problem(&send(&eve).await, 404, "not_found");
        problem(&send(&alice).await, 412, "stale_version");
    }
    let own = bob.get(comment).await.expect(200).json();
    assert_eq!((&own["version"], &own["content"]), (&json!(1), &json!("C")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_too_often_is_told_before_the_body_is_read() {
    let flags = [
        "--env",
        "testing",
        "--limits",
        "true",
        "--limit-writes",
        "1/1h",
    ];
    let app = TestApp::spawn_with(&flags).await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;

    assert_eq!(
        announce(&app, "PATCH", "/api/v2/posts/x", Some(&alice)).await,
        404
    );
    assert_eq!(
        announce(&app, "PATCH", "/api/v2/posts/1", Some(&alice)).await,
        429
    );
    assert_eq!(announce(&app, "PATCH", "/api/v2/posts/1", None).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_asks_for_the_token_before_the_query() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let nobody_s = app.anonymous().get("/api/v2/todos?limit=0").await;
    let alice_s = alice.get("/api/v2/todos?limit=0").await;

    problem(&nobody_s, 401, "missing_token");
    problem(&alice_s, 400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_long_is_told_so_and_the_connection_closed() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let head = format!(
        "POST /api/v2/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {TOO_MANY}\r\n\r\n",
        alice.token()
    );
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();

    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("\"code\":\"body_too_large\""), "{answer}");
    let small = json!({"title": "T", "content": ""});
    alice.post("/api/v2/posts", &small).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_post_cannot_become_is_told_before_a_stale_version() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    let (path, json) = ("/api/v2/posts/1", "application/json");

    for body in [
        r#"{"status": "scheduled"}"#,
        r#"{"published_at": null}"#,
        r#"{"cover": {"alt": "a"}}"#,
    ] {
        let answer = stale(&alice, Method::PATCH, path, json, body).await;
        problem(&answer, 422, "invalid");
    }
    for body in [r#"{"status": "draft"}"#, "{}"] {
        let answer = stale(&alice, Method::PATCH, path, json, body).await;
        problem(&answer, 412, "stale_version");
    }
    let both = r#"{"cover": {"alt": "a"}, "published_at": null}"#;
    let both = alice.raw(Method::PATCH, path, json, both).await;
    assert_eq!(
        super::wrong_fields(&problem(&both, 422, "invalid")).len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_query_is_told_to_those_who_may_ask() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    let draft = json!({"title": "T", "content": "C", "status": "draft"});
    alice.post("/api/v2/posts", &draft).await.expect(201);

    let comments = "/api/v2/posts/1/comments?limit=0";
    problem(&reader.get(comments).await, 404, "not_found");
    problem(&alice.get(comments).await, 400, "invalid_query");
    let drafts = "/api/v2/posts?status=draft&limit=0";
    problem(&reader.get(drafts).await, 401, "missing_token");
    problem(&alice.get(drafts).await, 400, "invalid_query");
    for list in ["categories", "tags", "series"] {
        let answer = reader.get(&format!("/api/v2/{list}?limit=5")).await;
        problem(&answer, 400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_looked_at_after_what_it_is_for() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    let with_key = async |path: &str| {
        let request = alice.request(Method::POST, path);
        let request = request.header("idempotency-key", "").body("{");
        alice.send(request).await
    };

    for path in ["/api/v2/posts/2/comments", "/api/v2/posts/2/publish"] {
        problem(&with_key(path).await, 404, "not_found");
    }
    for path in ["/api/v2/posts/1/comments", "/api/v2/posts/1/publish"] {
        problem(&with_key(path).await, 400, "invalid_idempotency_key");
    }
}
