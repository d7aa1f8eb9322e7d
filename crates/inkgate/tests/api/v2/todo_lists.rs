//! Lists of todos: what they are found by, and in which order they come.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{column, problem, write_todo};
use crate::audit::execute;
use crate::support::{Client, TestApp};

/// The ids of all pages of a list, two on each.
async fn walk(client: &Client, list: &str) -> Vec<i64> {
    let join = if list.contains('?') { '&' } else { '?' };
    let (mut ids, mut next) = (Vec::new(), format!("{list}{join}limit=2"));
    while !next.is_empty() {
        let page = client.get(&next).await.expect(200);
        let rows = page.json();
        ids.extend(
            column(&rows, "todos", "id")
                .iter()
                .map(|id| id.as_i64().unwrap()),
        );
        next = page
            .header("link")
            .split(['<', '>'])
            .nth(1)
            .unwrap_or_default()
            .to_owned();
    }
    ids
}

async fn write(client: &Client, body: Value) {
    client.post("/api/v2/todos", &body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_come_in_the_order_that_is_asked_for() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for (title, priority, due) in [
        ("b", 1, Value::Null),
        ("Ärger", 9, json!("2026-12-02T00:00:00Z")),
        ("C", 0, json!("0001-01-01T00:00:00Z")),
        ("arg", 9, json!("9999-12-30T00:00:00Z")),
        ("zebra", 1, Value::Null),
        ("c", 5, json!("2026-12-01T00:00:00Z")),
    ] {
        write(
            &alice,
            json!({"title": title, "priority": priority, "due_at": due}),
        )
        .await;
        app.advance(Duration::from_secs(1));
    }

    for (list, wanted) in [
        ("/api/v2/todos", [6, 5, 4, 3, 2, 1]),
        ("/api/v2/todos?sort=-created_at", [6, 5, 4, 3, 2, 1]),
        ("/api/v2/todos?sort=-priority", [4, 2, 6, 5, 1, 3]),
        ("/api/v2/todos/priority", [4, 2, 6, 5, 1, 3]),
        // What has no date comes last.
        ("/api/v2/todos?sort=due_at", [3, 6, 2, 4, 1, 5]),
        ("/api/v2/todos?sort=title", [4, 2, 1, 3, 6, 5]),
    ] {
        assert_eq!(walk(&alice, list).await, wanted, "{list}");
    }
    for list in [
        "/api/v2/todos?sort=priority",
        "/api/v2/todos?sort=",
        "/api/v2/todos/priority?sort=title",
    ] {
        problem(&alice.get(list).await, 400, "invalid_query");
    }
    problem(
        &app.anonymous().get("/api/v2/todos/priority").await,
        401,
        "missing_token",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_are_found_by_date_and_by_words() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for (title, description, due) in [
        (
            "Café buchen",
            json!("für Zoë"),
            json!("2026-12-01T00:00:00Z"),
        ),
        ("Buy milk", Value::Null, json!("2026-12-02T00:00:00Z")),
        ("100% done_", json!("STRASSE"), Value::Null),
        ("令牌", json!("存取令牌"), Value::Null),
    ] {
        write(
            &alice,
            json!({"title": title, "description": description, "due_at": due}),
        )
        .await;
    }
    write(&bob, json!({"title": "Café"})).await;

    for (query, wanted) in [
        ("q=CAFE", vec![1]),
        ("q=caf%C3%A9", vec![1]),
        ("q=zoe%20buch", vec![1]),
        ("q=zoe%20milk", vec![]),
        ("q=milk", vec![2]),
        ("q=straße", vec![3]),
        ("q=%25", vec![3]),
        ("q=_", vec![3]),
        ("q='%22%5C", vec![]),
        ("q=令牌", vec![4]),
        ("q=%00", vec![]),
        ("q=", vec![4, 3, 2, 1]),
        ("q=%20", vec![4, 3, 2, 1]),
        ("due_before=2026-12-02T00:00:00Z", vec![1]),
        ("due_after=2026-12-01T00:00:00Z", vec![2]),
        (
            "due_after=0001-01-01T00:00:00Z&due_before=9999-12-30T00:00:00Z",
            vec![2, 1],
        ),
        (
            "due_before=2026-12-09T01:00:00%2B01:00&q=milk&priority=0&completed=false",
            vec![2],
        ),
    ] {
        let list = format!("/api/v2/todos?{query}");
        assert_eq!(walk(&alice, &list).await, wanted, "{query}");
        let total = alice
            .get(&format!("{list}&total=true"))
            .await
            .expect(200)
            .json();
        assert_eq!(total["total"], wanted.len(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_means_nothing_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let many = "a+".repeat(11);
    for query in [
        "due_before=yesterday",
        "due_after=0000-01-01T00:00:00Z",
        "due_before=275760-09-13T00:00:00Z",
        "due_before=2026-12-01",
        &format!("q={many}"),
        "completed=yes",
        "priority=high",
    ] {
        let answer = alice.get(&format!("/api/v2/todos?{query}")).await;
        problem(&answer, 400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_is_found_by_what_it_is_now() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write(&alice, json!({"title": "One", "description": "eins"})).await;
    let patch = async |body: Value| drop(alice.patch("/api/v2/todos/1", &body).await.expect(200));
    let found = async |word: &str| {
        !walk(&alice, &format!("/api/v2/todos?q={word}"))
            .await
            .is_empty()
    };

    patch(json!({"title": "Two"})).await;
    assert_eq!(
        (found("one").await, found("two").await, found("eins").await),
        (false, true, true)
    );
    patch(json!({"description": null})).await;
    assert_eq!((found("two").await, found("eins").await), (true, false));
    alice
        .put("/api/v1/todos/1", &json!({"description": "drei"}))
        .await
        .expect(200);
    assert_eq!((found("two").await, found("drei").await), (true, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_of_before_are_found_and_sorted_too() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for title in ["Zebra", "Ärger", "milk"] {
        write_todo(&alice, title).await;
    }
    let token = alice.token().to_owned();
    let database = app.stop().await;
    execute(
        &database,
        "UPDATE todos SET title_key = '', description_key = ''",
    )
    .await;

    let app = TestApp::spawn_on(database, &["--env", "testing"]).await;
    let alice = app.with_token(&token);

    assert_eq!(walk(&alice, "/api/v2/todos?sort=title").await, [2, 3, 1]);
    assert_eq!(walk(&alice, "/api/v2/todos?q=arger").await, [2]);
}

/// Whoever pages through a list while others write sees each todo that was there all the time once.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_twice_or_missed_while_others_write() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for number in 0..30 {
        let due = (number % 3 > 0).then(|| format!("2026-12-0{}T00:00:00Z", 1 + number % 5));
        let body =
            json!({"title": format!("t{}", number % 7), "priority": number % 4, "due_at": due});
        write(&alice, body).await;
    }

    for sort in ["-created_at", "-priority", "due_at", "title"] {
        let all = walk(&alice, &format!("/api/v2/todos?sort={sort}")).await;
        let gone = [all[1], all[10], all[20]];
        let writer = alice.clone();
        let writing = tokio::spawn(async move {
            for id in gone {
                writer
                    .delete(&format!("/api/v2/todos/{id}"))
                    .await
                    .expect(200);
                for priority in [0, 3, 9] {
                    let due = "2026-12-03T00:00:00Z";
                    write(
                        &writer,
                        json!({"title": "t3", "priority": priority, "due_at": due}),
                    )
                    .await;
                }
            }
        });
        let seen = walk(&alice, &format!("/api/v2/todos?sort={sort}")).await;
        writing.await.unwrap();

        let once: BTreeSet<_> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "{sort}: {seen:?}");
        let stayed = all.iter().filter(|id| !gone.contains(id));
        for id in stayed {
            assert!(once.contains(id), "{sort}: {id} is missed in {seen:?}");
        }
    }
}
