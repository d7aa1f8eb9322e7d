//! Pages of lists: limits, cursors, filters, links.

use std::time::Duration;

use serde_json::{Value, json};

use super::{column, problem, write_post, write_todo, wrong_fields};
use crate::support::{Client, TestApp};

/// All the pages of a list, each by the cursor of the one before.
async fn pages(client: &Client, list: &str) -> Vec<Value> {
    let mut pages = vec![client.get(list).await.expect(200).json()];
    while let Some(cursor) = pages.last().unwrap()["next_cursor"].as_str() {
        let next = format!("{list}&cursor={cursor}");
        pages.push(client.get(&next).await.expect(200).json());
    }
    pages
}

async fn write_posts(author: &Client, count: usize) {
    for number in 1..=count {
        write_post(author, &format!("Post {number}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_one_to_a_hundred_and_never_capped() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for list in ["/api/v2/posts", "/api/v2/todos"] {
        for limit in ["1", "100", "007"] {
            let answer = alice.get(&format!("{list}?limit={limit}")).await;
            assert_eq!(answer.status, 200, "{limit}");
        }
        for limit in [
            "0", "000", "abc", "1e9", "-1", "", "%2B5", "5.0", "%005", "١",
        ] {
            let answer = alice.get(&format!("{list}?limit={limit}")).await;
            let body = problem(&answer, 400, "invalid_query");
            assert_eq!(body["errors"][0]["field"], "limit");
        }
        for limit in ["101", "1000000000", "99999999999999999999999"] {
            let answer = alice.get(&format!("{list}?limit={limit}")).await;
            let body = problem(&answer, 400, "limit_too_large");
            assert_eq!(body["errors"][0]["field"], "limit");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_twenty_rows_unless_a_limit_is_named() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_posts(&alice, 21).await;

    let page = app.anonymous().get("/api/v2/posts").await.json();

    assert_eq!(page["posts"].as_array().unwrap().len(), 20);
    assert!(page["next_cursor"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_come_newest_first_and_of_one_moment_by_id() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_posts(&alice, 3).await;
    app.advance(Duration::from_secs(1));
    write_posts(&alice, 2).await;
    // A change does not move a post.
    let patch = json!({"title": "Changed"});
    alice.patch("/api/v2/posts/1", &patch).await.expect(200);

    let pages = pages(&app.anonymous(), "/api/v2/posts?limit=2").await;

    let ids: Vec<_> = pages
        .iter()
        .map(|page| column(page, "posts", "id"))
        .collect();
    assert_eq!(ids, [vec![5, 4], vec![3, 2], vec![1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_come_newest_first_and_of_one_moment_by_id() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        write_todo(&alice, "T").await;
    }
    app.advance(Duration::from_micros(1));
    write_todo(&alice, "T").await;

    let pages = pages(&alice, "/api/v2/todos?limit=2").await;

    let ids: Vec<_> = pages
        .iter()
        .map(|page| column(page, "todos", "id"))
        .collect();
    assert_eq!(ids, [vec![4, 3], vec![2, 1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_page_that_is_full_leads_nowhere() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_posts(&alice, 2).await;

    let page = app.anonymous().get("/api/v2/posts?limit=2").await;

    assert_eq!(page.json()["next_cursor"], Value::Null);
    assert!(!page.headers.contains_key("link"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_where_the_cursor_does() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let odd = json!({"title": "T", "content": "", "category": "a&b=c>; rel=\"d\" ü"});
    for _ in 0..3 {
        alice.post("/api/v2/posts", &odd).await.expect(201);
        write_todo(&alice, "T").await;
    }
    let category = "a%26b%3Dc%3E%3B%20rel%3D%22d%22%20%C3%BC";

    for list in [
        format!("/api/v2/posts?user_id=1&category={category}&limit=2"),
        "/api/v2/todos?completed=false&priority=0&limit=2".to_owned(),
    ] {
        let first = alice.get(&list).await.expect(200);
        let link = first
            .header("link")
            .strip_suffix(">; rel=\"next\"")
            .unwrap();
        let by_link = alice.get(link.strip_prefix('<').unwrap()).await.expect(200);

        let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
        let by_cursor = alice.get(&format!("{list}&cursor={cursor}")).await;
        assert_eq!(by_link.body, by_cursor.body);
        assert!(by_link.text().contains("\"id\":1,"), "{}", by_link.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_may_change_from_page_to_page() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_posts(&alice, 5).await;
    let reader = app.anonymous();

    let first = reader.get("/api/v2/posts?limit=1").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = format!("/api/v2/posts?cursor={cursor}&limit=3");
    let second = reader.get(&second).await.expect(200).json();

    assert_eq!(column(&first, "posts", "id"), [5]);
    assert_eq!(column(&second, "posts", "id"), [4, 3, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_serves_its_own_list_alone() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..2 {
        write_post(&alice, "T").await;
        write_todo(&alice, "T").await;
    }
    let lists = [
        "/api/v2/posts?limit=1",
        "/api/v2/posts?limit=1&user_id=1",
        "/api/v2/posts?limit=1&category=general",
        "/api/v2/todos?limit=1",
        "/api/v2/todos?limit=1&completed=false",
        "/api/v2/todos?limit=1&priority=0",
    ];

    for from in lists {
        let page = alice.get(from).await.expect(200).json();
        let cursor = page["next_cursor"].as_str().unwrap();
        for to in lists {
            let answer = alice.get(&format!("{to}&cursor={cursor}")).await;
            if to == from {
                answer.expect(200);
            } else {
                problem(&answer, 400, "invalid_cursor");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_tampered_with_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_posts(&alice, 2).await;
    let reader = app.anonymous();
    let page = reader.get("/api/v2/posts?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let changed = (0..cursor.len()).map(|at| {
        let other = if cursor[at..].starts_with('A') {
            "B"
        } else {
            "A"
        };
        format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
    });
    let nonsense = ["", "x", "%00", "%FF", "AAAA", "null", "-1", "1", "=", "🦀"];
    let longer = [format!("{cursor}A"), format!("{cursor}="), "A".repeat(4000)];
    let shorter = [cursor[1..].to_owned(), cursor[..31].to_owned()];

    let all = changed
        .chain(nonsense.map(str::to_owned))
        .chain(longer)
        .chain(shorter);
    for text in all {
        let answer = reader.get(&format!("/api/v2/posts?cursor={text}")).await;
        let body = problem(&answer, 400, "invalid_cursor");
        let wanted = [("cursor".to_owned(), "invalid_cursor".to_owned())];
        assert_eq!(wrong_fields(&body), wanted, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_filtered_by_author_and_category() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for (author, category) in [(&alice, "a"), (&alice, "b"), (&bob, "a"), (&bob, "b")] {
        let new = json!({"title": "T", "content": "", "category": category});
        author.post("/api/v2/posts", &new).await.expect(201);
    }
    let cases = [
        ("user_id=1", vec![2, 1]),
        ("category=a", vec![3, 1]),
        ("category=b&user_id=2", vec![4]),
        ("user_id=3", vec![]),
        ("user_id=-1", vec![]),
        ("user_id=0", vec![]),
        ("category=A", vec![]),
        ("category=", vec![]),
        ("category=%00", vec![]),
        // The first one counts.
        ("category=a&category=b", vec![3, 1]),
    ];

    for (filter, ids) in cases {
        let page = app
            .anonymous()
            .get(&format!("/api/v2/posts?{filter}"))
            .await;
        assert_eq!(
            column(&page.expect(200).json(), "posts", "id"),
            ids,
            "{filter}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_are_filtered_by_completed_and_priority() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for (completed, priority) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
        let new = json!({"title": "T", "completed": completed, "priority": priority});
        alice.post("/api/v2/todos", &new).await.expect(201);
    }
    let cases = [
        ("completed=true", vec![4, 3]),
        ("completed=false", vec![2, 1]),
        ("priority=1", vec![4, 2]),
        ("priority=0&completed=true", vec![3]),
        ("priority=10", vec![]),
    ];

    for (filter, ids) in cases {
        let page = alice.get(&format!("/api/v2/todos?{filter}")).await;
        assert_eq!(
            column(&page.expect(200).json(), "todos", "id"),
            ids,
            "{filter}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_filter_or_one_without_sense_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let cases = [
        ("/api/v2/posts?user=1", "user"),
        ("/api/v2/posts?completed=true", "completed"),
        ("/api/v2/posts?=", ""),
        ("/api/v2/posts?Limit=5", "Limit"),
        ("/api/v2/posts?user_id=alice", "user_id"),
        ("/api/v2/posts?user_id=", "user_id"),
        ("/api/v2/posts?user_id=1.0", "user_id"),
        ("/api/v2/posts?user_id=9223372036854775808", "user_id"),
        ("/api/v2/todos?user_id=1", "user_id"),
        ("/api/v2/todos?completed=yes", "completed"),
        ("/api/v2/todos?completed=", "completed"),
        ("/api/v2/todos?completed=TRUE", "completed"),
        ("/api/v2/todos?priority=high", "priority"),
    ];

    for (path, field) in cases {
        let body = problem(&alice.get(path).await, 400, "invalid_query");
        let wanted = [(field.to_owned(), "invalid_query".to_owned())];
        assert_eq!(wrong_fields(&body), wanted, "{path}");
    }
}
