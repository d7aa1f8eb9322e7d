//! Todos: their shape, what changes them, and who sees them.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{column, problem, write_todo};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_that_was_made_is_shown_whole_with_its_place_and_tag() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new = json!({"title": "Learn Rust", "description": "All of it", "completed": false,
        "priority": 7, "due_at": "2026-12-24T18:00:00+01:00"});

    let made = alice.post("/api/v2/todos", &new).await.expect(201);

    let time = "2026-11-23T19:00:00.123Z";
    let whole = json!({
        "id": 1, "title": "Learn Rust", "description": "All of it", "completed": false,
        "priority": 7, "due_at": "2026-12-24T17:00:00.000Z", "completed_at": null,
        "created_at": time, "updated_at": time, "user_id": 1, "version": 1,
    });
    assert_eq!(made.json(), whole);
    assert_eq!(made.header("content-type"), "application/json");
    assert_eq!(made.header("location"), "/api/v2/todos/1");
    let shown = alice.get("/api/v2/todos/1").await.expect(200);
    assert_eq!(shown.body, made.body);
    assert_eq!(shown.header("etag"), made.header("etag"));
    assert_eq!(shown.header("cache-control"), "private, no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_or_null_has_its_default() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let nulls = json!({"title": "T", "description": null, "completed": null, "priority": null,
        "due_at": null});

    let bare = write_todo(&alice, "T").await.json();
    let nulls = alice.post("/api/v2/todos", &nulls).await.expect(201).json();

    for todo in [bare, nulls] {
        assert_eq!(todo["description"], Value::Null);
        assert_eq!(todo["completed"], false);
        assert_eq!(todo["priority"], 0);
        assert_eq!(todo["due_at"], Value::Null);
        assert_eq!(todo["completed_at"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_and_put_change_what_they_name_and_nothing_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let cases = [
        (Method::PATCH, json!({"title": "Another"})),
        (Method::PUT, json!({"description": "More"})),
        (Method::PATCH, json!({"priority": 9})),
        (Method::PUT, json!({"due_at": "2027-01-01T00:00:00.000Z"})),
        (Method::PUT, json!({"title": "A third", "priority": 1})),
    ];
    let mut wanted = write_todo(&alice, "Learn Rust").await.json();

    for (method, patch) in cases {
        app.advance(Duration::from_secs(1));
        for (field, value) in patch.as_object().unwrap() {
            wanted[field] = value.clone();
        }
        wanted["version"] = json!(wanted["version"].as_i64().unwrap() + 1);
        wanted["updated_at"] = json!(app.clock.now().to_string());

        let body = patch.to_string();
        let changed = alice
            .raw(method, "/api/v2/todos/1", "application/json", body)
            .await
            .expect(200);

        assert_eq!(changed.json(), wanted);
        assert_eq!(alice.get("/api/v2/todos/1").await.body, changed.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn null_puts_each_optional_field_back() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let full = json!({"title": "T", "description": "D", "completed": true, "priority": 5,
        "due_at": "2026-12-24T18:00:00Z"});
    alice.post("/api/v2/todos", &full).await.expect(201);
    let cases = [
        ("description", Value::Null),
        ("due_at", Value::Null),
        ("priority", json!(0)),
        ("completed", json!(false)),
    ];

    for (field, cleared) in cases {
        let patch = json!({field: null});
        let patched = alice.patch("/api/v2/todos/1", &patch).await.expect(200);

        assert_eq!(patched.json()[field], cleared, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn completed_at_follows_completed() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = "/api/v2/todos/1";
    write_todo(&alice, "Learn Rust").await;
    let completed_at = async |patch: Value| {
        app.advance(Duration::from_secs(60));
        alice.patch(path, &patch).await.expect(200).json()["completed_at"].clone()
    };

    let done = completed_at(json!({"completed": true})).await;
    let done_again = completed_at(json!({"completed": true})).await;
    let renamed = completed_at(json!({"title": "Learn more"})).await;
    let open = completed_at(json!({"completed": false})).await;

    assert_eq!(done, "2026-11-23T19:01:00.123Z");
    assert_eq!((done_again, renamed), (done.clone(), done));
    assert_eq!(open, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_may_be_done_from_the_start() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let done = json!({"title": "Done", "completed": true});

    let made = alice.post("/api/v2/todos", &done).await.expect(201).json();

    assert_eq!(made["completed_at"], made["created_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_is_nobody_else_s_business() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_todo(&alice, "Secret").await;
    let patch = json!({"title": "Mine"});

    for other in [
        app.user("bob").await,
        app.user_with_role("ed", Role::Editor).await,
    ] {
        let nobody_s = other.get("/api/v2/todos/999").await.json();
        for answer in [
            other.get("/api/v2/todos/1").await,
            other.patch("/api/v2/todos/1", &patch).await,
            other.put("/api/v2/todos/1", &patch).await,
            other.delete("/api/v2/todos/1").await,
        ] {
            let body = problem(&answer, 404, "not_found");
            assert_eq!(body["detail"], nobody_s["detail"]);
        }
        let list = other.get("/api/v2/todos").await.expect(200).json();
        assert_eq!(list["todos"], json!([]));
    }
    for path in ["/api/v2/todos", "/api/v2/todos/1"] {
        problem(&app.anonymous().get(path).await, 401, "missing_token");
    }
    assert_eq!(alice.get("/api/v2/todos/1").await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_may_use_any_todo() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let admin = app.user_with_role("root", Role::Admin).await;
    write_todo(&alice, "Learn Rust").await;

    let patch = json!({"priority": 3});
    let patched = admin.patch("/api/v2/todos/1", &patch).await.expect(200);

    assert_eq!(patched.json()["user_id"], 1);
    assert_eq!(admin.get("/api/v2/todos/1").await.body, patched.body);
    admin.delete("/api/v2/todos/1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_todo_is_gone_for_good() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_todo(&alice, "Gone").await;
    write_todo(&alice, "Stays").await;

    let deleted = alice.delete("/api/v2/todos/1").await.expect(200);

    assert_eq!(deleted.text(), r#"{"message":"Todo deleted"}"#);
    problem(&alice.get("/api/v2/todos/1").await, 404, "not_found");
    problem(&alice.delete("/api/v2/todos/1").await, 404, "not_found");
    let list = alice.get("/api/v2/todos").await.json();
    assert_eq!(column(&list, "todos", "title"), ["Stays"]);
}
