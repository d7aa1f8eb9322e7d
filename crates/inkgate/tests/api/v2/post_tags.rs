//! Tags: how they are written, folded and found.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ids, problem, write_with, wrong_fields};
use crate::support::{Client, TestApp};

async fn tagged(author: &Client, tags: Value) -> Value {
    write_with(author, json!({"tags": tags})).await
}

async fn found(reader: &Client, query: &str) -> Vec<i64> {
    ids(reader, &format!("/api/v2/posts?{query}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_stay_as_typed_in_order_and_each_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for (typed, kept) in [
        (
            json!(["web", "Rust", "async"]),
            json!(["web", "Rust", "async"]),
        ),
        (json!(["Rust", "rust", "RUST", "ＲＵＳＴ"]), json!(["Rust"])),
        (json!([" two  words ", "two words"]), json!(["two  words"])),
        (json!(["café", "cafe"]), json!(["café", "cafe"])),
        (json!(["Straße", "STRASSE"]), json!(["Straße"])),
        (
            json!(["🦀", "令牌", "\u{202e}x"]),
            json!(["🦀", "令牌", "\u{202e}x"]),
        ),
        (json!([]), json!([])),
        (json!(null), json!([])),
    ] {
        let post = tagged(&alice, typed).await;
        assert_eq!(post["tags"], kept);
        let path = format!("/api/v2/posts/{}", post["id"]);
        assert_eq!(app.anonymous().get(&path).await.json()["tags"], kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_found_however_it_is_spelled() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    tagged(&alice, json!(["Rust"])).await;
    tagged(&alice, json!(["ＲＵＳＴ"])).await;
    tagged(&alice, json!(["rusty"])).await;

    for spelled in ["rust", "RUST", "%20rust%20", "%EF%BC%B2ust"] {
        assert_eq!(
            found(&reader, &format!("tag={spelled}")).await,
            [2, 1],
            "{spelled}"
        );
    }
    for other in ["rus", "r%25", "rust%00", "", "%00"] {
        assert_eq!(
            found(&reader, &format!("tag={other}")).await,
            [0i64; 0],
            "{other}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_tags_find_what_has_all_of_them() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    for tags in [
        json!(["a"]),
        json!(["a", "b"]),
        json!(["b", "a", "c"]),
        json!(["b", "c"]),
    ] {
        tagged(&alice, tags).await;
    }

    for sort in ["", "&sort=title", "&sort=published_at"] {
        for (query, wanted) in [
            ("tag=a", vec![1, 2, 3]),
            ("tag=a&tag=b", vec![2, 3]),
            ("tag=B&tag=A&tag=c", vec![3]),
            ("tag=a&tag=a", vec![1, 2, 3]),
            ("tag=a&tag=nothing", vec![]),
            ("tag=nothing&tag=a", vec![]),
            ("tag=c&user_id=1&category=general", vec![3, 4]),
        ] {
            let mut found = found(&reader, &format!("{query}{sort}")).await;
            found.sort_unstable();
            assert_eq!(found, wanted, "{query}{sort}");
        }
    }
    let ten = "tag=a&".repeat(10);
    assert_eq!(found(&reader, &ten.trim_end_matches('&')).await, [3, 2, 1]);
    let eleven = reader.get(&format!("/api/v2/posts?{ten}tag=a")).await;
    problem(&eleven, 400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_tags_are_whole() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    for number in 0..7 {
        tagged(&alice, json!(["a", "b"])).await;
        if number % 3 == 0 {
            app.advance(Duration::from_millis(1));
        }
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());

    loop {
        let list = format!("/api/v2/posts?tag=a&tag=b&limit=2{cursor}");
        let page = reader.get(&list).await.expect(200).json();
        let posts = page["posts"].as_array().unwrap().iter();
        seen.extend(posts.map(|post| post["id"].as_i64().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }

    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_a_tag_follows_whatever_happens_to_a_post() {
    let app = TestApp::spawn_with(&["--env", "testing", "--cache-bytes", "1000000"]).await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    tagged(&alice, json!(["a"])).await;
    let path = "/api/v2/posts/1";
    let nothing: Vec<i64> = Vec::new();
    let lists = async || (found(&reader, "tag=a").await, found(&reader, "tag=b").await);
    let act = async |verb: &str| {
        let answer = alice.post(&format!("{path}/{verb}"), &json!({})).await;
        answer.expect(200);
    };
    assert_eq!(lists().await, (vec![1], nothing.clone()));

    alice.patch(path, &json!({"tags": ["b"]})).await.expect(200);
    assert_eq!(lists().await, (nothing.clone(), vec![1]));
    for (hide, show) in [("unpublish", "publish"), ("archive", "publish")] {
        act(hide).await;
        assert_eq!(lists().await, (nothing.clone(), nothing.clone()), "{hide}");
        act(show).await;
        assert_eq!(lists().await, (nothing.clone(), vec![1]));
    }
    alice.delete(path).await.expect(200);
    assert_eq!(lists().await, (nothing.clone(), nothing.clone()));
    act("restore").await;
    assert_eq!(lists().await, (nothing.clone(), vec![1]));
    alice.patch(path, &json!({"tags": null})).await.expect(200);
    assert_eq!(lists().await, (nothing.clone(), nothing.clone()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tag_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    tagged(&alice, json!(["a"])).await;
    let many = |count: usize| {
        (0..count)
            .map(|number| format!("t{number}"))
            .collect::<Vec<_>>()
    };

    for tags in [
        json!("a"),
        json!({"a": 1}),
        json!([5]),
        json!([null]),
        json!([["a"]]),
        json!([""]),
        json!([" \t"]),
        json!(["a\0"]),
        json!(["a\nb"]),
        json!(["x".repeat(51)]),
        json!(many(21)),
        json!(many(10_000)),
        json!(["a", "b", 5]),
    ] {
        let new = json!({"title": "T", "content": "", "tags": tags});
        for answer in [
            alice.post("/api/v2/posts", &new).await,
            alice.patch("/api/v2/posts/1", &json!({"tags": tags})).await,
        ] {
            let body = problem(&answer, 422, "invalid");
            assert_eq!(
                wrong_fields(&body),
                [("tags".to_owned(), "invalid".to_owned())]
            );
            assert!(
                answer.body.len() < 2000,
                "an answer of {} bytes",
                answer.body.len()
            );
        }
    }
    assert_eq!(alice.get("/api/v2/posts/1").await.json()["version"], 1);
    let post = tagged(&alice, json!(many(20))).await;
    assert_eq!(post["tags"], json!(many(20)));
    let longest = "é".repeat(50);
    assert_eq!(
        tagged(&alice, json!([longest])).await["tags"],
        json!([longest])
    );
}
