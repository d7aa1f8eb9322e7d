//! Entity tags, and requests that depend on them.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use super::{column, problem, write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

/// Sends `body` under the condition that the version is that of `tag`.
async fn if_match(client: &Client, method: Method, path: &str, tag: &str, body: &Value) -> Answer {
    let request = client.request(method, path).header(IF_MATCH, tag);
    client.send(request.json(body)).await
}

async fn if_none_match(client: &Client, path: &str, tag: &str) -> Answer {
    let request = client.request(Method::GET, path);
    client.send(request.header(IF_NONE_MATCH, tag)).await
}

/// The parts of `"<version>-<hash>"`.
#[track_caller]
fn parts(tag: &str) -> (String, String) {
    let inner = tag.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
    let (version, hash) = inner.split_once('-').unwrap();
    (version.to_owned(), hash.to_owned())
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_the_version_and_a_hash_of_the_body() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = [write_post(&alice, "T").await, write_todo(&alice, "T").await];

    for (path, made) in ["/api/v2/posts/1", "/api/v2/todos/1"].iter().zip(made) {
        let patched = alice.patch(path, &json!({"title": "U"})).await.expect(200);
        let back = alice.patch(path, &json!({"title": "T"})).await.expect(200);

        let tags = [&made, &patched, &back].map(|answer| parts(answer.header("etag")));
        let versions: Vec<_> = tags.iter().map(|(version, _)| version.as_str()).collect();
        assert_eq!(versions, ["1", "2", "3"]);
        assert!(tags.iter().all(|(_, hash)| is_hash(hash)), "{tags:?}");
        assert_ne!(tags[0].1, tags[1].1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_s_tag_is_the_hash_alone_and_changes_with_its_rows() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    write_todo(&alice, "T").await;

    for list in ["/api/v2/posts", "/api/v2/todos"] {
        let before = alice.get(list).await.expect(200);
        let row = format!("{list}/1");
        alice.patch(&row, &json!({"title": "U"})).await.expect(200);
        let after = alice.get(list).await.expect(200);

        assert!(is_hash(before.header("etag").trim_matches('"')));
        assert_ne!(before.header("etag"), after.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_body_already_gets_304_with_its_headers() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..2 {
        write_post(&alice, "T").await;
        write_todo(&alice, "T").await;
    }
    let reader = app.anonymous();

    for (client, path) in [
        (&reader, "/api/v2/posts/1"),
        (&reader, "/api/v2/posts?limit=1"),
        (&alice, "/api/v2/todos/1"),
        (&alice, "/api/v2/todos?limit=1"),
    ] {
        let whole = client.get(path).await.expect(200);
        let tag = whole.header("etag");

        for line in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            let none = if_none_match(client, path, &line).await;
            assert_eq!((none.status, none.body.len()), (304, 0), "{path} {line}");
            for name in ["etag", "cache-control", "vary", "link"] {
                assert_eq!(none.header(name), whole.header(name), "{path} {name}");
            }
        }
        for line in [
            "\"x\"",
            "\"1-0000000000000000\"",
            tag.trim_matches('"'),
            "",
            "é",
        ] {
            let again = if_none_match(client, path, line).await;
            assert_eq!(again.status, 200, "{path} {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_makes_what_the_client_has_old() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = "/api/v2/posts/1";
    let made = write_post(&alice, "T").await;
    alice.patch(path, &json!({"title": "U"})).await.expect(200);

    let again = if_none_match(&app.anonymous(), path, made.header("etag")).await;

    assert_eq!(again.expect(200).json()["title"], "U");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_on_the_current_version_goes_through() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    write_todo(&alice, "T").await;

    for path in ["/api/v2/posts/1", "/api/v2/todos/1"] {
        for (number, method) in [Method::PATCH, Method::PUT, Method::PATCH, Method::PUT]
            .into_iter()
            .enumerate()
        {
            let tag = alice.get(path).await.header("etag").to_owned();
            // Only the version counts: what is counted beside a resource blocks nobody.
            let other_hash = format!("\"{}-0000000000000000\"", parts(&tag).0);
            let lines = [
                tag,
                other_hash.clone(),
                "*".to_owned(),
                format!("\"9-x\", {other_hash}"),
            ];
            let body = json!({"title": format!("T{number}")});

            let written = if_match(&alice, method, path, &lines[number], &body).await;

            assert_eq!(written.expect(200).json()["title"], body["title"]);
        }
        let tag = alice.get(path).await.header("etag").to_owned();
        if_match(&alice, Method::DELETE, path, &tag, &json!({}))
            .await
            .expect(200);
        alice.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_on_another_version_is_412_with_the_current_tag_and_changes_nothing() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    write_todo(&alice, "T").await;

    for path in ["/api/v2/posts/1", "/api/v2/todos/1"] {
        let old = alice.get(path).await.header("etag").to_owned();
        alice.patch(path, &json!({"title": "U"})).await.expect(200);
        let current = alice.get(path).await.expect(200);
        let tag = current.header("etag").to_owned();
        app.advance(Duration::from_secs(1));

        for line in [
            &old,
            &format!("W/{tag}"),
            "\"x\"",
            "2",
            "\"2\"",
            "\"3-0\"",
            "",
            "é",
        ] {
            for method in [Method::PATCH, Method::PUT, Method::DELETE] {
                let body = json!({"title": "Lost"});
                let stale = if_match(&alice, method, path, line, &body).await;

                problem(&stale, 412, "stale_version");
                assert_eq!(stale.header("etag"), tag, "{line}");
            }
        }
        assert_eq!(alice.get(path).await.body, current.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_who_saw_the_same_version_one_wins() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = "/api/v2/posts/1";
    let mut tag = write_post(&alice, "T").await.header("etag").to_owned();

    for round in 2..12 {
        let (one, other) = (json!({"title": "One"}), json!({"title": "Other"}));
        let answers = tokio::join!(
            if_match(&alice, Method::PATCH, path, &tag, &one),
            if_match(&alice, Method::PATCH, path, &tag, &other),
        );

        let (won, lost) = match answers {
            (first, second) if first.status == 200 => (first, second),
            (first, second) => (second, first),
        };
        problem(&lost, 412, "stale_version");
        assert_eq!(won.status, 200, "{}", won.text());
        assert_eq!(won.json()["version"], round);
        assert_eq!(app.anonymous().get(path).await.body, won.body);
        won.header("etag").clone_into(&mut tag);
        assert_eq!(lost.header("etag"), tag);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_without_a_condition_all_go_through_and_touch_only_their_fields() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let path = "/api/v2/posts/1";
    write_post(&alice, "T").await;
    let patches = [
        json!({"title": "New title"}),
        json!({"content": "New content"}),
        json!({"category": "new"}),
    ];

    let [one, two, three] = &patches;
    let (one, two, three) = tokio::join!(
        alice.patch(path, one),
        alice.patch(path, two),
        alice.patch(path, three),
    );

    let mut versions: Vec<_> = [one, two, three]
        .map(|answer| answer.expect(200).json()["version"].as_i64().unwrap())
        .into();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4]);
    let list = app.anonymous().get("/api/v2/posts").await.json();
    for (field, value) in [
        ("title", "New title"),
        ("content", "New content"),
        ("category", "new"),
    ] {
        assert_eq!(column(&list, "posts", field), [value]);
    }
}
