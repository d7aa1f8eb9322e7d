//! What every list can be asked for: `fields`, `total` where it can be counted, and a tag.

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{column, problem, write_post};
use crate::support::{Client, TestApp};

/// Lists, the name of their rows, a field of these, and how many there are.
const COUNTED: [(&str, &str, &str, i64); 10] = [
    ("/api/v2/posts", "posts", "slug", 3),
    ("/api/v2/posts/trash", "posts", "deleted_at", 1),
    ("/api/v2/posts/1/revisions", "revisions", "n", 2),
    ("/api/v2/posts/1/comments", "comments", "html", 2),
    ("/api/v2/comments?status=approved", "comments", "author", 2),
    ("/api/v2/me/favorites", "posts", "title", 2),
    ("/api/v2/me/bookmarks", "posts", "title", 1),
    ("/api/v2/me/feed", "posts", "id", 2),
    ("/api/v2/todos", "todos", "priority", 1),
    ("/api/v2/users", "users", "id", 2),
];
const UNCOUNTED: [(&str, &str, &str); 5] = [
    ("/api/v2/search?q=hello", "results", "snippet"),
    (
        "/api/v2/posts/1/preview-links",
        "preview_links",
        "expires_at",
    ),
    ("/api/v2/auth/sessions", "sessions", "kind"),
    ("/api/v2/auth/tokens", "tokens", "name"),
    ("/api/v2/audit", "events", "actor"),
];

/// A blog with something in every list of alice's, who is an admin.
async fn alice_with_everything(app: &TestApp) -> Client {
    app.user_with_role("alice", Role::Admin).await;
    let pair = app.login_v2("alice", "1234").await;
    let alice = app.with_token(&pair.access);
    let bob = app.user("bob").await;
    write_post(&alice, "One").await;
    for title in ["Two", "Three"] {
        write_post(&bob, title).await;
    }
    write_post(&alice, "Four").await;
    for (method, path, body) in [
        (Method::PATCH, "/api/v2/posts/1", json!({"title": "Uno"})),
        (Method::DELETE, "/api/v2/posts/4", Value::Null),
        (
            Method::POST,
            "/api/v2/posts/1/comments",
            json!({"content": "A"}),
        ),
        (
            Method::POST,
            "/api/v2/posts/1/comments",
            json!({"content": "B"}),
        ),
        (Method::PUT, "/api/v2/posts/1/favorite", Value::Null),
        (Method::PUT, "/api/v2/posts/2/favorite", Value::Null),
        (Method::PUT, "/api/v2/posts/3/bookmark", Value::Null),
        (Method::PUT, "/api/v2/users/2/follow", Value::Null),
        (Method::POST, "/api/v2/todos", json!({"title": "T"})),
        (Method::POST, "/api/v2/posts/1/preview-links", json!({})),
        (
            Method::POST,
            "/api/v2/auth/tokens",
            json!({"name": "n", "scopes": ["posts:read"]}),
        ),
    ] {
        let mut request = alice.request(method, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = alice.send(request).await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
    }
    alice
}

fn with(list: &str, parameter: &str) -> String {
    let mark = if list.contains('?') { '&' } else { '?' };
    format!("{list}{mark}{parameter}")
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_counted_on_demand() {
    let app = TestApp::spawn().await;
    let alice = alice_with_everything(&app).await;

    for (list, rows, _, count) in COUNTED {
        let page = alice.get(&with(list, "total=true&limit=1")).await;
        let page = page.expect(200).json();
        assert_eq!(page["total"], count, "{list}");
        assert_eq!(page[rows].as_array().unwrap().len(), 1, "{list}");
        let plain = alice.get(list).await.expect(200).json();
        assert!(plain.get("total").is_none(), "{list}");
        assert_eq!(
            plain[rows].as_array().unwrap().len() as i64,
            count,
            "{list}"
        );
        let wrong = alice.get(&with(list, "total=many")).await;
        problem(&wrong, 400, "invalid_query");
    }
    for (list, ..) in UNCOUNTED {
        let answer = alice.get(&with(list, "total=true")).await;
        problem(&answer, 400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_every_list_can_be_trimmed() {
    let app = TestApp::spawn().await;
    let alice = alice_with_everything(&app).await;
    let counted = COUNTED.map(|(list, rows, field, _)| (list, rows, field));

    for (list, rows, field) in counted.into_iter().chain(UNCOUNTED) {
        let whole = alice.get(list).await.expect(200).json();
        let fields = with(list, &format!("fields={field}"));
        let page = alice.get(&fields).await.expect(200).json();

        assert!(!column(&page, rows, field).is_empty(), "{list}");
        assert_eq!(column(&page, rows, field), column(&whole, rows, field));
        for row in page[rows].as_array().unwrap() {
            assert_eq!(row.as_object().unwrap().len(), 1, "{list}: {row}");
        }
        let wrong = alice.get(&with(list, "fields=feild")).await;
        problem(&wrong, 400, "invalid_query");
    }
    // What a list does not hold cannot be asked for.
    for (list, field) in [
        ("/api/v2/me/feed", "html"),
        ("/api/v2/posts/trash", "html"),
        ("/api/v2/posts/1/revisions", "content"),
        ("/api/v2/search?q=hello", "post.html"),
    ] {
        let wrong = alice.get(&with(list, &format!("fields={field}"))).await;
        problem(&wrong, 400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_has_a_tag_that_says_whether_it_has_changed() {
    let app = TestApp::spawn().await;
    let alice = alice_with_everything(&app).await;

    let counted = COUNTED.map(|(list, ..)| list);
    for list in counted.into_iter().chain(UNCOUNTED.map(|(list, ..)| list)) {
        let list = with(list, "limit=1");
        let page = alice.get(&list).await.expect(200);
        let again = alice.request(Method::GET, &list);
        let again = again.header("if-none-match", page.header("etag").to_owned());
        let again = alice.send(again).await.expect(304);
        assert_eq!(again.header("etag"), page.header("etag"), "{list}");
        assert_eq!(again.header("cache-control"), page.header("cache-control"));
        assert!(again.body.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_resources_can_be_trimmed() {
    let app = TestApp::spawn().await;
    let alice = alice_with_everything(&app).await;
    let link = alice
        .post("/api/v2/posts/1/preview-links", &json!({}))
        .await;
    let preview = format!("/api/v2/preview/{}", link.json()["token"].as_str().unwrap());

    for (path, field) in [
        ("/api/v2/comments/1", "html"),
        ("/api/v2/posts/1/revisions/1", "content"),
        (preview.as_str(), "title"),
    ] {
        let whole = alice.get(path).await.expect(200).json();
        let part = alice.get(&format!("{path}?fields={field}")).await;
        assert_eq!(part.expect(200).json(), json!({field: whole[field]}));
        for query in ["fields=feild", "feilds=id"] {
            let wrong = alice.get(&format!("{path}?{query}")).await;
            problem(&wrong, 400, "invalid_query");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_can_be_read_can_be_asked_for_its_head() {
    let app = TestApp::spawn().await;
    let alice = alice_with_everything(&app).await;

    let lists = COUNTED.map(|(list, ..)| list).into_iter();
    let lists = lists.chain(UNCOUNTED.map(|(list, ..)| list));
    let single = [
        "/api/v2/posts/1",
        "/api/v2/posts/by-slug/one",
        "/api/v2/posts/recent",
        "/api/v2/posts/1/revisions/1",
        "/api/v2/posts/1/preview-links/1",
        "/api/v2/comments/1",
        "/api/v2/todos/1",
        "/api/v2/users/1",
        "/api/v2/tags",
        "/api/v2/me",
    ];
    for path in lists.chain(single) {
        let whole = alice.get(path).await.expect(200);
        let head = alice.send(alice.request(Method::HEAD, path)).await;
        let head = head.expect(200);
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control"] {
            assert_eq!(head.header(name), whole.header(name), "{name} of {path}");
        }
    }
}
