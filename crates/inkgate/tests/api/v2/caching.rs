//! What caches are told, and the cache of finished bodies inside, which nobody may notice.

use model::Role;
use serde_json::{Value, json};

use super::{column, write_post, write_todo};
use crate::support::{Answer, Client, TestApp};

const WITH_CACHE: [&str; 4] = ["--env", "testing", "--cache-bytes", "1000000"];
const WITHOUT_CACHE: [&str; 4] = ["--env", "testing", "--cache-bytes", "0"];

#[tokio::test(flavor = "multi_thread")]
async fn a_public_read_may_be_kept_if_it_is_asked_for_again() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;

    for path in ["/api/v2/posts", "/api/v2/posts?limit=1", "/api/v2/posts/1"] {
        let shown = app.anonymous().get(path).await.expect(200);

        let wanted = "public, max-age=0, must-revalidate";
        assert_eq!(shown.header("cache-control"), wanted);
        assert_eq!(shown.header("vary"), "Authorization, Accept-Encoding");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_how_long_is_a_setting() {
    let app = TestApp::spawn_with(&["--env", "testing", "--public-max-age", "60"]).await;

    let list = app.anonymous().get("/api/v2/posts").await.expect(200);

    let wanted = "public, max-age=60, must-revalidate";
    assert_eq!(list.header("cache-control"), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_asked_with_a_credential_is_private() {
    let app = TestApp::spawn_with(&["--env", "testing", "--public-max-age", "60"]).await;
    let alice = app.user("alice").await;
    let post = write_post(&alice, "T").await;
    let todo = write_todo(&alice, "T").await;
    let paths = [
        "/api/v2/posts",
        "/api/v2/posts/1",
        "/api/v2/posts/2",
        "/api/v2/todos",
        "/api/v2/todos/1",
    ];

    let mut answers = vec![post, todo];
    for path in paths {
        answers.push(alice.get(path).await);
        answers.push(app.with_token("x.y.z").get(path).await);
    }

    for answer in answers {
        assert_eq!(answer.header("cache-control"), "private, no-store");
    }
}

/// What a client sees of an answer: all but what differs from request to request.
fn told(answer: &Answer) -> String {
    // A problem names its request.
    let body = if answer.status == 200 {
        answer.text()
    } else {
        String::new()
    };
    let names = [
        "etag",
        "link",
        "content-type",
        "content-length",
        "cache-control",
    ];
    let headers = names.map(|name| answer.header(name)).join(" ");
    format!("{} {headers} {body}", answer.status)
}

/// What everybody sees: the post 1 in both versions, and first pages that hold it.
async fn everything(reader: &Client) -> Vec<String> {
    let mut seen = Vec::new();
    for path in [
        "/api/v1/posts/1",
        "/api/v2/posts/1",
        "/api/v2/posts",
        "/api/v2/posts?limit=1",
        "/api/v2/posts?user_id=1",
        "/api/v2/posts?category=general&user_id=1",
    ] {
        // Twice: the first may fill the cache that the second is answered from.
        let (first, second) = (reader.get(path).await, reader.get(path).await);
        assert_eq!(told(&first), told(&second), "{path}");
        seen.push(told(&second));
    }
    seen
}

/// Tells a story in which every read must show the write before it, and gives all that was read.
async fn story(app: &TestApp) -> Vec<Vec<String>> {
    let alice = app.user("alice").await;
    let root = app.user_with_role("root", Role::Admin).await;
    let reader = app.anonymous();
    let mut seen = vec![everything(&reader).await];
    write_post(&alice, "First title").await;
    seen.push(everything(&reader).await);
    let patch = json!({"title": "Second title"});
    alice.patch("/api/v2/posts/1", &patch).await.expect(200);
    seen.push(everything(&reader).await);
    let put = json!({"title": "Third title"});
    alice.put("/api/v1/posts/1", &put).await.expect(200);
    seen.push(everything(&reader).await);
    write_post(&alice, "Second post").await;
    seen.push(everything(&reader).await);
    alice.delete("/api/v2/posts/2").await.expect(200);
    seen.push(everything(&reader).await);
    root.delete("/api/v1/users/1").await.expect(200);
    seen.push(everything(&reader).await);
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cache_changes_no_byte_of_any_answer() {
    let cached = TestApp::spawn_with(&WITH_CACHE).await;
    let bare = TestApp::spawn_with(&WITHOUT_CACHE).await;

    let with_cache = story(&cached).await;
    let without = story(&bare).await;

    assert!(cached.domain.cached_bytes() > 0, "nothing was ever kept");
    assert_eq!(bare.domain.cached_bytes(), 0);
    assert_eq!(with_cache, without);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_reads_it_at_once() {
    let app = TestApp::spawn_with(&WITH_CACHE).await;
    let titles = ["First title", "Second title", "Third title"];

    let seen = story(&app).await;

    let shows =
        |seen: &[String], title: &str| seen.iter().filter(|text| text.contains(title)).count();
    for (step, title) in titles.iter().enumerate() {
        assert_eq!(shows(&seen[step + 1], title), 6, "{title}");
    }
    // Two posts: a page of one shows the newer, the post by itself the older.
    assert_eq!(shows(&seen[4], "Second post"), 4);
    assert_eq!(shows(&seen[5], "Second post"), 0);
    assert_eq!(shows(&seen[5], "Third title"), 6);
    // Nobody is there any more who wrote any.
    assert_eq!(shows(&seen[6], "Third title"), 0);
    assert_eq!(shows(&seen[6], "404 "), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_beside_a_writer_never_see_a_step_back() {
    let app = TestApp::spawn_with(&WITH_CACHE).await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    let reader = app.anonymous();
    let version = |post: &Value| post["version"].as_i64().unwrap();

    for round in 1..30 {
        let patch = json!({"title": format!("T{round}")});
        let (written, one, page) = tokio::join!(
            alice.patch("/api/v2/posts/1", &patch),
            reader.get("/api/v2/posts/1"),
            reader.get("/api/v2/posts"),
        );

        let written = version(&written.expect(200).json());
        for seen in [one.json(), page.json()["posts"][0].clone()] {
            assert!((written - 1..=written).contains(&version(&seen)), "{seen}");
        }
        let after = reader.get("/api/v2/posts").await.json();
        assert_eq!(column(&after, "posts", "version"), [written]);
        assert_eq!(
            version(&reader.get("/api/v2/posts/1").await.json()),
            written
        );
    }
}
