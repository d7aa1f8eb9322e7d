//! Todos: private to their owner.

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{each, id_of, write_todo};
use crate::support::TestApp;

const LIST: &str = "/api/v1/todos";

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
