//! Todos: private to their owner.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{each, id_of, write_todo};
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
async fn every_route_of_todos_needs_a_token() {
    let app = TestApp::spawn().await;
    let path = write_todo(&app.user("alice").await, "hers").await;

    for (method, path) in [
        (Method::GET, LIST),
        (Method::HEAD, LIST),
        (Method::POST, LIST),
        (Method::GET, &path),
        (Method::HEAD, &path),
        (Method::PUT, &path),
        (Method::DELETE, &path),
        (Method::GET, "/api/v1/users/1/todos"),
    ] {
        let client = app.anonymous();
        let answer = client
            .send(client.request(method.clone(), path))
            .await
            .expect(401);

        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"inkgate\""
        );
        if method != Method::HEAD {
            assert_eq!(answer.message(), "Missing token");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_the_callers_own_todos_by_id() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let admin = app.user_with_role("root", Role::Admin).await;
    for (client, title) in [(&alice, "one"), (&admin, "two"), (&alice, "three")] {
        write_todo(client, title).await;
    }
    let (of_alice, of_admin) = (id_of(&alice).await, id_of(&admin).await);

    for (client, query, titles) in [
        (&alice, String::new(), vec!["one", "three"]),
        (&alice, format!("?user_id={of_alice}"), vec!["one", "three"]),
        (&alice, format!("?user_id={of_admin}"), vec![]),
        (&alice, "?user_id=999".to_owned(), vec![]),
        (&admin, String::new(), vec!["two"]),
        (&admin, format!("?user_id={of_alice}"), vec!["one", "three"]),
        (&admin, "?user_id=999".to_owned(), vec![]),
    ] {
        let list = client.get(&format!("{LIST}{query}")).await.expect(200);

        assert_eq!(each(&list, "title"), titles, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_names_another_owner() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let editor = app.user_with_role("ed", Role::Editor).await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let bob = app.user("bob").await;
    let id = id_of(&bob).await;

    for client in [&alice, &editor] {
        for owner in [id, 999, 0, -1] {
            let (own, todo) = (
                write_todo(client, "x").await,
                json!({"title": "x", "user_id": owner}),
            );
            let created = client.post(LIST, &todo).await.expect(403);
            let moved = client
                .put(&own, &json!({"user_id": owner}))
                .await
                .expect(403);
            for refused in [created, moved] {
                assert_eq!(refused.message(), "You can only manage your own todos");
            }
        }
    }
    let given = json!({"title": "from root", "user_id": id});
    let given = admin.post(LIST, &given).await.expect(201).json();
    let own = write_todo(&admin, "moved").await;
    admin.put(&own, &json!({"user_id": id})).await.expect(200);

    assert_eq!(given["user_id"], id);
    assert_eq!(each(&bob.get(LIST).await, "title"), ["from root", "moved"]);
    assert_eq!(each(&admin.get(LIST).await, "id").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_must_exist() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let gone = id_of(&app.user("alice").await).await;
    admin
        .delete(&format!("/api/v1/users/{gone}"))
        .await
        .expect(200);
    let own = write_todo(&admin, "x").await;

    for owner in [gone, 999, 0, -1, i64::MAX, i64::MIN] {
        let todo = json!({"title": "x", "user_id": owner});
        let created = admin.post(LIST, &todo).await.expect(400);
        let moved = admin
            .put(&own, &json!({"user_id": owner}))
            .await
            .expect(400);

        for refused in [created, moved] {
            assert_eq!(refused.message(), "User not found", "{owner}");
        }
    }
    assert_eq!(each(&admin.get(LIST).await, "title"), ["x"]);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_todo_is_gone_and_its_number_too() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = write_todo(&alice, "one").await;

    let deleted = alice.delete(&path).await.expect(200);

    assert_eq!(deleted.text(), "{\"message\":\"Todo deleted\"}\n");
    let title = json!({"title": "x"});
    for answer in [
        alice.get(&path).await,
        alice.put(&path, &title).await,
        alice.delete(&path).await,
    ] {
        assert_eq!(answer.expect(404).message(), "Todo not found");
    }
    assert_eq!(each(&alice.get(LIST).await, "id"), Vec::<Value>::new());
    assert_ne!(write_todo(&alice, "two").await, path);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_that_is_not_there_is_not_found() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_todo(&alice, "one").await;

    for (id, message) in [
        ("0", "Todo not found"),
        ("99999", "Todo not found"),
        ("99999999999999999999", "Todo not found"),
        ("abc", "The requested URL was not found"),
        ("-1", "The requested URL was not found"),
    ] {
        let path = format!("{LIST}/{id}");
        for answer in [
            alice.get(&path).await,
            alice.put(&path, &json!({"title": "x"})).await,
            alice.delete(&path).await,
        ] {
            let found = answer.expect(404).message();
            assert!(found.starts_with(message), "{id}: {found}");
        }
    }
    alice.get("/api/v1/todos/01").await.expect(200);
}
