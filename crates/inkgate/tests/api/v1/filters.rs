//! Filters and bounds of lists: what they do not understand they ignore.

use serde_json::{Value, json};

use super::{each, id_of, write_post, write_todo};
use crate::support::{Client, TestApp};

/// Posts of alice (1, 2) and bob (3), and todos of alice (1 and 3 done, 2 not).
async fn app_with_rows() -> (TestApp, Client) {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    for (client, title) in [(&alice, "one"), (&alice, "two"), (&bob, "three")] {
        write_post(client, title).await;
    }
    for title in ["one", "two", "three"] {
        let todo = write_todo(&alice, title).await;
        let completed = json!({"completed": title != "two"});
        alice.put(&todo, &completed).await.expect(200);
    }
    assert_eq!((id_of(&alice).await, id_of(&bob).await), (1, 2));
    (app, alice)
}

async fn numbers(client: &Client, list: &str, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/{list}?{query}")).await;
    each(&answer.expect(200), "id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_id_filters_posts_as_python_reads_an_integer() {
    let (app, _) = app_with_rows().await;
    let [all, of_alice, of_bob, nobodys]: [&[i64]; 4] = [&[1, 2, 3], &[1, 2], &[3], &[]];

    for (query, wanted) in [
        ("user_id=1", of_alice),
        ("user_id=2", of_bob),
        ("user_id=02", of_bob),
        ("user_id=%2B2", of_bob),
        ("user_id=%202", of_bob),
        ("user_id=2%09", of_bob),
        ("user_id=+2+", of_bob),
        ("user_id=", all),
        ("user_id", all),
        ("user_id=0", all),
        ("user_id=-0", all),
        ("user_id=abc", all),
        ("user_id=2.0", all),
        ("user_id=1_0", all),
        ("user_id=2_", all),
        ("user_id=%2B", all),
        ("user_id=--2", all),
        ("user_id=2%00", all),
        ("user_id=%FF", all),
        ("USER_ID=2", all),
        ("user_id=9999", nobodys),
        ("user_id=-1", nobodys),
        ("user_id=9223372036854775807", nobodys),
        ("user_id=9223372036854775808", nobodys),
        ("user_id=99999999999999999999", nobodys),
        ("user_id=-99999999999999999999", nobodys),
        ("user_id=2&user_id=1", of_bob),
        ("user_id=abc&user_id=2", all),
        ("category=tech", all),
        ("nonsense=1&user_id=2", of_bob),
    ] {
        let found = numbers(&app.anonymous(), "posts", query).await;

        assert_eq!(found, wanted, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_id_filters_todos_alike() {
    let (_app, alice) = app_with_rows().await;
    let [own, nobodys]: [&[i64]; 2] = [&[1, 2, 3], &[]];

    for (query, wanted) in [
        ("user_id=1", own),
        ("user_id=%201", own),
        ("user_id=", own),
        ("user_id=0", own),
        ("user_id=1_0", own),
        ("user_id=2", nobodys),
        ("user_id=-1", nobodys),
        ("user_id=99999999999999999999", nobodys),
        ("user_id=1&user_id=2", own),
        ("user_id=2&user_id=1", nobodys),
    ] {
        assert_eq!(numbers(&alice, "todos", query).await, wanted, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn completed_is_true_in_any_case_and_everything_else_is_false() {
    let (_app, alice) = app_with_rows().await;
    let [done, open, both]: [&[i64]; 3] = [&[1, 3], &[2], &[1, 2, 3]];

    for (query, wanted) in [
        ("completed=true", done),
        ("completed=TRUE", done),
        ("completed=tRuE", done),
        ("completed=false", open),
        ("completed=1", open),
        ("completed=yes", open),
        ("completed=banana", open),
        ("completed=%20true", open),
        ("completed=", open),
        ("completed", open),
        ("completed=true&completed=false", done),
        ("completed=true&user_id=1", done),
        ("priority=2", both),
        ("", both),
    ] {
        assert_eq!(numbers(&alice, "todos", query).await, wanted, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_and_after_bound_every_list() {
    let (app, alice) = app_with_rows().await;
    app.user("carol").await;
    let all: &[i64] = &[1, 2, 3];

    for (query, wanted) in [
        ("limit=2", &all[..2]),
        ("limit=1&after=1", &all[1..2]),
        ("limit=3", all),
        ("limit=4", all),
        ("after=1", &all[1..]),
        ("after=3", &[]),
        ("after=9999", &[]),
        ("after=%201", &all[1..]),
        ("limit=0", all),
        ("limit=-1", all),
        ("limit=abc", all),
        ("limit=", all),
        ("limit=1.5", all),
        ("limit=1e9", all),
        ("after=0", all),
        ("after=-1", all),
        ("after=abc", all),
        ("after=", all),
        ("limit=9223372036854775807", all),
        ("limit=99999999999999999999", all),
        ("limit=-99999999999999999999", all),
        ("after=9223372036854775807", &[]),
        ("after=99999999999999999999", &[]),
        ("after=-99999999999999999999", all),
        ("limit=1&limit=2", &all[..1]),
        ("after=2&after=0", &all[2..]),
    ] {
        for list in ["users", "posts", "todos", "users/1/todos"] {
            assert_eq!(numbers(&alice, list, query).await, wanted, "{list}?{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_bounds_work_together() {
    let (_app, alice) = app_with_rows().await;

    for (list, query, wanted) in [
        ("posts", "user_id=1&limit=1", vec![1]),
        ("posts", "user_id=1&after=1", vec![2]),
        ("posts", "user_id=1&after=2", vec![]),
        ("posts", "user_id=-1&limit=2", vec![]),
        ("todos", "completed=true&limit=1", vec![1]),
        ("todos", "completed=true&after=1", vec![3]),
        ("todos", "completed=false&after=2", vec![]),
    ] {
        assert_eq!(numbers(&alice, list, query).await, wanted, "{list}?{query}");
    }
}
