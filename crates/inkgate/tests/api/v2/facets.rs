//! Categories, tags and series: names with how many public posts have them.

use model::Role;
use serde_json::{Value, json};

use super::{problem, write_with};
use crate::support::{Client, TestApp};

async fn app_with_cache() -> TestApp {
    TestApp::spawn_with(&["--env", "testing", "--cache-bytes", "1000000"]).await
}

/// Names and counts as `name 2, other 1`.
async fn counts(reader: &Client, kind: &str) -> String {
    let path = format!("/api/v2/{kind}");
    let (first, second) = (reader.get(&path).await, reader.get(&path).await);
    assert_eq!(first.body, second.body);
    let list = second.expect(200).json();
    let rows = list[kind].as_array().unwrap().iter();
    let rows = rows.map(|row| format!("{} {}", row["name"].as_str().unwrap(), row["post_count"]));
    rows.collect::<Vec<_>>().join(", ")
}

async fn all(reader: &Client) -> [String; 3] {
    [
        counts(reader, "categories").await,
        counts(reader, "tags").await,
        counts(reader, "series").await,
    ]
}

fn filed(category: &str, tags: Value, series: Value) -> Value {
    json!({"category": category, "tags": tags, "series": series})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_used_come_first_then_by_name() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    assert_eq!(all(&reader).await, ["", "", ""]);
    for new in [
        filed("news", json!(["b", "a"]), json!(null)),
        filed("Art", json!(["b", "Z"]), json!("Two")),
        filed("art", json!(["B"]), json!("One")),
        filed("news", json!([]), json!("One")),
        filed("ärger", json!(["é"]), json!("🦀")),
    ] {
        write_with(&alice, new).await;
    }

    let [categories, tags, series] = all(&reader).await;

    assert_eq!(categories, "news 2, Art 1, art 1, ärger 1");
    assert_eq!(tags, "B 3, Z 1, a 1, é 1");
    assert_eq!(series, "One 2, Two 1, 🦀 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_follow_whatever_happens_to_a_post() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    write_with(&alice, filed("one", json!(["a"]), json!("s"))).await;
    write_with(&alice, filed("one", json!(["a", "b"]), json!("s"))).await;
    let path = "/api/v2/posts/2";
    let act = async |verb: &str| {
        let answer = alice.post(&format!("{path}/{verb}"), &json!({})).await;
        answer.expect(200);
    };
    let (both, first) = (["one 2", "a 2, b 1", "s 2"], ["one 1", "a 1", "s 1"]);
    assert_eq!(all(&reader).await, both);

    for (hide, show) in [("unpublish", "publish"), ("archive", "publish")] {
        act(hide).await;
        assert_eq!(all(&reader).await, first, "{hide}");
        act(show).await;
        assert_eq!(all(&reader).await, both, "{show}");
    }
    for status in ["unlisted", "draft"] {
        alice
            .patch(path, &json!({"status": status}))
            .await
            .expect(200);
        assert_eq!(all(&reader).await, first, "{status}");
        alice
            .patch(path, &json!({"status": "published"}))
            .await
            .expect(200);
        assert_eq!(all(&reader).await, both);
    }
    alice.delete(path).await.expect(200);
    assert_eq!(all(&reader).await, first);
    act("restore").await;
    assert_eq!(all(&reader).await, both);
    let moved = filed("two", json!(["B", "c"]), json!(null));
    alice.patch(path, &moved).await.expect(200);
    assert_eq!(all(&reader).await, ["one 1, two 1", "B 1, a 1, c 1", "s 1"]);
    alice.delete(path).await.expect(200);
    alice
        .delete(&format!("{path}?permanent=true"))
        .await
        .expect(200);
    assert_eq!(all(&reader).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_author_wrote_counts_no_more() {
    let app = app_with_cache().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (root, reader) = (
        app.user_with_role("root", Role::Admin).await,
        app.anonymous(),
    );
    for author in [&alice, &bob] {
        write_with(author, filed("one", json!(["a"]), json!("s"))).await;
    }
    assert_eq!(all(&reader).await, ["one 2", "a 2", "s 2"]);

    root.delete("/api/v1/users/2").await.expect(200);

    assert_eq!(all(&reader).await, ["one 1", "a 1", "s 1"]);
    app.domain.tidy().await.unwrap();
    assert_eq!(all(&reader).await, ["one 1", "a 1", "s 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_them_is_told_so() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    write_with(&alice, filed("one", json!(["a"]), json!("s"))).await;

    for kind in ["categories", "tags", "series"] {
        let path = format!("/api/v2/{kind}");
        let first = reader.get(&path).await.expect(200);
        assert_eq!(
            first.header("cache-control"),
            "public, max-age=0, must-revalidate"
        );
        let request = reader.request(reqwest::Method::GET, &path);
        let request = request.header("if-none-match", first.header("etag"));
        assert!(reader.send(request).await.expect(304).body.is_empty());
        let post = reader.post(&path, &json!({})).await;
        problem(&post, 405, "method_not_allowed");
    }
}
