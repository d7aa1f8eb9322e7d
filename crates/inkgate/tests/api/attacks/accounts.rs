//! T40 and T43: fields that nobody may set, and names that look like another's.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn t40_nobody_registers_with_more_rights_or_another_number() {
    let app = TestApp::spawn().await;
    app.user("victim").await;
    let body = json!({"username": "mallory", "password": "1234", "role": "admin",
        "is_admin": true, "admin": true, "has_admin_role": true, "id": 1, "user_id": 1,
        "email_verified": true, "created_at": "2000-01-01T00:00:00Z", "token_version": 99,
        "generation": 99, "gen": 99, "suspended_at": null, "posts": [{"title": "x"}],
        "password_hash": "$argon2id$", "__proto__": {"role": "admin"}});

    let made = app
        .anonymous()
        .post("/api/v1/users", &body)
        .await
        .expect(201);

    let wanted = json!({"id": 2, "posts": [], "username": "mallory"});
    assert_eq!(made.json(), wanted);
    let mallory = app.login("mallory", "1234").await;
    assert_eq!(mallory.get("/api/v1/me").await.expect(200).json(), wanted);
    mallory.delete("/api/v1/users/1").await.expect(403);
    let claims = super::claims(mallory.token());
    assert_eq!((&claims["user_id"], &claims["gen"]), (&json!(2), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn t40_v1_ignores_fields_of_a_post_that_nobody_may_set() {
    let app = TestApp::spawn().await;
    app.user("victim").await;
    let mallory = app.user("mallory").await;
    let post = json!({"title": "My Post", "content": "Hello", "id": 99, "user_id": 1,
        "author": {"id": 1}, "created_at": "2000-01-01T00:00:00", "version": 99,
        "category": "pinned", "deleted_at": null});

    let made = mallory
        .post("/api/v1/posts", &post)
        .await
        .expect(201)
        .json();
    mallory.put("/api/v1/posts/1", &post).await.expect(200);

    assert_eq!((&made["id"], &made["user_id"]), (&json!(1), &json!(2)));
    let stored = mallory.get("/api/v1/posts/1").await.expect(200).json();
    assert_eq!(stored, made);
}

#[tokio::test(flavor = "multi_thread")]
async fn t40_v2_refuses_fields_that_nobody_may_set() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = json!({"title": "My Post", "content": "Hello"});
    let todo = json!({"title": "Mine"});
    let post_before = alice.post("/api/v2/posts", &post).await.expect(201).json();
    let todo_before = alice.post("/api/v2/todos", &todo).await.expect(201).json();
    let fields = [
        ("id", json!(99)),
        ("user_id", json!(1)),
        ("author", json!({"id": 1})),
        ("created_at", json!("2000-01-01T00:00:00Z")),
        ("updated_at", json!(null)),
        ("version", json!(99)),
        ("role", json!("admin")),
        ("__proto__", json!({})),
    ];

    for (name, value) in fields {
        for (list, mut body) in [("posts", post.clone()), ("todos", todo.clone())] {
            body[name] = value.clone();
            let path = format!("/api/v2/{list}");
            check_unknown(&alice.post(&path, &body).await, name);
            check_unknown(&alice.put(&format!("{path}/1"), &body).await, name);
            let patch = json!({name: value.clone()});
            check_unknown(&alice.patch(&format!("{path}/1"), &patch).await, name);
        }
    }

    let post = alice.get("/api/v2/posts/1").await.expect(200).json();
    let todo = alice.get("/api/v2/todos/1").await.expect(200).json();
    assert_eq!((post, todo), (post_before, todo_before));
    alice.get("/api/v2/posts/2").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn t43_a_name_that_looks_like_another_s_is_taken_or_none() {
    let app = TestApp::spawn().await;
    for name in ["admin", "fi", "strasse", "ivan", "big"] {
        app.register(name, "1234").await.expect(201);
    }

    for name in [
        "аdmin",
        "аԁmin",
        "ADMIN",
        "Admin",
        "ＡＤＭＩＮ",
        "ａｄｍｉｎ",
        "admin ",
        " admin",
        "\u{3000}admin\u{a0}",
        "𝐚𝐝𝐦𝐢𝐧",
        "adm\u{131}n",
        "\u{fb01}",
        "stra\u{df}e",
        "STRAẞE",
        "\u{131}van",
        "IVAN",
        "ᴮᴵᴳ",
    ] {
        let answer = app.register(name, "5678").await.expect(400);
        assert_eq!(answer.message(), "Username already exists", "{name}");
    }
    for name in [
        "admin\u{200b}",
        "admin\u{200d}",
        "\u{202e}nimda",
        "admin\u{ad}",
        "adm\u{2060}in",
        "admin\u{fe0f}",
        "admin\u{e0061}",
        "\u{3164}",
        "admin\u{180e}",
    ] {
        let answer = app.register(name, "5678").await.expect(400);
        assert!(answer.message().starts_with("username "), "{name:?}");
    }

    let users = app
        .anonymous()
        .get("/api/v1/users")
        .await
        .expect(200)
        .json();
    assert_eq!(users["users"].as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn t43_a_look_alike_does_not_log_in_as_somebody_else() {
    let app = TestApp::spawn().await;
    app.register("admin", "1234").await.expect(201);

    for (name, wanted) in [
        // Other letters that only look the same: nobody's name.
        ("аdmin", 401),
        ("adm\u{131}n", 401),
        ("ᴀdmin", 401),
        // No name at all.
        ("admin\u{200b}", 400),
        ("admin\u{ad}", 400),
        ("admin\0", 400),
        // The same name, in another case or width.
        ("ADMIN", 200),
        ("ＡＤＭＩＮ", 200),
        (" admin ", 200),
    ] {
        let body = json!({"username": name, "password": "1234"});
        let answer = app.anonymous().post("/api/v1/login", &body).await;
        assert_eq!(answer.status, wanted, "{name:?}: {}", answer.text());
    }
}

#[track_caller]
fn check_unknown(answer: &Answer, name: &str) {
    let body: Value = answer.json();
    assert_eq!(answer.status, 422, "{name}: {body}");
    assert_eq!(body["code"], "unknown_field", "{name}: {body}");
    assert_eq!(body["errors"][0]["field"], name);
}
