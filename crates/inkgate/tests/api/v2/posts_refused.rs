//! Bodies of posts that are refused, and why.

use model::Role;
use serde_json::{Value, json};

use super::{problem, write_post, wrong_fields};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_set_is_an_unknown_field() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;

    for field in [
        "user_id",
        "id",
        "author",
        "version",
        "created_at",
        "Title",
        "",
    ] {
        let mut new = json!({"title": "T", "content": ""});
        new[field] = json!(1);
        for answer in [
            alice.post("/api/v2/posts", &new).await,
            alice.patch("/api/v2/posts/1", &json!({field: 1})).await,
            alice.put("/api/v2/posts/1", &json!({field: 1})).await,
        ] {
            let body = problem(&answer, 422, "unknown_field");
            let wanted = [(field.to_owned(), "unknown_field".to_owned())];
            assert_eq!(wrong_fields(&body), wanted);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_or_length_is_invalid() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;
    let before = app.anonymous().get("/api/v2/posts").await;
    let long = |count| Value::String("é".repeat(count));
    let cases = [
        (
            "title",
            vec![json!(5), json!(true), json!(null), json!([]), json!({})],
        ),
        (
            "title",
            vec![json!(""), json!(" \t\u{3000}\n"), json!("a\0b"), long(256)],
        ),
        (
            "content",
            vec![json!(5), json!(null), json!(["Hello"]), json!("\0")],
        ),
        (
            "content",
            vec![long(512 * 1024 + 1), json!("x".repeat(1024 * 1024 + 1))],
        ),
        (
            "category",
            vec![
                json!(5),
                json!(["a"]),
                json!(""),
                json!("  "),
                json!("\0"),
                long(51),
            ],
        ),
    ];

    for (field, values) in cases {
        for value in values {
            let mut new = json!({"title": "T", "content": ""});
            new[field] = value.clone();
            for answer in [
                alice.post("/api/v2/posts", &new).await,
                alice.patch("/api/v2/posts/1", &json!({field: value})).await,
            ] {
                let body = problem(&answer, 422, "invalid");
                assert_eq!(
                    wrong_fields(&body),
                    [(field.to_owned(), "invalid".to_owned())]
                );
            }
        }
    }
    let after = app.anonymous().get("/api/v2/posts").await;
    assert_eq!(after.body, before.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_that_is_allowed_is_taken() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new = json!({
        "title": "é".repeat(255),
        "content": "x".repeat(1024 * 1024),
        "category": "é".repeat(50),
    });

    let made = alice.post("/api/v2/posts", &new).await.expect(201).json();

    for field in ["title", "content", "category"] {
        assert_eq!(made[field], new[field]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_told_at_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let wrong = json!({"title": 5, "category": "", "tilte": "T"});

    let refused = alice.post("/api/v2/posts", &wrong).await;

    let body = problem(&refused, 422, "invalid");
    let wanted = [
        ("category", "invalid"),
        ("content", "invalid"),
        ("tilte", "unknown_field"),
        ("title", "invalid"),
    ];
    let wanted = wanted.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(wrong_fields(&body), wanted);
    for error in body["errors"].as_array().unwrap() {
        assert_ne!(error["message"], "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_may_not_write_posts() {
    let app = TestApp::spawn().await;
    let reader = app.user_with_role("rita", Role::Reader).await;
    let post = json!({"title": "T", "content": ""});

    let refused = reader.post("/api/v2/posts", &post).await;

    let body = problem(&refused, 403, "role_required");
    assert_eq!(body["detail"], "Your role may not write posts");
}
