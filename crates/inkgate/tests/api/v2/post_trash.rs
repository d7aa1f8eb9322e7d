//! The trash: who sees it, who empties it, what comes back.

use std::time::Duration;

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ids, problem, stored_number, write_post, write_with};
use crate::support::{Answer, Client, TestApp};

const TRASH: &str = "/api/v2/posts/trash";
const DAY: Duration = Duration::from_hours(24);

async fn restore(client: &Client, id: i64) -> Answer {
    let path = format!("/api/v2/posts/{id}/restore");
    client.send(client.request(Method::POST, &path)).await
}

async fn delete(client: &Client, id: i64) -> Answer {
    client.delete(&format!("/api/v2/posts/{id}")).await
}

async fn delete_for_good(client: &Client, id: i64) -> Answer {
    client
        .delete(&format!("/api/v2/posts/{id}?permanent=true"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn authors_see_their_own_trash_and_editors_all() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let editor = app.user_with_role("edda", Role::Editor).await;
    for author in [&alice, &bob, &alice] {
        write_post(author, "T").await;
    }
    for (author, id) in [(&alice, 3), (&bob, 2), (&alice, 1)] {
        app.advance(Duration::from_secs(1));
        delete(author, id).await.expect(200);
    }

    assert_eq!(ids(&alice, TRASH).await, [1, 3]);
    assert_eq!(ids(&bob, TRASH).await, [2]);
    assert_eq!(ids(&editor, TRASH).await, [1, 2, 3]);
    problem(&app.anonymous().get(TRASH).await, 401, "missing_token");
    let shown = alice.get(TRASH).await;
    assert_eq!(shown.header("cache-control"), "private, no-store");
    let newest = &shown.json()["posts"][0];
    assert_eq!(newest["deleted_at"], app.clock.now().to_string());
    assert_eq!(newest["status"], "published");
    let page = editor.get(&format!("{TRASH}?limit=2")).await.json();
    let next = format!(
        "{TRASH}?limit=2&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    assert_eq!(ids(&editor, &next).await, [3]);
    problem(
        &alice.get(&format!("{TRASH}?user_id=1")).await,
        400,
        "invalid_query",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_comes_back_as_it_was() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    for new in [
        json!({"status": "draft", "tags": ["a"], "series": "s", "slug": "one"}),
        json!({"status": "published", "cover": {"url": "https://x.org/c.png", "alt": "c"}}),
        json!({"status": "unlisted", "pinned": true, "language": "en"}),
        json!({"status": "archived", "excerpt": "e", "comments_enabled": false}),
        json!({"status": "scheduled", "published_at": "2027-01-01T00:00:00Z"}),
    ] {
        let mut wanted = write_with(&alice, new).await;
        let id = wanted["id"].as_i64().unwrap();
        app.advance(Duration::from_secs(1));
        delete(&alice, id).await.expect(200);

        let restored = restore(&alice, id).await.expect(200);

        wanted["version"] = json!(3);
        wanted["updated_at"] = json!(app.clock.now().to_string());
        assert_eq!(restored.json()["html"], wanted["html"]);
        let shown = alice.get(&format!("/api/v2/posts/{id}")).await.expect(200);
        assert_eq!(shown.json(), wanted);
        assert_eq!(shown.body, restored.body);
        assert_eq!(shown.header("etag"), restored.header("etag"));
    }
    assert_eq!(ids(&reader, "/api/v2/posts").await, [2]);
    assert_eq!(ids(&alice, TRASH).await, [0i64; 0]);
    problem(&restore(&alice, 2).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_post_may_come_back_after_its_time() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    let ahead = app.clock.now().after(Duration::from_mins(1)).to_string();
    write_with(
        &alice,
        json!({"status": "scheduled", "published_at": ahead}),
    )
    .await;
    delete(&alice, 1).await.expect(200);
    app.advance(Duration::from_mins(2));
    reader.get("/api/v2/posts/1").await.expect(404);

    let restored = restore(&alice, 1).await.expect(200);

    assert_eq!(restored.json()["status"], "published");
    reader.get("/api/v2/posts/1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_and_deleting_for_good_need_the_role_of_whoever_deleted() {
    let app = TestApp::spawn().await;
    let people = [
        ("author", app.user("alice").await),
        ("editor", app.user_with_role("edda", Role::Editor).await),
        ("admin", app.user_with_role("root", Role::Admin).await),
    ];
    let bob = app.user("bob").await;
    let alice = &people[0].1;

    for (deleted_by, (who, deleter)) in people.iter().enumerate() {
        for (restored_by, (by_whom, restorer)) in people.iter().enumerate() {
            let id = write_post(alice, "T").await.json()["id"].as_i64().unwrap();
            delete(deleter, id).await.expect(200);
            problem(&restore(&bob, id).await, 404, "not_found");
            problem(&delete_for_good(&bob, id).await, 404, "not_found");
            if restored_by >= deleted_by {
                restore(restorer, id).await.expect(200);
                delete(deleter, id).await.expect(200);
                delete_for_good(restorer, id).await.expect(200);
            } else {
                problem(&restore(restorer, id).await, 403, "forbidden");
                let refused = delete_for_good(restorer, id).await;
                problem(&refused, 403, "forbidden");
                assert!(
                    ids(alice, TRASH).await.contains(&id),
                    "deleted by {who}, wanted by {by_whom}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_good_is_only_from_the_trash_and_leaves_nothing() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_with(&alice, json!({"tags": ["a", "b"], "slug": "one"})).await;
    let renamed = json!({"slug": "two", "title": "Two"});
    alice.patch("/api/v2/posts/1", &renamed).await.expect(200);

    problem(&delete_for_good(&alice, 1).await, 404, "not_found");
    alice.get("/api/v2/posts/1").await.expect(200);
    let path = "/api/v2/posts/1?permanent=false";
    alice.delete(path).await.expect(200);
    assert_eq!(ids(&alice, TRASH).await, [1]);
    problem(&alice.delete(path).await, 404, "not_found");
    let gone = delete_for_good(&alice, 1).await.expect(200);

    assert_eq!(gone.text(), r#"{"message":"Post deleted"}"#);
    assert_eq!(ids(&alice, TRASH).await, [0i64; 0]);
    problem(&restore(&alice, 1).await, 404, "not_found");
    problem(&delete_for_good(&alice, 1).await, 404, "not_found");
    for table in ["posts", "post_slugs", "post_tags", "post_revisions"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(stored_number(&app, &sql).await, 0, "{table}");
    }
    // A number is never given out again.
    assert_eq!(write_post(&alice, "T").await.json()["id"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_emptied_after_thirty_days() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        write_with(&alice, json!({"tags": ["a"]})).await;
    }
    for (path, body) in [
        ("comments", json!({"content": "C"})),
        ("comments", json!({"content": "D", "parent_id": 1})),
    ] {
        let path = format!("/api/v2/posts/1/{path}");
        alice.post(&path, &body).await.expect(201);
    }
    for mark in ["favorite", "bookmark"] {
        let path = format!("/api/v2/posts/1/{mark}");
        alice.put(&path, &json!({})).await.expect(204);
    }
    delete(&alice, 1).await.expect(200);
    app.advance(DAY);
    let alice = app.login("alice", "1234").await;
    delete(&alice, 2).await.expect(200);
    let tidied = async || {
        app.domain.tidy().await.unwrap();
        ids(&app.login("alice", "1234").await, TRASH).await
    };

    app.advance(29 * DAY);
    assert_eq!(tidied().await, [2, 1]);
    app.advance(Duration::from_micros(1));
    assert_eq!(tidied().await, [2]);
    app.advance(DAY);
    assert_eq!(tidied().await, [0i64; 0]);

    assert_eq!(ids(&app.anonymous(), "/api/v2/posts").await, [3]);
    for table in ["posts", "post_slugs", "post_tags", "post_revisions"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(stored_number(&app, &sql).await, 1, "{table}");
    }
    for table in ["comments", "favorites", "bookmarks"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(stored_number(&app, &sql).await, 0, "{table}");
    }
}

/// Sends a request that goes through at one version alone.
async fn at(client: &Client, method: Method, path: &str, version: i64) -> Answer {
    let request = client.request(method, path);
    let tag = format!("\"{version}-0000000000000000\"");
    client.send(request.header("if-match", tag)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_is_kept_on_the_way_in_and_out() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_post(&alice, "T").await;
    let (post, back) = ("/api/v2/posts/1", "/api/v2/posts/1/restore");
    let for_good = "/api/v2/posts/1?permanent=true";
    let stale = |answer: &Answer, version: i64| {
        problem(answer, 412, "stale_version");
        let tag = answer.header("etag");
        assert!(tag.starts_with(&format!("\"{version}-")), "{tag:?}");
    };

    let refused = at(&alice, Method::DELETE, post, 2).await;
    stale(&refused, 1);
    assert_eq!(refused.header("etag"), made.header("etag"));
    at(&alice, Method::DELETE, post, 1).await.expect(200);
    stale(&at(&alice, Method::POST, back, 1).await, 2);
    at(&alice, Method::POST, back, 2).await.expect(200);
    at(&alice, Method::DELETE, post, 3).await.expect(200);
    stale(&at(&alice, Method::DELETE, for_good, 3).await, 4);
    at(&alice, Method::DELETE, for_good, 4).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_deleted_once_by_however_many() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;

    let all = futures_util::future::join_all((0..10).map(|_| delete(&alice, 1))).await;
    let done = all.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    let all = futures_util::future::join_all((0..10).map(|_| restore(&alice, 1))).await;
    let done = all.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    for answer in all.iter().filter(|answer| answer.status != 200) {
        assert!([404, 412].contains(&answer.status), "{}", answer.text());
    }
    let shown: Value = alice.get("/api/v2/posts/1").await.json();
    assert_eq!(shown["version"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_of_a_deleted_author_is_gone_too() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let root = app.user_with_role("root", Role::Admin).await;
    write_post(&alice, "T").await;
    delete(&alice, 1).await.expect(200);

    root.delete("/api/v1/users/1").await.expect(200);

    assert_eq!(ids(&root, TRASH).await, [0i64; 0]);
    problem(&restore(&root, 1).await, 404, "not_found");
    problem(&delete_for_good(&root, 1).await, 404, "not_found");
}
