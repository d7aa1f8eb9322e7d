//! What a todo may hold.

use std::time::Duration;

use serde_json::json;

use super::write_todo;
use crate::support::TestApp;

const LIST: &str = "/api/v1/todos";

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_needs_no_more_than_a_title() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let written = alice
        .post(LIST, &json!({"title": "Learn Flask"}))
        .await
        .expect(201);

    let body = "{\"completed\":false,\"created_at\":\"2026-11-23T19:00:00.123456\",\
                \"description\":null,\"id\":1,\"priority\":0,\"title\":\"Learn Flask\",\"user_id\":1}\n";
    assert_eq!(written.text(), body);
    assert_eq!(alice.get("/api/v1/todos/1").await.expect(200).text(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_keeps_what_it_is_given() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let (title, description) = ("é".repeat(255), "🙂".repeat(10_000));
    let todo = json!({"title": title, "description": description, "completed": true,
        "user_id": 1, "priority": 7, "id": 99});

    let written = alice.post(LIST, &todo).await.expect(201).json();

    assert_eq!(written["title"], title);
    assert_eq!(written["description"], description);
    assert_eq!(written["completed"], true);
    // Keys that v1 does not know are ignored, these two among them.
    assert_eq!(
        (&written["priority"], &written["id"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_beyond_the_limits_or_of_other_types_is_refused_and_nothing_is_stored() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let own = write_todo(&alice, "hers").await;
    let before = alice.get(LIST).await.text();
    let title = "title must have 1 to 255 characters and not only blanks";
    let description = "description must have at most 10000 characters";
    let completed = "completed must be true or false";
    let user_id = "user_id must be an integer of up to 64 bits";
    let fields = [
        (json!({"title": " \t"}), title),
        (json!({"title": "é".repeat(256)}), title),
        (
            json!({"title": "\0"}),
            "title must not hold a NUL character",
        ),
        (json!({"title": null}), "title must be a string"),
        (json!({"title": 5}), "title must be a string"),
        (json!({"description": "é".repeat(10_001)}), description),
        (
            json!({"description": "\0"}),
            "description must not hold a NUL character",
        ),
        (json!({"description": 5}), "description must be a string"),
        (json!({"completed": 1}), completed),
        (json!({"completed": 0}), completed),
        (json!({"completed": "false"}), completed),
        (json!({"completed": "yes"}), completed),
        (json!({"completed": null}), completed),
        (json!({"user_id": "1"}), user_id),
        (json!({"user_id": 1.0}), user_id),
        (json!({"user_id": true}), user_id),
        (json!({"user_id": null}), user_id),
        (json!({"user_id": 9_223_372_036_854_775_808_u64}), user_id),
    ];

    for (wrong, message) in fields {
        let mut whole = json!({"title": "t"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());

        let created = alice.post(LIST, &whole).await.expect(400);
        let updated = alice.put(&own, &wrong).await.expect(400);

        assert_eq!(created.message(), message);
        assert_eq!(updated.message(), message);
    }
    assert_eq!(alice.get(LIST).await.text(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_object_is_no_todo() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let own = write_todo(&alice, "hers").await;

    for body in [
        json!(null),
        json!([]),
        json!(["title"]),
        json!("title"),
        json!(5),
    ] {
        let created = alice.post(LIST, &body).await.expect(400);
        let updated = alice.put(&own, &body).await.expect(400);

        assert_eq!(created.message(), "Missing title", "{body}");
        assert_eq!(
            updated.message(),
            "Request body must be a JSON object",
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = write_todo(&alice, "before").await;
    app.advance(Duration::from_secs(60));
    let mut wanted = alice.get(&path).await.expect(200).json();

    for patch in [
        json!({"title": "after"}),
        json!({"completed": true}),
        json!({"description": "d"}),
        json!({}),
        json!({"description": null, "completed": false}),
        json!({"user_id": 1}),
    ] {
        let updated = alice.put(&path, &patch).await.expect(200).json();

        let named = patch.as_object().unwrap();
        wanted.as_object_mut().unwrap().extend(named.clone());
        assert_eq!(updated, wanted, "{patch}");
        assert_eq!(alice.get(&path).await.json(), wanted);
    }
    let unknown = json!({"priority": "high", "id": 9, "created_at": 5});
    let unchanged = alice.put(&path, &unknown).await.expect(200).json();
    assert_eq!(unchanged, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_priority_of_v2_is_shown_and_kept() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let todo = json!({"title": "t", "priority": 7});
    let id = alice.post("/api/v2/todos", &todo).await.expect(201).json()["id"].clone();
    let path = format!("{LIST}/{id}");

    let updated = alice
        .put(&path, &json!({"title": "new", "priority": 0}))
        .await;

    assert_eq!(updated.expect(200).json()["priority"], 7);
    assert_eq!(alice.get(&path).await.json()["title"], "new");
}
