//! Many todos at once.

use reqwest::Method;
use serde_json::{Value, json};

use super::{column, problem, write_todo, wrong_fields};
use crate::support::{Client, TestApp};

const COMPLETE: &str = "/api/v2/todos/complete";
const DELETE: &str = "/api/v2/todos/delete";

async fn todos(client: &Client) -> Value {
    client.get("/api/v2/todos").await.expect(200).json()["todos"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_completed_at_once_in_the_order_that_was_named() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..4 {
        write_todo(&alice, "T").await;
    }
    let done = alice
        .patch("/api/v2/todos/2", &json!({"completed": true}))
        .await
        .expect(200);

    let answer = alice
        .post(COMPLETE, &json!({"ids": [3, 2, 1, 3]}))
        .await
        .expect(200);

    let body = answer.json();
    assert_eq!(column(&body, "todos", "id"), [3, 2, 1]);
    assert_eq!(column(&body, "todos", "completed"), [true, true, true]);
    // What was done already stays as it was.
    assert_eq!(column(&body, "todos", "version"), [2, 2, 2]);
    assert_eq!(body["todos"][1], done.json());
    assert_eq!(
        body["todos"][0]["completed_at"],
        body["todos"][0]["updated_at"]
    );
    assert!(body.get("next_cursor").is_none());
    assert_eq!(
        alice.get("/api/v2/todos/4").await.json()["completed"],
        false
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_deleted_at_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        write_todo(&alice, "T").await;
    }

    let answer = alice
        .post(DELETE, &json!({"ids": [1, 3]}))
        .await
        .expect(204);

    assert!(answer.body.is_empty());
    assert_eq!(
        column(&json!({"todos": todos(&alice).await}), "todos", "id"),
        [2]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_the_caller_s_keeps_all_as_they_are() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    write_todo(&alice, "T").await;
    write_todo(&bob, "T").await;
    let before = (todos(&alice).await, todos(&bob).await);

    for path in [COMPLETE, DELETE] {
        for ids in [
            json!([1, 2]),
            json!([2, 1]),
            json!([1, 9]),
            json!([-1]),
            json!([i64::MAX]),
        ] {
            let answer = alice.post(path, &json!({"ids": ids})).await;
            problem(&answer, 404, "not_found");
        }
        let answer = app.anonymous().post(path, &json!({"ids": [1]})).await;
        problem(&answer, 401, "missing_token");
    }
    assert_eq!((todos(&alice).await, todos(&bob).await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_one_to_a_hundred() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..101 {
        write_todo(&alice, "T").await;
    }
    let some = |count: i64| json!({"ids": (1..=count).collect::<Vec<_>>()});

    for path in [COMPLETE, DELETE] {
        for (body, field, code) in [
            (some(101), "ids", "invalid"),
            (some(0), "ids", "invalid"),
            (json!({"ids": 1}), "ids", "invalid"),
            (json!({"ids": null}), "ids", "invalid"),
            (json!({"ids": ["1"]}), "ids", "invalid"),
            (json!({"ids": [1.5]}), "ids", "invalid"),
            (json!({"ids": [null]}), "ids", "invalid"),
            (json!({}), "ids", "invalid"),
            (json!({"ids": [1], "id": 1}), "id", "unknown_field"),
        ] {
            let body = problem(&alice.post(path, &body).await, 422, code);
            assert_eq!(wrong_fields(&body), [(field.to_owned(), code.to_owned())]);
        }
        let answer = alice
            .raw(Method::POST, path, "text/plain", "{\"ids\":[1]}")
            .await;
        problem(&answer, 415, "unsupported_media_type");
    }
    let answer = alice.post(COMPLETE, &some(100)).await.expect(200);
    assert_eq!(answer.json()["todos"].as_array().unwrap().len(), 100);
    alice.post(DELETE, &some(100)).await.expect(204);
    assert_eq!(todos(&alice).await.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_many_once_too() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..2 {
        write_todo(&alice, "T").await;
    }
    let send = async |path: &str| {
        let request = alice
            .request(Method::POST, path)
            .header("idempotency-key", "k");
        alice.send(request.json(&json!({"ids": [1, 2]}))).await
    };

    let done = send(COMPLETE).await.expect(200);
    alice
        .patch("/api/v2/todos/1", &json!({"completed": false}))
        .await
        .expect(200);
    let again = send(COMPLETE).await.expect(200);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(done.body, again.body);
    assert_eq!(
        alice.get("/api/v2/todos/1").await.json()["completed"],
        false
    );

    send(DELETE).await.expect(204);
    assert_eq!(
        send(DELETE)
            .await
            .expect(204)
            .header("idempotency-replayed"),
        "true"
    );
    problem(
        &alice.post(DELETE, &json!({"ids": [1, 2]})).await,
        404,
        "not_found",
    );
}

/// Of two who complete and delete the same todos at once, in whatever order, one comes first.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_never_do_half() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for _ in 0..10 {
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(write_todo(&alice, "T").await.json()["id"].as_i64().unwrap());
        }
        let reversed: Vec<_> = ids.iter().rev().collect();
        let (forth, back) = (json!({"ids": ids}), json!({"ids": reversed}));
        let (first, second) = tokio::join!(alice.post(DELETE, &forth), alice.post(DELETE, &back));

        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
        assert_eq!(todos(&alice).await, json!([]));
    }
}
