//! What one server has written, the other shows.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Nodes, TRIES, print};
use crate::support::within_a_second;

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_post_is_shown_by_the_other_server_within_a_second() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    let alice = nodes.one.user("alice").await;
    let post = json!({"title": "0", "content": "y"});
    alice.post("/api/v1/posts", &post).await.expect(201);
    let reader = nodes.two.anonymous();
    let shown = async || {
        let post = reader.get("/api/v2/posts/1").await.expect(200).json();
        post["title"].as_str().unwrap().to_owned()
    };
    let mut delays = Vec::new();

    for number in 1..=TRIES {
        shown().await;
        let title = number.to_string();
        let edit = json!({"title": title});
        alice.put("/api/v1/posts/1", &edit).await.expect(200);
        let since = Instant::now();
        let here = nodes.one.anonymous().get("/api/v2/posts/1").await.json();
        assert_eq!(here["title"], title);

        loop {
            let waited = since.elapsed();
            if shown().await == title {
                delays.push(waited);
                break;
            }
            assert!(waited < Duration::from_secs(1), "{waited:?}");
        }
    }

    print("an edited post on the other server", delays);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_follows_new_posts_names_and_deleted_authors_of_the_other_server() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    let alice = nodes.one.user("alice").await;
    let reader = nodes.two.anonymous();
    let list = async || reader.get("/api/v2/posts").await;
    assert_eq!(list().await.json()["posts"], json!([]));

    let post = json!({"title": "x", "content": "y"});
    alice.post("/api/v1/posts", &post).await.expect(201);
    // The status is never 1: what is asked for is the change of the list.
    let shows = async |what: &str| {
        within_a_second(1, async || {
            let mut answer = list().await;
            if answer.text().contains(what) {
                answer.status = 1;
            }
            answer
        })
        .await
    };
    shows("\"title\":\"x\"").await;

    let body = json!({"username": "alice", "password": "1234"});
    let pair = nodes
        .one
        .anonymous()
        .post("/api/v2/auth/login", &body)
        .await;
    let token = pair.json()["access_token"].as_str().unwrap().to_owned();
    let own = nodes.one.with_token(&token);
    let name = json!({"display_name": "Alice in Chains"});
    own.patch("/api/v2/me", &name).await.expect(200);
    shows("Alice in Chains").await;

    let password = json!({"current_password": "1234"});
    let gone = own.request(reqwest::Method::DELETE, "/api/v2/me");
    own.send(gone.json(&password)).await.expect(204);
    shows("\"posts\":[]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_follow_favorites_and_comments_of_the_other_server() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    let alice = nodes.one.user("alice").await;
    let post = json!({"title": "x", "content": "y"});
    alice.post("/api/v1/posts", &post).await.expect(201);
    let reader = nodes.two.anonymous();
    let counted = async |name: &str, count: i64| {
        for path in ["/api/v2/posts/1", "/api/v2/posts"] {
            let ask = async || {
                let mut answer = reader.get(path).await.expect(200);
                let json = answer.json();
                let post = if path.ends_with('1') {
                    &json
                } else {
                    &json["posts"][0]
                };
                // The status is never 1: what is asked for is the count.
                answer.status = u16::from(post[name] == count);
                answer
            };
            within_a_second(1, ask).await;
        }
    };

    counted("favorite_count", 0).await;
    let favorite = "/api/v2/posts/1/favorite";
    alice.put(favorite, &json!({})).await.expect(204);
    counted("favorite_count", 1).await;
    alice.delete(favorite).await.expect(204);
    counted("favorite_count", 0).await;
    let words = json!({"content": "words"});
    alice
        .post("/api/v2/posts/1/comments", &words)
        .await
        .expect(201);
    counted("comment_count", 1).await;
    alice
        .post("/api/v2/comments/1/reject", &json!({}))
        .await
        .expect(200);
    counted("comment_count", 0).await;
}
