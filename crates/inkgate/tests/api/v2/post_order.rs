//! In which order requests about states, the trash and slugs are looked at.

use reqwest::Method;
use serde_json::json;

use super::order_of_checks::{announce, stale};
use super::{problem, write_post, write_with};
use crate::support::{Client, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn publishing_is_checked_in_order() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let made = write_post(&alice, "T").await;
    write_with(&alice, json!({"status": "draft"})).await;
    let path = |id: &str| format!("/api/v2/posts/{id}/publish");
    let (text, json) = ("text/plain", "application/json");

    assert_eq!(announce(&app, "POST", &path("x"), None).await, 404);
    assert_eq!(announce(&app, "POST", &path("9"), None).await, 401);
    assert_eq!(announce(&app, "POST", &path("9"), Some(&bob)).await, 413);
    let send = async |client: &Client, id, media_type, body| {
        stale(client, Method::POST, &path(id), media_type, body).await
    };
    // What is not there, and what is not for him, look the same.
    problem(&send(&bob, "9", text, "{").await, 404, "not_found");
    problem(&send(&bob, "2", text, "{").await, 404, "not_found");
    problem(&send(&bob, "1", text, "{").await, 403, "forbidden");
    problem(
        &send(&alice, "1", text, "{").await,
        415,
        "unsupported_media_type",
    );
    problem(&send(&alice, "1", json, "{").await, 400, "malformed_json");
    problem(&send(&alice, "1", json, "[]").await, 422, "invalid");
    problem(
        &send(&alice, "1", json, "{\"at\":1}").await,
        422,
        "unknown_field",
    );
    let wrong = "{\"published_at\":\"soon\"}";
    problem(&send(&alice, "1", json, wrong).await, 422, "invalid");
    problem(&send(&alice, "1", json, "{}").await, 412, "stale_version");
    assert_eq!(alice.get("/api/v2/posts/1").await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_state_are_checked_in_order() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let made = write_post(&alice, "T").await;
    write_with(&alice, json!({"status": "draft"})).await;

    for verb in ["unpublish", "archive"] {
        let send = async |client: &Client, id: &str| {
            let path = format!("/api/v2/posts/{id}/{verb}");
            stale(client, Method::POST, &path, "", "").await
        };
        problem(&send(&app.anonymous(), "x").await, 404, "not_found");
        problem(&send(&app.anonymous(), "1").await, 401, "missing_token");
        problem(&send(&bob, "2").await, 404, "not_found");
        problem(&send(&bob, "1").await, 403, "forbidden");
        problem(&send(&alice, "1").await, 412, "stale_version");
    }
    assert_eq!(alice.get("/api/v2/posts/1").await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_checked_in_order() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let root = app.user_with_role("root", model::Role::Admin).await;
    for id in 1..=2 {
        write_post(&alice, "T").await;
        let by = if id == 1 { &alice } else { &root };
        by.delete(&format!("/api/v2/posts/{id}")).await.expect(200);
    }
    let restore = (Method::POST, "/restore");
    let for_good = (Method::DELETE, "?permanent=true");

    for (method, rest) in [restore, for_good] {
        let send = async |client: &Client, id: &str| {
            let path = format!("/api/v2/posts/{id}{rest}");
            stale(client, method.clone(), &path, "", "").await
        };
        problem(&send(&app.anonymous(), "x").await, 404, "not_found");
        problem(&send(&app.anonymous(), "1").await, 401, "missing_token");
        problem(&send(&bob, "1").await, 404, "not_found");
        problem(&send(&alice, "9").await, 404, "not_found");
        problem(&send(&alice, "2").await, 403, "forbidden");
        problem(&send(&alice, "1").await, 412, "stale_version");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_looked_at_after_what_it_is_asked_of() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    write_post(&alice, "T").await;
    write_with(&alice, json!({"status": "draft", "slug": "hidden"})).await;
    let wrong = "?permanent=maybe";

    let delete =
        async |client: &Client, id: i64| client.delete(&format!("/api/v2/posts/{id}{wrong}")).await;
    problem(&delete(&app.anonymous(), 1).await, 401, "missing_token");
    problem(&delete(&bob, 9).await, 404, "not_found");
    problem(&delete(&bob, 2).await, 404, "not_found");
    problem(&delete(&bob, 1).await, 403, "forbidden");
    problem(&delete(&alice, 1).await, 400, "invalid_query");
    let unknown = alice.delete("/api/v2/posts/1?permanant=true").await;
    problem(&unknown, 400, "invalid_query");
    for path in [
        "/api/v2/posts/2",
        "/api/v2/posts/by-slug/hidden",
        "/api/v2/posts/9",
    ] {
        let answer = bob.get(&format!("{path}?fields=nonsense")).await;
        problem(&answer, 404, "not_found");
    }
    for path in ["/api/v2/posts/1", "/api/v2/posts/by-slug/t"] {
        let answer = bob.get(&format!("{path}?fields=nonsense")).await;
        problem(&answer, 400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stale_is_told_before_what_is_taken() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "One").await;
    write_post(&alice, "Two").await;
    let (json, path) = ("application/json", "/api/v2/posts/2");
    let taken = "{\"slug\":\"one\"}";

    let late = stale(&alice, Method::PATCH, path, json, taken).await;
    problem(&late, 412, "stale_version");
    let wrong = "{\"slug\":\"one\",\"pinned\":1}";
    let wrong = alice.raw(Method::PATCH, path, json, wrong).await;
    problem(&wrong, 422, "invalid");
    let answer = alice.raw(Method::PATCH, path, json, taken).await;
    problem(&answer, 409, "slug_taken");
}
