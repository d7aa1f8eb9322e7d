//! Personal access tokens.

use std::time::Duration;

use futures_util::future::join_all;
use model::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const TOKENS: &str = "/api/v2/auth/tokens";
const ALL: [&str; 8] = [
    "posts:read",
    "posts:write",
    "comments:write",
    "todos:read",
    "todos:write",
    "profile:read",
    "users:read",
    "users:suspend",
];

/// Every route that a scope opens. Those that delete come last, one for each noun.
const OPEN: [(&str, &str, &str); 43] = [
    ("GET", "/api/v2/me", "profile:read"),
    ("GET", "/api/v2/users", "users:read"),
    ("GET", "/api/v2/users/{id}", "users:read"),
    ("GET", "/api/v2/users/by-name/{username}", "users:read"),
    ("PATCH", "/api/v2/users/{id}", "users:suspend"),
    ("GET", "/api/v2/posts", "posts:read"),
    ("GET", "/api/v2/posts/trash", "posts:read"),
    ("GET", "/api/v2/posts/{id}", "posts:read"),
    ("GET", "/api/v2/posts/by-slug/{slug}", "posts:read"),
    ("GET", "/api/v2/posts/{id}/revisions", "posts:read"),
    ("GET", "/api/v2/posts/{id}/revisions/{n}", "posts:read"),
    ("GET", "/api/v2/posts/{id}/revisions/{n}/diff", "posts:read"),
    ("GET", "/api/v2/posts/{id}/draft", "posts:read"),
    (
        "POST",
        "/api/v2/posts/{id}/revisions/{n}/restore",
        "posts:write",
    ),
    ("DELETE", "/api/v2/posts/{id}/draft", "posts:write"),
    ("PUT", "/api/v2/posts/{id}/draft", "posts:write"),
    ("POST", "/api/v2/posts/{id}/draft/publish", "posts:write"),
    ("POST", "/api/v2/posts/{id}/archive", "posts:write"),
    ("POST", "/api/v2/posts/{id}/unpublish", "posts:write"),
    ("POST", "/api/v2/posts/{id}/publish", "posts:write"),
    ("POST", "/api/v2/posts", "posts:write"),
    ("PUT", "/api/v2/posts/{id}", "posts:write"),
    ("PATCH", "/api/v2/posts/{id}", "posts:write"),
    ("GET", "/api/v2/todos", "todos:read"),
    ("GET", "/api/v2/todos/priority", "todos:read"),
    ("GET", "/api/v2/todos/{id}", "todos:read"),
    ("POST", "/api/v2/todos", "todos:write"),
    ("POST", "/api/v2/todos/complete", "todos:write"),
    ("POST", "/api/v2/todos/delete", "todos:write"),
    ("PUT", "/api/v2/todos/{id}", "todos:write"),
    ("PATCH", "/api/v2/todos/{id}", "todos:write"),
    ("DELETE", "/api/v2/posts/{id}", "posts:write"),
    ("POST", "/api/v2/posts/{id}/restore", "posts:write"),
    ("DELETE", "/api/v2/todos/{id}", "todos:write"),
    ("GET", "/api/v2/posts/{id}/comments", "posts:read"),
    ("GET", "/api/v2/comments/{id}", "posts:read"),
    ("GET", "/api/v2/comments", "comments:write"),
    ("POST", "/api/v2/posts/{id}/comments", "comments:write"),
    ("PATCH", "/api/v2/comments/{id}", "comments:write"),
    ("POST", "/api/v2/comments/{id}/approve", "comments:write"),
    ("POST", "/api/v2/comments/{id}/spam", "comments:write"),
    ("POST", "/api/v2/comments/{id}/reject", "comments:write"),
    ("DELETE", "/api/v2/comments/{id}", "comments:write"),
];

async fn with_role(app: &TestApp, name: &str, role: Role) -> Client {
    app.user_with_role(name, role).await;
    app.with_token(&app.login_v2(name, "1234").await.access)
}

/// Makes a token and gives what was answered.
async fn made(owner: &Client, scopes: &[&str]) -> Value {
    let body = json!({"name": "a script", "scopes": scopes});
    owner.post(TOKENS, &body).await.expect(201).json()
}

/// A program with a new token of these scopes.
async fn program(app: &TestApp, owner: &Client, scopes: &[&str]) -> Client {
    app.with_token(made(owner, scopes).await["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_listed_without_its_secret() {
    let app = TestApp::spawn().await;
    let alice = with_role(&app, "alice", Role::Author).await;
    let body = json!({"name": " backup ", "scopes": ["todos:read", "posts:read", "todos:read"]});

    let answer = alice.post(TOKENS, &body).await.expect(201);

    assert_eq!(answer.header("cache-control"), "private, no-store");
    let mut made = answer.json();
    let path = format!("{TOKENS}/{}", made["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), path);
    let token = made.as_object_mut().unwrap().remove("token").unwrap();
    assert!(token.as_str().unwrap().starts_with("ink_pat_"));
    let wanted = json!({"id": made["id"], "name": "backup", "scopes": ["posts:read", "todos:read"],
        "created_at": "2026-11-23T19:00:00.123Z", "expires_at": "2027-02-21T19:00:00.123Z",
        "last_used_at": null});
    assert_eq!(made, wanted);
    let list = alice.get(TOKENS).await.expect(200).json();
    assert_eq!(list, json!({"tokens": [made], "next_cursor": null}));
    alice.delete(&path).await.expect(204);
    assert_eq!(alice.get(TOKENS).await.json()["tokens"], json!([]));
    alice.delete(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_comes_in_pages_and_is_one_s_own() {
    let app = TestApp::spawn().await;
    let alice = with_role(&app, "alice", Role::Author).await;
    let bob = with_role(&app, "bob", Role::Author).await;
    for _ in 0..3 {
        app.advance(Duration::from_millis(5));
        made(&alice, &["posts:read"]).await;
    }
    let one = made(&bob, &["posts:read"]).await;

    let first = alice.get(&format!("{TOKENS}?limit=2")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = alice
        .get(&format!("{TOKENS}?limit=2&cursor={cursor}"))
        .await
        .json();

    assert_eq!(first["tokens"].as_array().unwrap().len(), 2);
    assert_eq!(second["tokens"].as_array().unwrap().len(), 1);
    let path = format!("{TOKENS}/{}", one["id"].as_str().unwrap());
    alice.delete(&path).await.expect(404);
    app.with_token(one["token"].as_str().unwrap());
    assert_eq!(
        bob.get(TOKENS).await.json()["tokens"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scope_opens_its_own_routes_and_no_others() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    app.register("alice", "1234").await.expect(201);
    let post = json!({"title": "x", "content": "y"});
    let todo = json!({"title": "x"});
    let comment = json!({"content": "x"});
    root.post("/api/v2/posts", &post).await.expect(201);
    let again = json!({"content": "z"});
    root.patch("/api/v2/posts/1", &again).await.expect(200);
    root.put("/api/v2/posts/1/draft", &again).await.expect(200);
    root.post("/api/v2/todos", &todo).await.expect(201);
    root.post("/api/v2/posts/1/comments", &comment)
        .await
        .expect(201);
    let bodies = |method: &str, path: &str| match (method, path) {
        ("POST", path) if path.ends_with("/posts") => post.clone(),
        ("POST", path) if path.ends_with("/posts/{id}/comments") => comment.clone(),
        ("POST", path) if path.ends_with("/todos") => todo.clone(),
        ("POST", path) if path.ends_with("/todos/complete") => json!({"ids": [1]}),
        ("POST", path) if path.ends_with("/todos/delete") => json!({"ids": [2]}),
        ("PUT", path) if path.contains("/todos/") => todo.clone(),
        _ => json!({}),
    };

    for scope in ALL {
        let client = program(&app, &root, &[scope]).await;
        for (method, path, needed) in OPEN {
            let id = if path.contains("/users/") { "2" } else { "1" };
            let filled = path.replace("{id}", id).replace("{username}", "alice");
            let filled = filled.replace("{slug}", "x").replace("{n}", "2");
            let request = client.request(method.parse().unwrap(), &filled);
            let answer = client.send(request.json(&bodies(method, path))).await;
            if scope == needed {
                assert!(
                    matches!(answer.status, 200 | 201 | 204),
                    "{scope} {method} {path}: {}",
                    answer.text()
                );
                continue;
            }
            let answer = answer.expect(403);
            assert_eq!(answer.json()["code"], "insufficient_scope");
            let challenge = format!(
                "Bearer realm=\"inkgate\", error=\"insufficient_scope\", scope=\"{needed}\""
            );
            assert_eq!(answer.header("www-authenticate"), challenge);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_guards_an_account_is_closed_to_every_personal_token() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    app.register("alice", "1234").await.expect(201);
    let client = program(&app, &root, &ALL).await;
    let document = app.anonymous().get("/api/v2/openapi.json").await.json();
    let open = OPEN.map(|(method, path, _)| format!("{method} {path}"));

    let mut closed = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let route = format!("{} {path}", method.to_uppercase());
            if operation["security"] == json!([]) || open.contains(&route) {
                continue;
            }
            let path = path.replace("{id}", "2").replace("{link_id}", "1");
            let method = method.to_uppercase().parse().unwrap();
            let request = client.request(method, &path).json(&json!({}));
            let answer = client.send(request).await;
            assert_eq!(answer.status, 403, "{route}: {}", answer.text());
            assert_eq!(answer.json()["code"], "insufficient_scope", "{route}");
            closed += 1;
        }
    }
    assert!(closed >= 10, "{closed}");
    let role = json!({"role": "admin", "suspended": false});
    let refused = client.patch("/api/v2/users/2", &role).await.expect(403);
    assert_eq!(refused.json()["code"], "insufficient_scope");
    assert_eq!(root.get("/api/v2/users/2").await.json()["role"], "author");
    let suspended = client
        .patch("/api/v2/users/2", &json!({"suspended": true}))
        .await;
    assert_eq!(suspended.expect(200).json()["suspended"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_goes_beyond_the_role_of_its_user() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    let rita = with_role(&app, "rita", Role::Reader).await;
    for scope in ["posts:write", "users:read", "users:suspend"] {
        let body = json!({"name": "x", "scopes": ["todos:read", scope]});
        let problem = rita.post(TOKENS, &body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "scopes");
        assert!(
            problem["detail"].as_str().unwrap().contains(scope),
            "{problem}"
        );
    }
    let alice = with_role(&app, "alice", Role::Author).await;
    let writer = program(&app, &alice, &["posts:write"]).await;
    let second = with_role(&app, "second", Role::Admin).await;
    let suspender = program(&app, &second, &["users:suspend", "users:read"]).await;
    let post = json!({"title": "x", "content": "y"});
    writer.post("/api/v2/posts", &post).await.expect(201);

    // A role that is taken away is taken from the tokens, too.
    root.patch("/api/v2/users/3", &json!({"role": "reader"}))
        .await
        .expect(200);
    root.patch("/api/v2/users/4", &json!({"role": "editor"}))
        .await
        .expect(200);

    let refused = writer.post("/api/v2/posts", &post).await.expect(403);
    assert_eq!(refused.json()["code"], "insufficient_scope");
    for answer in [
        writer.put("/api/v2/posts/1", &post).await,
        writer.patch("/api/v2/posts/1", &json!({})).await,
        writer.delete("/api/v2/posts/1").await,
    ] {
        assert_eq!(answer.expect(403).json()["code"], "insufficient_scope");
    }
    suspender
        .patch("/api/v2/users/3", &json!({"suspended": true}))
        .await
        .expect(403);
    suspender.get("/api/v2/users/3").await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_at_its_time() {
    let app = TestApp::spawn().await;
    let alice = with_role(&app, "alice", Role::Author).await;
    let body =
        json!({"name": "x", "scopes": ["profile:read"], "expires_at": "2026-11-23T20:00:00Z"});
    let made = alice.post(TOKENS, &body).await.expect(201).json();
    let client = app.with_token(made["token"].as_str().unwrap());

    app.advance(Duration::from_secs(3599));
    client.get("/api/v2/me").await.expect(200);
    app.advance(Duration::from_secs(1));

    client.get("/api/v2/me").await.expect(401);
    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);
    assert_eq!(alice.get(TOKENS).await.json()["tokens"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_known_to_the_minute() {
    let app = TestApp::spawn().await;
    let alice = with_role(&app, "alice", Role::Author).await;
    let client = program(&app, &alice, &["profile:read"]).await;
    let last = async || alice.get(TOKENS).await.json()["tokens"][0]["last_used_at"].clone();
    assert_eq!(last().await, Value::Null);

    client.get("/api/v2/me").await.expect(200);
    assert_eq!(last().await, "2026-11-23T19:00:00.123Z");
    app.advance(Duration::from_secs(59));
    client.get("/api/v2/me").await.expect(200);
    assert_eq!(last().await, "2026-11-23T19:00:00.123Z");
    app.advance(Duration::from_secs(1));
    client.get("/api/v2/me").await.expect(200);
    assert_eq!(last().await, "2026-11-23T19:01:00.123Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_revokes_every_token_revokes_these_too() {
    let app = TestApp::spawn().await;
    let root = with_role(&app, "root", Role::Admin).await;
    let alice = with_role(&app, "alice", Role::Author).await;
    let token = async |client: &Client| program(&app, client, &["profile:read"]).await;
    let again = async || app.with_token(&app.login_v2("alice", "1234").await.access);

    let client = token(&alice).await;
    alice
        .post("/api/v2/auth/logout", &json!({}))
        .await
        .expect(204);
    client.get("/api/v2/me").await.expect(200);
    let alice = again().await;
    alice
        .post("/api/v2/auth/logout-all", &json!({}))
        .await
        .expect(204);
    client.get("/api/v2/me").await.expect(401);

    let alice = again().await;
    let client = token(&alice).await;
    let change = json!({"current_password": "1234", "new_password": "1234"});
    alice
        .post("/api/v2/auth/password", &change)
        .await
        .expect(200);
    client.get("/api/v2/me").await.expect(401);

    let client = token(&again().await).await;
    root.patch("/api/v2/users/2", &json!({"suspended": true}))
        .await
        .expect(200);
    client.get("/api/v2/me").await.expect(401);
    root.patch("/api/v2/users/2", &json!({"suspended": false}))
        .await
        .expect(200);
    client.get("/api/v2/me").await.expect(401);

    let client = token(&again().await).await;
    root.delete("/api/v2/users/2").await.expect(204);
    client.get("/api/v2/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_than_a_hundred_however_they_are_made() {
    let app = TestApp::spawn().await;
    let alice = with_role(&app, "alice", Role::Author).await;
    for _ in 0..98 {
        made(&alice, &["posts:read"]).await;
    }
    let body = json!({"name": "x", "scopes": ["posts:read"]});

    let race = join_all((0..20).map(|_| alice.post(TOKENS, &body))).await;

    assert_eq!(race.iter().filter(|answer| answer.status == 201).count(), 2);
    let refused = race.iter().find(|answer| answer.status != 201).unwrap();
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("too_many_tokens"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_token_is_none() {
    let app = TestApp::spawn().await;
    let alice = with_role(&app, "alice", Role::Author).await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("name", json!(5)),
        ("scopes", json!([])),
        ("scopes", json!(["posts"])),
        ("scopes", json!(["posts:read", 5])),
        ("scopes", json!("posts:read")),
        ("scopes", json!(null)),
        ("expires_at", json!("2026-11-23T19:00:00Z")),
        ("expires_at", json!("2027-11-23T19:00:01Z")),
        ("expires_at", json!("soon")),
        ("expires_at", json!(5)),
        ("user_id", json!(2)),
        ("token", json!("ink_pat_x")),
    ] {
        let mut body = json!({"name": "x", "scopes": ["posts:read"]});
        body[field] = value;
        let problem = alice.post(TOKENS, &body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert_eq!(alice.get(TOKENS).await.json()["tokens"], json!([]));
}
