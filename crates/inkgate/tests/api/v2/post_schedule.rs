//! Posts that are published later: the time decides when somebody looks.

use std::time::Duration;

use model::Timestamp;
use serde_json::{Value, json};

use super::{ids, problem, write_post, write_with, wrong_fields};
use crate::support::{Answer, Client, TestApp};

/// A server that keeps what it has shown.
async fn app_with_cache() -> TestApp {
    TestApp::spawn_with(&["--env", "testing", "--cache-bytes", "1000000"]).await
}

/// A time ahead, as it stands in a body.
fn ahead(app: &TestApp, by: Duration) -> Timestamp {
    app.clock.now().floor_to_millis().after(by)
}

/// Moves the clock to just before `time`, or to it.
fn move_to(app: &TestApp, time: Timestamp, before: bool) {
    let duration = time.since(app.clock.now());
    app.advance(duration.saturating_sub(Duration::from_micros(before.into())));
}

/// What shows the post "later" from its time on, and nothing of it before.
const SHOWN_IN: [&str; 13] = [
    "/api/v2/posts",
    "/api/v2/posts?limit=1",
    "/api/v2/posts?sort=published_at",
    "/api/v2/posts?sort=title",
    "/api/v2/posts?sort=-updated_at",
    "/api/v2/posts?tag=later",
    "/api/v2/posts?category=later",
    "/api/v2/posts?series=later",
    "/api/v2/posts/recent",
    "/api/v2/categories",
    "/api/v2/tags",
    "/api/v2/series",
    "/api/v1/posts",
];

async fn shown_in(reader: &Client) -> Vec<&'static str> {
    let mut found = Vec::new();
    for path in SHOWN_IN {
        // Twice: the second may come from memory.
        let (first, second) = (reader.get(path).await, reader.get(path).await);
        assert_eq!(first.body, second.body, "{path}");
        if second.expect(200).text().contains("\"later\"") {
            found.push(path);
        }
    }
    found
}

/// The statuses of one post by number, by slug, and in v1.
async fn alone(reader: &Client, post: &Value) -> [u16; 3] {
    let (id, slug) = (&post["id"], post["slug"].as_str().unwrap());
    let paths = [
        format!("/api/v2/posts/{id}"),
        format!("/api/v2/posts/by-slug/{slug}"),
        format!("/api/v1/posts/{id}"),
    ];
    let mut statuses = [0; 3];
    for (status, path) in statuses.iter_mut().zip(paths) {
        *status = reader.get(&path).await.status;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_post_appears_everywhere_at_its_time_and_not_before() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    write_post(&alice, "Now").await;
    let time = ahead(&app, Duration::from_mins(10));
    let post = json!({
        "title": "later", "category": "later", "tags": ["later"], "series": "later",
        "status": "scheduled", "published_at": time.to_string(),
    });
    let post = write_with(&alice, post).await;
    assert_eq!(shown_in(&reader).await, [""; 0]);

    move_to(&app, time, true);
    assert_eq!(shown_in(&reader).await, [""; 0]);
    assert_eq!(alone(&reader, &post).await, [404; 3]);
    let own = alice.get("/api/v2/posts/2").await.json();
    assert_eq!(own["status"], "scheduled");
    move_to(&app, time, false);

    assert_eq!(shown_in(&reader).await, SHOWN_IN);
    assert_eq!(alone(&reader, &post).await, [200; 3]);
    let shown = reader.get("/api/v2/posts/2").await.json();
    assert_eq!(shown["status"], "published");
    assert_eq!(shown["published_at"], time.to_string());
    assert_eq!(shown["version"], post["version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_enter_a_page_that_is_kept_one_after_the_other() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    for minutes in [3, 1, 2] {
        let time = ahead(&app, Duration::from_mins(minutes)).to_string();
        write_with(&alice, json!({"status": "scheduled", "published_at": time})).await;
    }
    let own = "/api/v2/posts?status=scheduled";

    for (public, scheduled) in [
        (vec![], vec![1, 3, 2]),
        (vec![2], vec![1, 3]),
        (vec![3, 2], vec![1]),
        (vec![1, 3, 2], vec![]),
    ] {
        for _ in 0..2 {
            assert_eq!(ids(&reader, "/api/v2/posts").await, public);
            assert_eq!(ids(&alice, own).await, scheduled);
        }
        app.advance(Duration::from_mins(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_of_a_kept_page_changes_when_a_post_enters_it() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    let time = ahead(&app, Duration::from_mins(1)).to_string();
    write_with(&alice, json!({"status": "scheduled", "published_at": time})).await;
    let ask = async |tag: &str| -> Answer {
        let request = reader.request(reqwest::Method::GET, "/api/v2/posts");
        reader.send(request.header("if-none-match", tag)).await
    };

    let before = ask("").await.expect(200).header("etag").to_owned();
    ask(&before).await.expect(304);
    app.advance(Duration::from_mins(1));

    let after = ask(&before).await.expect(200);
    assert_eq!(after.json()["posts"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_scheduled_needs_a_time_ahead() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_with(&alice, json!({"status": "draft"})).await;
    let now = app.clock.now();
    let bodies = [
        json!({"status": "scheduled"}),
        json!({"status": "scheduled", "published_at": null}),
        json!({"status": "scheduled", "published_at": now.to_string()}),
        json!({"status": "scheduled", "published_at": "2001-01-01T00:00:00Z"}),
    ];

    for body in bodies {
        let mut new = body.clone();
        (new["title"], new["content"]) = (json!("T"), json!(""));
        for answer in [
            alice.post("/api/v2/posts", &new).await,
            alice.patch("/api/v2/posts/1", &body).await,
        ] {
            let problem = problem(&answer, 422, "invalid");
            let wanted = [("published_at".to_owned(), "invalid".to_owned())];
            assert_eq!(wrong_fields(&problem), wanted, "{body}");
        }
    }
    assert_eq!(alice.get("/api/v2/posts/1").await.json()["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_moves_a_post_out_of_the_lists_and_in_again() {
    let app = app_with_cache().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    write_post(&alice, "T").await;
    let time = ahead(&app, Duration::from_mins(1)).to_string();
    let path = "/api/v2/posts/1";
    assert_eq!(ids(&reader, "/api/v2/posts").await, [1]);

    let later = alice.patch(path, &json!({"published_at": time})).await;
    assert_eq!(later.expect(200).json()["status"], "scheduled");
    assert_eq!(ids(&reader, "/api/v2/posts").await, [0i64; 0]);
    reader.get(path).await.expect(404);

    let publish = format!("{path}/publish");
    let at_once = alice.post(&publish, &json!({})).await.expect(200).json();
    assert_eq!(at_once["status"], "published");
    assert_eq!(
        at_once["published_at"],
        app.clock.now().floor_to_millis().to_string()
    );
    assert_eq!(ids(&reader, "/api/v2/posts").await, [1]);

    let later = alice.post(&publish, &json!({"published_at": time})).await;
    assert_eq!(later.expect(200).json()["status"], "scheduled");
    reader.get(path).await.expect(404);
    app.advance(Duration::from_mins(1));
    reader.get(path).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_kept_in_milliseconds_and_in_utc() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for (named, kept) in [
        ("2020-02-03T04:05:06.123999Z", "2020-02-03T04:05:06.123Z"),
        ("2020-02-03T04:05:06+02:00", "2020-02-03T02:05:06.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ("9999-12-30T22:00:00.999Z", "9999-12-30T22:00:00.999Z"),
    ] {
        let post = write_with(&alice, json!({"published_at": named})).await;
        assert_eq!(post["published_at"], kept);
        let own = alice.get(&format!("/api/v2/posts/{}", post["id"])).await;
        assert_eq!(own.json()["published_at"], kept);
    }
    let list = ids(&app.anonymous(), "/api/v2/posts?sort=published_at").await;
    assert_eq!(list, [3, 4, 2, 1]);
    app.anonymous().get("/api/v1/posts").await.expect(200);
    app.anonymous().get("/api/v1/posts/3").await.expect(200);
    let scheduled = ids(&alice, "/api/v2/posts?status=scheduled").await;
    assert_eq!(scheduled, [5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_post_has_a_date_and_a_draft_may_lose_it() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let none = json!({"published_at": null});
    for status in ["published", "unlisted"] {
        let post = write_with(&alice, json!({"status": status})).await;
        let refused = alice
            .patch(&format!("/api/v2/posts/{}", post["id"]), &none)
            .await;
        problem(&refused, 422, "invalid");
    }
    let dated = json!({"status": "draft", "published_at": "2020-01-01T00:00:00Z"});
    write_with(&alice, dated).await;

    let cleared = alice.patch("/api/v2/posts/3", &none).await.expect(200);

    assert_eq!(cleared.json()["published_at"], Value::Null);
}
