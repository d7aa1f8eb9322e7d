//! Bodies of todos that are refused, and why.

use serde_json::{Value, json};

use super::{problem, write_todo, wrong_fields};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_set_is_an_unknown_field() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_todo(&alice, "T").await;

    for field in ["user_id", "id", "version", "completed_at", "done"] {
        let new = json!({"title": "T", field: 1});
        for answer in [
            alice.post("/api/v2/todos", &new).await,
            alice.patch("/api/v2/todos/1", &json!({field: 1})).await,
            alice.put("/api/v2/todos/1", &json!({field: 1})).await,
        ] {
            let body = problem(&answer, 422, "unknown_field");
            let wanted = [(field.to_owned(), "unknown_field".to_owned())];
            assert_eq!(wrong_fields(&body), wanted);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_type_or_range_is_invalid() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_todo(&alice, "T").await;
    let cases = [
        ("title", r#"[5, null, [], "", "  ", "\u0000"]"#.to_owned()),
        ("title", json!(["é".repeat(256)]).to_string()),
        ("description", r#"[5, {}, "\u0000"]"#.to_owned()),
        ("description", json!(["é".repeat(10_001)]).to_string()),
        ("completed", r#"[1, 0, "true", ""]"#.to_owned()),
        (
            "priority",
            r#"[-1, 10, 18446744073709551615, "5", 5.0, true]"#.to_owned(),
        ),
        ("due_at", r#"[5, "", "tomorrow", "2026-12-24"]"#.to_owned()),
        // No offset; no such day; years that nobody means.
        (
            "due_at",
            r#"["2026-12-24T18:00:00", "2026-02-30T00:00:00Z"]"#.to_owned(),
        ),
        (
            "due_at",
            r#"["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00"]"#.to_owned(),
        ),
        (
            "due_at",
            r#"["+275760-09-13T00:00:00Z", "9999-12-31T23:59:59-01:00"]"#.to_owned(),
        ),
    ];

    for (field, values) in cases {
        let values: Vec<Value> = serde_json::from_str(&values).unwrap();
        for value in values {
            let mut new = json!({"title": "T"});
            new[field] = value.clone();
            for answer in [
                alice.post("/api/v2/todos", &new).await,
                alice.patch("/api/v2/todos/1", &json!({field: value})).await,
            ] {
                let body = problem(&answer, 422, "invalid");
                assert_eq!(
                    wrong_fields(&body),
                    [(field.to_owned(), "invalid".to_owned())]
                );
            }
        }
    }
    let list = alice.get("/api/v2/todos").await.json();
    assert_eq!(list["todos"], json!([made.json()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ends_of_every_range_are_taken() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let cases = [
        ("title", json!("é".repeat(255))),
        ("description", json!("é".repeat(10_000))),
        ("description", json!("")),
        ("priority", json!(0)),
        ("priority", json!(9)),
        ("due_at", json!("0001-01-01T00:00:00.000Z")),
        ("due_at", json!("9999-12-30T21:59:59.999Z")),
    ];

    for (field, value) in cases {
        let mut new = json!({"title": "T"});
        new[field] = value.clone();

        let made = alice.post("/api/v2/todos", &new).await.expect(201).json();

        assert_eq!(made[field], value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_told_at_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let wrong = json!({"completed": "no", "priority": 10, "due_at": "soon", "description": 1,
        "user_id": 1});

    let refused = alice.post("/api/v2/todos", &wrong).await;

    let body = problem(&refused, 422, "invalid");
    let wanted = [
        ("completed", "invalid"),
        ("description", "invalid"),
        ("due_at", "invalid"),
        ("priority", "invalid"),
        ("title", "invalid"),
        ("user_id", "unknown_field"),
    ];
    let wanted = wanted.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(wrong_fields(&body), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn put_never_makes_a_todo() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let refused = alice.put("/api/v2/todos/1", &json!({"title": "T"})).await;

    problem(&refused, 404, "not_found");
    let list = alice.get("/api/v2/todos").await.json();
    assert_eq!(list, json!({"todos": [], "next_cursor": null}));
}
