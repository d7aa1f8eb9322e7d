//! Finding posts by their words: both databases must find the same.

use std::time::Duration;

use model::Role;
use serde_json::{Value, json};

use super::problem;
use crate::support::{Client, TestApp};

const SHARED: &str = include_str!("../../fixtures/search.json");

async fn found(client: &Client, parameters: &[(&str, &str)]) -> Value {
    get(client, "/api/v2/search", parameters).await
}

async fn get(client: &Client, path: &str, parameters: &[(&str, &str)]) -> Value {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(parameters).finish();
    let answer = client.get(&format!("{path}?{query}")).await;
    answer.expect(200).json()
}

fn ids(found: &Value) -> Vec<i64> {
    let results = found["results"].as_array().unwrap().iter();
    results
        .map(|result| result["post"]["id"].as_i64().unwrap())
        .collect()
}

async fn find(client: &Client, query: &str) -> Vec<i64> {
    ids(&found(client, &[("q", query), ("sort", "-published_at")]).await)
}

async fn write(author: &Client, title: &str, content: &str) -> i64 {
    let post = json!({"title": title, "content": content});
    let made = author.post("/api/v2/posts", &post).await.expect(201).json();
    made["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_down_is_found_and_nothing_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let shared: Value = serde_json::from_str(SHARED).unwrap();
    for post in shared["posts"].as_array().unwrap() {
        alice.post("/api/v2/posts", post).await.expect(201);
    }
    let reader = app.anonymous();

    for case in shared["queries"].as_array().unwrap() {
        let query = case["q"].as_str().unwrap();
        let wanted: Vec<_> = case["finds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_i64().unwrap())
            .collect();

        let mut newest = find(&reader, query).await;
        let mut ranked = ids(&found(&reader, &[("q", query)]).await);
        let listed = get(&reader, "/api/v2/posts", &[("q", query)]).await;
        let mut listed: Vec<_> = listed["posts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|post| post["id"].as_i64().unwrap())
            .collect();

        for ids in [&mut newest, &mut ranked, &mut listed] {
            ids.sort_unstable();
            assert_eq!(*ids, wanted, "{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_public_is_found_and_as_it_is_now() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let id = write(&alice, "A lighthouse", "at dusk").await;
    let path = format!("/api/v2/posts/{id}");
    let reader = app.anonymous();

    assert_eq!(find(&reader, "lighthouse").await, [id]);
    alice
        .patch(&path, &json!({"title": "A beacon", "tags": ["coast"]}))
        .await
        .expect(200);
    assert!(find(&reader, "lighthouse").await.is_empty());
    assert_eq!(find(&reader, "beacon coast dusk").await, [id]);
    alice
        .post(&format!("{path}/unpublish"), &json!({}))
        .await
        .expect(200);
    assert!(find(&alice, "beacon").await.is_empty());
    alice
        .post(&format!("{path}/publish"), &json!({}))
        .await
        .expect(200);
    assert_eq!(find(&reader, "beacon").await, [id]);
    alice.delete(&path).await.expect(200);
    assert!(find(&reader, "beacon").await.is_empty());
    alice
        .post(&format!("{path}/restore"), &json!({}))
        .await
        .expect(200);
    assert_eq!(find(&reader, "beacon").await, [id]);
    alice.delete(&path).await.expect(200);
    alice
        .delete(&format!("{path}?permanent=true"))
        .await
        .expect(200);
    assert!(find(&reader, "beacon").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_post_is_found_on_time() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let new =
        json!({"title": "Surprise", "content": "", "published_at": "2026-11-23T19:00:01.000Z"});
    alice.post("/api/v2/posts", &new).await.expect(201);

    for query in ["surprise", "surp*"] {
        assert!(find(&app.anonymous(), query).await.is_empty());
    }
    app.advance(Duration::from_millis(876));
    assert!(find(&app.anonymous(), "surprise").await.is_empty());
    app.advance(Duration::from_millis(1));
    assert_eq!(find(&app.anonymous(), "surprise").await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_posts_of_a_deleted_author_are_not_found_and_hide_no_others() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let kept = write(&bob, "Kept", "of the sea").await;
    for number in 0..5 {
        app.advance(Duration::from_secs(1));
        write(&alice, &format!("Gone {number}"), "of the sea").await;
    }
    let reader = app.anonymous();
    let newest = async || {
        let parameters = [("q", "sea"), ("sort", "-published_at"), ("limit", "2")];
        ids(&found(&reader, &parameters).await)
    };
    assert_eq!(newest().await.len(), 2);

    let root = app.user_with_role("root", Role::Admin).await;
    root.delete("/api/v1/users/1").await.expect(200);

    assert_eq!(newest().await, [kept]);
    assert_eq!(ids(&found(&reader, &[("q", "sea")]).await), [kept]);
    app.domain.tidy().await.unwrap();
    assert_eq!(newest().await, [kept]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_best_comes_first_and_pages_show_each_once() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let mut in_text = Vec::new();
    for number in 0..5 {
        app.advance(Duration::from_secs(1));
        in_text.insert(
            0,
            write(&alice, &format!("Number {number}"), "about crabs").await,
        );
    }
    let in_title = write(&alice, "Crabs", "x").await;
    let tagged = json!({"title": "Tagged", "content": "x", "tags": ["crabs"]});
    let tagged = alice
        .post("/api/v2/posts", &tagged)
        .await
        .expect(201)
        .json()["id"]
        .as_i64()
        .unwrap();
    app.advance(Duration::from_secs(1));
    let newest = write(&alice, "Newest", "crabs").await;
    let wanted = [&[in_title, tagged, newest][..], &in_text].concat();
    let reader = app.anonymous();

    for limit in ["1", "3", "100"] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut parameters = vec![("q", "crabs"), ("limit", limit)];
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = found(&reader, &parameters).await;
            seen.extend(ids(&page));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(seen, wanted, "{limit}");
    }
    let by_time = find(&reader, "crabs").await;
    assert_eq!(by_time[0], newest);
    assert_eq!(by_time.len(), wanted.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snippet_marks_what_is_found_and_brings_no_other_markup() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write(&alice, "T", "Some `<script>` & *tags* <b>bold</b> 令牌").await;

    let page = found(&app.anonymous(), &[("q", "script")]).await;

    let snippet = page["results"][0]["snippet"].as_str().unwrap();
    assert!(
        snippet.contains("&lt;<mark>script</mark>&gt; &amp; tags"),
        "{snippet}"
    );
    let bare = snippet.replace("<mark>", "").replace("</mark>", "");
    assert!(!bare.contains('<'), "{snippet}");
    assert_eq!(page["results"][0]["post"]["title"], "T");
    assert!(page["results"][0]["post"].get("html").is_none());
    let page = found(&app.anonymous(), &[("q", "令牌")]).await;
    assert!(
        page["results"][0]["snippet"]
            .as_str()
            .unwrap()
            .contains("<mark>令牌</mark>")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_without_words_is_told_apart_from_none() {
    let app = TestApp::spawn().await;
    let reader = app.anonymous();

    for path in [
        "/api/v2/search",
        "/api/v2/search?q=",
        "/api/v2/search?q=%20",
        "/api/v2/search?q=a&sort=title",
        "/api/v2/search?q=a&x=1",
    ] {
        problem(&reader.get(path).await, 400, "invalid_query");
    }
    let long = format!("/api/v2/search?q={}", "a".repeat(501));
    problem(&reader.get(&long).await, 400, "invalid_query");
    problem(
        &reader.get("/api/v2/search?q=a&cursor=x").await,
        400,
        "invalid_cursor",
    );
    let nothing = json!({"results": [], "next_cursor": null});
    for query in ["-", "\"\"", "*", "-a", "\u{1f980}", "\0"] {
        assert_eq!(found(&reader, &[("q", query)]).await, nothing, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_words_and_the_most_of_them_are_taken() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let distinct: String = (0..9_000)
        .map(|number| format!("\u{436}\u{436}\u{436}{number:04} "))
        .collect();
    let long: String = (0..1_500)
        .map(|number| format!("{number:04}{} ", "\u{436}".repeat(200)))
        .collect();
    let cjk: String = ('\u{4e00}'..='\u{9fff}').collect();

    for content in [&"x".repeat(1024 * 1024), &distinct, &long, &cjk] {
        write(&alice, "Long", content).await;
    }

    assert_eq!(find(&app.anonymous(), "long").await.len(), 4);
    assert_eq!(find(&app.anonymous(), &"x".repeat(64)).await, [1]);
    assert_eq!(
        find(&app.anonymous(), "\u{436}\u{436}\u{436}8999").await,
        [2]
    );
}
