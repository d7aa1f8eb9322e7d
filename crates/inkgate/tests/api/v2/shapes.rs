//! What is shown of a resource, and how many there are: `fields` and `total`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{column, problem, write_post, write_todo, wrong_fields};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn fields_trim_a_resource_a_list_and_what_stands_within() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for title in ["One", "Two"] {
        write_todo(&alice, title).await;
    }

    let one = alice
        .get("/api/v2/todos/1?fields=title,id")
        .await
        .expect(200);
    let list = alice
        .get("/api/v2/todos?fields=id&limit=1")
        .await
        .expect(200);
    let user = app
        .anonymous()
        .get("/api/v2/users/1?fields=username")
        .await
        .expect(200);
    let by_name = app
        .anonymous()
        .get("/api/v2/users/by-name/alice?fields=id")
        .await
        .expect(200);
    let users = app
        .anonymous()
        .get("/api/v2/users?fields=id,email")
        .await
        .expect(200);

    assert_eq!(one.json(), json!({"id": 1, "title": "One"}));
    assert_eq!(list.json()["todos"], json!([{"id": 2}]));
    assert!(list.json()["next_cursor"].is_string());
    assert_eq!(user.json(), json!({"username": "alice"}));
    assert_eq!(by_name.json(), json!({"id": 1}));
    // A profile has no address; whoever asks for one gets what there is.
    assert_eq!(users.json()["users"], json!([{"id": 1}]));
    // The next page shows the same fields.
    let next = list.header("link").split(['<', '>']).nth(1).unwrap();
    let next = alice.get(next).await.expect(200);
    assert_eq!(
        next.json(),
        json!({"todos": [{"id": 1}], "next_cursor": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_trimmed_has_a_tag_of_its_own_that_writes_know() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_todo(&alice, "T").await;

    let whole = alice.get("/api/v2/todos/1").await.expect(200);
    let part = alice.get("/api/v2/todos/1?fields=id").await.expect(200);
    let list = alice.get("/api/v2/todos").await.expect(200);
    let rows = alice.get("/api/v2/todos?fields=id").await.expect(200);
    assert_ne!(whole.header("etag"), part.header("etag"));
    assert_ne!(list.header("etag"), rows.header("etag"));

    let get = |path: &str, tag: &str| {
        let request = alice.request(reqwest::Method::GET, path);
        alice.send(request.header("if-none-match", tag.to_owned()))
    };
    get("/api/v2/todos/1?fields=id", part.header("etag"))
        .await
        .expect(304);
    get("/api/v2/todos/1", part.header("etag"))
        .await
        .expect(200);
    get("/api/v2/todos?fields=id", rows.header("etag"))
        .await
        .expect(304);
    let patch = alice.request(reqwest::Method::PATCH, "/api/v2/todos/1");
    let patch = patch
        .header("if-match", part.header("etag"))
        .json(&json!({"priority": 1}));
    alice.send(patch).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_none_is_refused_by_its_name() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_todo(&alice, "T").await;

    let anybody = app.anonymous();
    // A token of v1, which alice has, opens no accounts.
    let whoever = |path: &str| {
        if path.contains("users") {
            &anybody
        } else {
            &alice
        }
    };
    for path in [
        "/api/v2/todos",
        "/api/v2/todos/1",
        "/api/v2/users",
        "/api/v2/users/1",
    ] {
        for (query, field) in [
            ("fields=id,tilte", "fields"),
            ("fields=", "fields"),
            ("fields=id.x", "fields"),
            ("fields=%00", "fields"),
            ("fields=next_cursor", "fields"),
            ("feilds=id", "feilds"),
            ("include=html", "include"),
        ] {
            let answer = whoever(path).get(&format!("{path}?{query}")).await;
            let body = problem(&answer, 400, "invalid_query");
            let wanted = [(field.to_owned(), "invalid_query".to_owned())];
            assert_eq!(wrong_fields(&body), wanted, "{path}?{query}");
        }
        let answer = whoever(path)
            .get(&format!("{path}?fields=id,tilte"))
            .await
            .json();
        assert!(
            answer["detail"].as_str().unwrap().contains("tilte"),
            "{answer}"
        );
    }
    // What is not there is told before what is wrong with the query.
    problem(
        &alice.get("/api/v2/todos/9?fields=x").await,
        404,
        "not_found",
    );
    problem(
        &app.anonymous().get("/api/v2/todos/1?fields=x").await,
        401,
        "missing_token",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_is_there_only_for_whoever_asks() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for _ in 0..3 {
        write_todo(&alice, "T").await;
    }
    write_todo(&bob, "T").await;
    alice
        .patch("/api/v2/todos/1", &json!({"completed": true}))
        .await
        .expect(200);

    for (list, total) in [
        ("/api/v2/todos?total=true", json!(3)),
        ("/api/v2/todos?total=true&limit=1", json!(3)),
        ("/api/v2/todos?total=true&completed=true", json!(1)),
        ("/api/v2/todos?total=true&priority=9", json!(0)),
        ("/api/v2/todos?total=false", Value::Null),
        ("/api/v2/todos", Value::Null),
        ("/api/v2/users?total=true", json!(2)),
        ("/api/v2/users?total=true&fields=id", json!(2)),
        ("/api/v2/users", Value::Null),
    ] {
        let users = list.contains("users");
        let client = if users {
            app.anonymous()
        } else {
            alice.clone()
        };
        let page = client.get(list).await.expect(200).json();
        assert_eq!(page["total"], total, "{list}");
        assert_eq!(page.get("total").is_some(), total != Value::Null, "{list}");
    }
    for total in ["", "1", "yes", "True"] {
        let answer = alice.get(&format!("/api/v2/todos?total={total}")).await;
        problem(&answer, 400, "invalid_query");
    }
    // It counts the whole list on every page, and the link asks for it again.
    let first = alice
        .get("/api/v2/todos?total=true&limit=2")
        .await
        .expect(200);
    let next = first.header("link").split(['<', '>']).nth(1).unwrap();
    let next = alice.get(next).await.expect(200).json();
    assert_eq!(
        (column(&next, "todos", "id"), &next["total"]),
        (vec![&json!(1)], &json!(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_trimmed_and_what_is_heavy_comes_on_demand() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for title in ["One", "Two"] {
        write_post(&alice, title).await;
    }
    let reader = app.anonymous();
    let get = async |path: &str| reader.get(path).await.expect(200).json();

    let author = json!({"title": "Two", "author": {"username": "alice"}});
    for _ in 0..2 {
        // The second is from memory.
        let list = get("/api/v2/posts?fields=title,author.username").await;
        assert_eq!(list["posts"][0], author);
        let one = get("/api/v2/posts/2?fields=title,author.username").await;
        assert_eq!(one, author);
        let one = get("/api/v2/posts/by-slug/two?fields=title,author.username").await;
        assert_eq!(one, author);
        let recent = get("/api/v2/posts/recent?fields=title,author.username").await;
        assert_eq!(recent["posts"][0], author);
        let whole = get("/api/v2/posts/recent").await;
        assert_eq!(whole["posts"][0]["content"], "Hello");
        for list in ["/api/v2/posts", "/api/v2/posts/recent"] {
            assert_eq!(get(list).await["posts"][0].get("html"), None);
            let html = get(&format!("{list}?include=html")).await;
            assert_eq!(html["posts"][0]["html"], "<p>Hello</p>\n");
            // Whoever names it among the fields means it to be there.
            let html = get(&format!("{list}?fields=html")).await;
            assert_eq!(html["posts"][0], json!({"html": "<p>Hello</p>\n"}));
        }
        assert_eq!(get("/api/v2/posts?total=true&limit=1").await["total"], 2);
        assert_eq!(get("/api/v2/posts?limit=1").await.get("total"), None);
    }
    write_post(&alice, "Three").await;
    assert_eq!(get("/api/v2/posts?total=true&limit=1").await["total"], 3);
    assert_eq!(
        get("/api/v2/posts?total=true&category=none").await["total"],
        0
    );
    for path in [
        "/api/v2/posts",
        "/api/v2/posts/1",
        "/api/v2/posts/by-slug/one",
        "/api/v2/posts/recent",
    ] {
        for query in ["fields=id,x", "fields=", "include=x", "include=", "x=1"] {
            let answer = reader.get(&format!("{path}?{query}")).await;
            problem(&answer, 400, "invalid_query");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_sorted_and_a_cursor_goes_on_in_the_order() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    for title in ["b", "Ä", "c", "a", "C"] {
        write_post(&alice, title).await;
        app.advance(Duration::from_secs(1));
    }
    alice
        .patch("/api/v2/posts/2", &json!({"content": "New"}))
        .await
        .expect(200);

    for (sort, wanted) in [
        ("-published_at", [5, 4, 3, 2, 1]),
        ("published_at", [1, 2, 3, 4, 5]),
        ("-updated_at", [2, 5, 4, 3, 1]),
        ("title", [2, 4, 1, 3, 5]),
    ] {
        let (mut ids, mut next) = (
            Vec::new(),
            format!("/api/v2/posts?sort={sort}&limit=2&fields=id"),
        );
        while !next.is_empty() {
            let page = app.anonymous().get(&next).await.expect(200);
            ids.extend(column(&page.json(), "posts", "id").into_iter().cloned());
            next = page
                .header("link")
                .split(['<', '>'])
                .nth(1)
                .unwrap_or_default()
                .to_owned();
        }
        assert_eq!(ids, wanted, "{sort}");
    }
    for sort in ["", "id", "-title", "published_at,title"] {
        let answer = alice.get(&format!("/api/v2/posts?sort={sort}")).await;
        problem(&answer, 400, "invalid_query");
    }
}
