//! Lists of posts: every filter, every order.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ids, problem, write_with};
use crate::support::{Client, TestApp};

/// Six posts of two authors, a day apart, that differ in all that can be filtered by.
async fn library(app: &TestApp) -> (Client, Client) {
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let posts = [
        (&alice, "banana", "fruit", "One", "en", vec!["a"]),
        (&bob, "Äpfel", "fruit", "One", "de", vec!["a", "b"]),
        (&alice, "cherry", "Fruit", "Two", "en", vec!["b"]),
        (&bob, "apple 10", "nuts", "Two", "en-GB", vec![]),
        (&alice, "Banana", "nuts", "one", "en", vec!["A"]),
        (&bob, "  zebra", "animals", "ö/&=?", "en", vec!["b", "a"]),
    ];
    for ((author, title, category, series, language, tags), day) in posts.into_iter().zip(1..) {
        let date = format!("2020-01-0{day}T00:00:00Z");
        let new = json!({
            "title": title, "category": category, "series": series, "language": language,
            "tags": tags, "published_at": date,
        });
        write_with(author, new).await;
        app.advance(Duration::from_secs(1));
    }
    (alice, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_its_posts_in_every_order() {
    let app = TestApp::spawn().await;
    library(&app).await;
    let reader = app.anonymous();
    let cases = [
        ("", vec![1, 2, 3, 4, 5, 6]),
        ("user_id=1", vec![1, 3, 5]),
        ("author=bob", vec![2, 4, 6]),
        ("author=BOB", vec![2, 4, 6]),
        ("author=nobody", vec![]),
        ("author=%00", vec![]),
        ("author=", vec![]),
        ("author=bob&user_id=1", vec![]),
        ("category=fruit", vec![1, 2]),
        ("series=One", vec![1, 2]),
        ("series=%C3%B6%2F%26%3D%3F", vec![6]),
        ("series=%00", vec![]),
        ("language=en", vec![1, 3, 5, 6]),
        ("language=%00", vec![]),
        ("tag=a", vec![1, 2, 5, 6]),
        ("tag=a&tag=b", vec![2, 6]),
        (
            "tag=a&category=fruit&language=de&series=One&author=bob&user_id=2",
            vec![2],
        ),
        ("published_after=2020-01-04T00:00:00Z", vec![5, 6]),
        ("published_before=2020-01-03T00:00:00Z", vec![1, 2]),
        (
            "published_after=2020-01-02T01:00:00%2B01:00&published_before=2020-01-04T00:00:00Z",
            vec![3],
        ),
        (
            "published_after=2020-01-03T23:59:59.999Z&published_before=2020-01-04T00:00:00.001Z&tag=x",
            vec![],
        ),
        ("published_after=9999-12-30T00:00:00Z", vec![]),
        ("published_before=0001-01-01T00:00:00Z", vec![]),
        ("status=published&tag=b", vec![2, 3, 6]),
    ];

    for (filter, wanted) in cases {
        for (sort, order) in [
            ("-published_at", [6, 5, 4, 3, 2, 1]),
            ("published_at", [1, 2, 3, 4, 5, 6]),
            ("-updated_at", [6, 5, 4, 3, 2, 1]),
            ("title", [2, 4, 1, 5, 3, 6]),
        ] {
            let list = format!("/api/v2/posts?{filter}&sort={sort}&total=true");
            let list = list.replace("?&", "?");
            let wanted: Vec<_> = order.into_iter().filter(|id| wanted.contains(id)).collect();
            assert_eq!(ids(&reader, &list).await, wanted, "{list}");
            let total = reader.get(&list).await.json()["total"].clone();
            assert_eq!(total, wanted.len(), "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_or_order_without_sense_is_refused() {
    let app = TestApp::spawn().await;
    let (alice, _) = library(&app).await;

    for query in [
        "published_after=yesterday",
        "published_after=",
        "published_before=2020-01-01",
        "published_after=0000-01-01T00:00:00Z",
        "published_before=%2B275760-09-13T00:00:00Z",
        "published_before=275760-09-13T00:00:00Z",
        "published_after=-000001-01-01T00:00:00Z",
        "status=trashed",
        "status=",
        "status=DRAFT",
        "sort=",
        "sort=id",
        "sort=-title",
        "sort=updated_at",
        "sort=published_at,title",
        "sort=-published_at%00",
        "user_id=%00",
        "total=yes",
        "tags=a",
        "Tag=a",
    ] {
        let answer = alice.get(&format!("/api/v2/posts?{query}")).await;
        problem(&answer, 400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_by_what_was_changed_last() {
    let app = TestApp::spawn().await;
    let (alice, _) = library(&app).await;
    let reader = app.anonymous();

    let patch = json!({"pinned": true});
    alice.patch("/api/v2/posts/3", &patch).await.expect(200);

    let list = "/api/v2/posts?sort=-updated_at&limit=2";
    assert_eq!(ids(&reader, list).await, [3, 6]);
    // Pinning is a field, and no order.
    assert_eq!(ids(&reader, "/api/v2/posts?limit=2").await, [6, 5]);
    let renamed = json!({"title": "Zz"});
    alice.patch("/api/v2/posts/1", &renamed).await.expect(200);
    assert_eq!(
        ids(&reader, "/api/v2/posts?sort=title").await,
        [2, 4, 5, 3, 6, 1]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_five_newest_are_recent() {
    let app = TestApp::spawn().await;
    let (alice, _) = library(&app).await;
    let reader = app.anonymous();
    let recent = "/api/v2/posts/recent";

    assert_eq!(ids(&reader, recent).await, [6, 5, 4, 3, 2]);
    let shown = reader.get(recent).await;
    assert_eq!(shown.json().as_object().unwrap().len(), 1);
    let first = reader.get("/api/v2/posts?limit=5").await.json();
    assert_eq!(shown.json()["posts"], first["posts"]);
    alice.delete("/api/v2/posts/5").await.expect(200);
    assert_eq!(ids(&reader, recent).await, [6, 4, 3, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_public_is_filtered_and_sorted_alike() {
    let app = TestApp::spawn().await;
    let (alice, _) = library(&app).await;
    for id in [1, 3, 5] {
        let path = format!("/api/v2/posts/{id}/unpublish");
        alice.post(&path, &json!({})).await.expect(200);
    }
    let undated = json!({"status": "draft", "title": "aaa", "tags": ["a"]});
    write_with(&alice, undated).await;

    for (query, wanted) in [
        ("", vec![7, 5, 3, 1]),
        ("&sort=published_at", vec![1, 3, 5, 7]),
        ("&sort=title", vec![7, 1, 5, 3]),
        ("&tag=a", vec![7, 5, 1]),
        ("&tag=a&category=nuts", vec![5]),
        ("&author=bob", vec![]),
        ("&user_id=2", vec![]),
        ("&published_before=2020-01-04T00:00:00Z", vec![3, 1]),
    ] {
        let list = format!("/api/v2/posts?status=draft{query}");
        assert_eq!(ids(&alice, &list).await, wanted, "{query}");
        let mut paged: Vec<i64> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = alice
                .get(&format!("{list}&limit=1{cursor}"))
                .await
                .expect(200)
                .json();
            let posts = page["posts"].as_array().unwrap().iter();
            paged.extend(posts.filter_map(|post| post["id"].as_i64()));
            let Value::String(next) = &page["next_cursor"] else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, wanted, "{query}");
    }
}
