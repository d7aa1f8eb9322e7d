//! Pages of posts in every order while others write and delete, and cursors that somebody made.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Cursor, ListName};
use serde_json::{Value, json};

use super::{ids, problem, write_post, write_with};
use crate::support::{Client, TestApp};

const ORDERS: [&str; 4] = ["-published_at", "published_at", "-updated_at", "title"];

/// Reads a list to its end; says how often each post was shown.
async fn walk(reader: &Client, list: &str) -> BTreeMap<i64, u32> {
    let (mut shown, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let page = reader
            .get(&format!("{list}{cursor}"))
            .await
            .expect(200)
            .json();
        for post in page["posts"].as_array().unwrap() {
            *shown.entry(post["id"].as_i64().unwrap()).or_default() += 1;
        }
        let Value::String(next) = &page["next_cursor"] else {
            return shown;
        };
        cursor = format!("&cursor={next}");
    }
}

/// Writes posts among those that are there in every order, and deletes half of them.
async fn disturb(app: &TestApp, author: &Client, rounds: usize) {
    for round in 0..rounds {
        let title = format!("{} {round}", ["Aa", "mm", "Zz"][round % 3]);
        let date = format!("20{:02}-06-01T00:00:00Z", round % 20);
        let new = json!({"title": title, "published_at": date, "tags": ["walk"]});
        let post = write_with(author, new).await;
        app.advance(Duration::from_micros(500));
        if round % 2 == 0 {
            let path = format!("/api/v2/posts/{}", post["id"]);
            author.delete(&path).await.expect(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_twice_or_missed_in_any_order_while_others_write_and_delete() {
    let app = TestApp::spawn().await;
    let (alice, bob, reader) = (
        app.user("alice").await,
        app.user("bob").await,
        app.anonymous(),
    );
    for number in 0..24 {
        // Many of one title and one moment: ties go by number.
        let title = format!("{} title", ["b", "É", "n", "x"][number % 4]);
        let date = format!("20{:02}-01-01T00:00:00Z", number % 6);
        write_with(
            &alice,
            json!({"title": title, "published_at": date, "tags": ["walk"]}),
        )
        .await;
    }
    let stayed: BTreeSet<i64> = (1..=24).collect();

    for order in ORDERS {
        for filter in ["", "&tag=walk", "&category=general"] {
            let list = format!("/api/v2/posts?limit=3&sort={order}{filter}");
            let (shown, ()) = tokio::join!(walk(&reader, &list), disturb(&app, &bob, 12));

            let missed: Vec<_> = stayed.iter().filter(|id| !shown.contains_key(id)).collect();
            let twice: Vec<_> = shown.iter().filter(|(_, times)| **times > 1).collect();
            assert!(
                missed.is_empty() && twice.is_empty(),
                "{list}: {missed:?} {twice:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_order() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for title in ["One", "Two"] {
        write_post(&alice, title).await;
    }

    for from in ORDERS {
        let page = alice
            .get(&format!("/api/v2/posts?limit=1&sort={from}"))
            .await
            .json();
        let cursor = page["next_cursor"].as_str().unwrap();
        for to in ORDERS {
            let list = format!("/api/v2/posts?limit=1&sort={to}&cursor={cursor}");
            let answer = alice.get(&list).await;
            if from == to {
                assert_eq!(
                    answer.expect(200).json()["posts"].as_array().unwrap().len(),
                    1
                );
            } else {
                problem(&answer, 400, "invalid_cursor");
            }
        }
        let filtered = format!("/api/v2/posts?limit=1&sort={from}&tag=a&cursor={cursor}");
        problem(&alice.get(&filtered).await, 400, "invalid_cursor");
        for at in 0..cursor.len() {
            let other = if cursor[at..].starts_with('A') {
                "B"
            } else {
                "A"
            };
            let forged = format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]);
            let list = format!("/api/v2/posts?limit=1&sort={from}&cursor={forged}");
            problem(&alice.get(&list).await, 400, "invalid_cursor");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_made_ahead_of_now_shows_nothing_that_is_scheduled() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    write_with(&alice, json!({"tags": ["a"]})).await;
    let scheduled =
        json!({"status": "scheduled", "published_at": "2027-01-01T00:00:00Z", "tags": ["a"]});
    write_with(&alice, scheduled).await;
    write_with(&alice, json!({"status": "draft", "tags": ["a"]})).await;
    let lowest = Cursor::of(i64::MIN, i64::MIN);
    let lists = [
        ("/api/v2/posts?", Cursor::HIGHEST),
        ("/api/v2/posts?tag=a&", Cursor::HIGHEST),
        ("/api/v2/posts?sort=published_at&", lowest.clone()),
        ("/api/v2/posts?tag=a&sort=published_at&", lowest),
        ("/api/v2/posts?sort=-updated_at&", Cursor::HIGHEST),
    ];

    for (list, cursor) in lists {
        let forged = cursor.encode(ListName::of(list));
        assert_eq!(
            ids(&reader, &format!("{list}cursor={forged}")).await,
            [1],
            "{list}"
        );
    }
    let list = "/api/v2/posts?sort=title&";
    let forged = Cursor::of(String::new(), i64::MIN).encode(ListName::by_text(list));
    assert_eq!(ids(&reader, &format!("{list}cursor={forged}")).await, [1]);
    let forged = Cursor::of("a\0".to_owned(), 1).encode(ListName::by_text(list));
    let answer = reader.get(&format!("{list}cursor={forged}")).await;
    problem(&answer, 400, "invalid_cursor");
}
