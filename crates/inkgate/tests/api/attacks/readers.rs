//! T13, T40 and T41 for comments, favorites, bookmarks and follows.

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const LIST: &str = "/api/v2/posts/1/comments";

/// Every way to do something to a comment.
const WAYS: [(&str, &str); 5] = [
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/approve"),
    ("POST", "/spam"),
    ("POST", "/reject"),
];

/// alice wrote post 1, bob said comment 1 below it, and eve has no part in it.
async fn three(moderation: &str) -> (TestApp, Client, Client, Client) {
    let flags = ["--env", "testing", "--comment-moderation", moderation];
    let app = TestApp::spawn_with(&flags).await;
    let alice = app.user("alice").await;
    let bob = app.user_with_role("bob", Role::Reader).await;
    let eve = app.user("eve").await;
    for author in [&alice, &eve] {
        let post = json!({"title": "T", "content": "C"});
        author.post("/api/v2/posts", &post).await.expect(201);
    }
    bob.post(LIST, &json!({"content": "his"})).await.expect(201);
    (app, alice, bob, eve)
}

/// Does this to a comment; gives the status and the body without the id of the request.
async fn attempt(client: &Client, id: i64, (method, end): (&str, &str)) -> (u16, String) {
    let path = format!("/api/v2/comments/{id}{end}");
    let request = client.request(method.parse().unwrap(), &path);
    let answer = client
        .send(request.json(&json!({"content": "eve's"})))
        .await;
    let body = answer.text();
    let body = body.split("\"request_id\"").next().unwrap().to_owned();
    (answer.status, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_somebody_else_s_comment_is_not_mine_to_change() {
    let (app, alice, bob, eve) = three("none").await;
    let before = alice.get("/api/v2/comments/1").await.expect(200).body;

    // An author of one post is nobody in particular below another.
    for way in WAYS {
        assert_eq!(attempt(&eve, 1, way).await.0, 403, "{way:?}");
        assert_eq!(attempt(&app.anonymous(), 1, way).await.0, 401, "{way:?}");
    }
    for way in &WAYS[2..] {
        assert_eq!(attempt(&bob, 1, *way).await.0, 403, "{way:?}");
    }
    assert_eq!(attempt(&alice, 1, WAYS[0]).await.0, 403);

    assert_eq!(alice.get("/api/v2/comments/1").await.body, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_a_comment_that_waits_is_not_there_for_others() {
    let (app, alice, bob, eve) = three("all").await;

    for way in WAYS {
        let hidden = attempt(&eve, 1, way).await;
        assert_eq!(hidden.0, 404, "{way:?}");
        assert_eq!(hidden, attempt(&eve, 999, way).await, "{way:?}");
    }
    for client in [&eve, &app.anonymous()] {
        client.get("/api/v2/comments/1").await.expect(404);
        let list = client.get(LIST).await.expect(200).json();
        assert_eq!(list["comments"], json!([]));
    }
    for status in ["pending", "approved", "spam", "rejected"] {
        let queue = format!("/api/v2/comments?status={status}");
        for client in [&eve, &bob] {
            let queue = client.get(&queue).await.expect(200).json();
            assert_eq!(queue["comments"], json!([]), "{status}");
        }
    }
    // Nor is it told by whether it can be answered.
    let answer = |parent: i64| json!({"content": "x", "parent_id": parent});
    let hidden = eve.post(LIST, &answer(1)).await.expect(422).json();
    let nobody_s = eve.post(LIST, &answer(999)).await.expect(422).json();
    assert_eq!(hidden["errors"], nobody_s["errors"]);

    let own = alice.get("/api/v2/comments").await.expect(200).json();
    assert_eq!(own["comments"][0]["content"], "his");
}

#[tokio::test(flavor = "multi_thread")]
async fn t40_nobody_decides_about_a_comment_by_writing_it() {
    let (_app, _alice, bob, _eve) = three("all").await;

    for (name, value) in [
        ("status", json!("approved")),
        ("user_id", json!(1)),
        ("author", json!({"id": 1})),
        ("post_id", json!(2)),
        ("html", json!("<script>")),
        ("id", json!(7)),
        ("version", json!(7)),
        ("created_at", json!("2020-01-01T00:00:00Z")),
    ] {
        let mut body = json!({"content": "x"});
        body[name] = value;
        for request in [
            bob.request(Method::POST, LIST),
            bob.request(Method::PATCH, "/api/v2/comments/1"),
        ] {
            let refused = bob.send(request.json(&body)).await.expect(422).json();
            assert_eq!(refused["errors"][0]["code"], "unknown_field", "{name}");
        }
    }

    let own = bob.get(LIST).await.expect(200).json();
    assert_eq!(own["comments"].as_array().unwrap().len(), 1);
    assert_eq!(own["comments"][0]["status"], "pending");
    assert_eq!(own["comments"][0]["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_what_readers_keep_is_their_own() {
    let (_app, _alice, bob, eve) = three("none").await;
    for path in [
        "/api/v2/posts/1/favorite",
        "/api/v2/posts/2/favorite",
        "/api/v2/posts/1/bookmark",
        "/api/v2/posts/2/bookmark",
        "/api/v2/users/1/follow",
        "/api/v2/users/3/follow",
    ] {
        bob.send(bob.request(Method::PUT, path)).await.expect(204);
        eve.delete(path).await.expect(204);
    }

    for list in [
        "/api/v2/me/favorites",
        "/api/v2/me/bookmarks",
        "/api/v2/me/feed",
    ] {
        let page = bob.get(&format!("{list}?limit=1")).await.expect(200).json();
        assert_eq!(page["posts"].as_array().unwrap().len(), 1, "{list}");
        let cursor = page["next_cursor"].as_str().unwrap();
        for query in [String::new(), format!("?limit=1&cursor={cursor}")] {
            let hers = eve.get(&format!("{list}{query}")).await.expect(200).json();
            assert_eq!(hers["posts"], json!([]), "{list}");
        }
        eve.get(&format!("{list}?user_id=2")).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_a_personal_token_opens_of_comments_what_its_scopes_say_and_nothing_beside() {
    let (app, alice, ..) = three("none").await;
    let owner = app.with_token(&app.login_v2("alice", "1234").await.access);
    let with = async |scope: &str| {
        let body = json!({"name": scope, "scopes": [scope]});
        let made = owner
            .post("/api/v2/auth/tokens", &body)
            .await
            .expect(201)
            .json();
        app.with_token(made["token"].as_str().unwrap())
    };
    let words = json!({"content": "x"});
    let (reads, writes) = (with("posts:read").await, with("comments:write").await);

    for path in [LIST, "/api/v2/comments/1"] {
        reads.get(path).await.expect(200);
        writes.get(path).await.expect(403);
    }
    reads.post(LIST, &words).await.expect(403);
    reads.get("/api/v2/comments").await.expect(403);
    writes.get("/api/v2/comments").await.expect(200);
    let own = writes.post(LIST, &words).await.expect(201).json()["id"]
        .as_i64()
        .unwrap();
    for way in WAYS {
        assert_eq!(attempt(&reads, own, way).await.0, 403, "{way:?}");
    }
    for way in WAYS.into_iter().filter(|way| way.0 != "DELETE") {
        assert_eq!(attempt(&writes, own, way).await.0, 200, "{way:?}");
    }
    assert_eq!(attempt(&writes, own, ("DELETE", "")).await.0, 204);
    for token in [&reads, &writes] {
        for (method, path) in [
            (Method::PUT, "/api/v2/posts/1/favorite"),
            (Method::DELETE, "/api/v2/posts/1/bookmark"),
            (Method::PUT, "/api/v2/users/3/follow"),
            (Method::GET, "/api/v2/me/favorites"),
            (Method::GET, "/api/v2/me/bookmarks"),
            (Method::GET, "/api/v2/me/feed"),
        ] {
            let refused = token.send(token.request(method, path)).await.expect(403);
            assert_eq!(refused.json()["code"], "insufficient_scope", "{path}");
        }
    }
    let favorites = alice.get("/api/v2/me/favorites").await.expect(200).json();
    assert_eq!(favorites["posts"], Value::Array(Vec::new()));
}
