//! Users: registering, and what is shown of them.

use serde_json::json;

use super::{each, id_of, write_post, write_todo};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn registering_answers_the_user_without_the_password() {
    let app = TestApp::spawn().await;

    let answer = app.register("alice", "1234").await.expect(201);

    let body = "{\"id\":1,\"posts\":[],\"username\":\"alice\"}\n";
    assert_eq!(answer.text(), body);
    let same = app.anonymous().get("/api/v1/users/1").await.expect(200);
    assert_eq!(same.text(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_strings_register_and_the_key_that_is_wrong_is_named() {
    let app = TestApp::spawn().await;
    let missing = "Missing username or password";
    let username = "username must be a string";
    let bodies = [
        (json!({"username": 5, "password": "x"}), username),
        (json!({"username": null, "password": "x"}), username),
        (json!({"username": ["a"], "password": "x"}), username),
        (json!({"username": {"a": 1}, "password": "x"}), username),
        (json!({"username": true, "password": 5}), username),
        (
            json!({"username": "a", "password": 5}),
            "password must be a string",
        ),
        (
            json!({"username": "a", "password": null}),
            "password must be a string",
        ),
        (json!({"username": "a"}), missing),
        (json!({"password": "x"}), missing),
        (json!({}), missing),
        (json!(["username", "password"]), missing),
        (json!("username password"), missing),
        (json!(null), missing),
    ];

    for (body, message) in bodies {
        let refused = app
            .anonymous()
            .post("/api/v1/users", &body)
            .await
            .expect(400);

        assert_eq!(refused.message(), message, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_nobody_knows_register_nothing_else() {
    let app = TestApp::spawn().await;
    let body = json!({"username": "eve", "password": "1234", "role": "admin", "admin": true,
        "id": 99, "created_at": "2000-01-01"});

    let answer = app
        .anonymous()
        .post("/api/v1/users", &body)
        .await
        .expect(201);

    assert_eq!(
        answer.json(),
        json!({"id": 1, "posts": [], "username": "eve"})
    );
    let eve = app.login("eve", "1234").await;
    eve.delete("/api/v1/users/99").await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_by_id_with_their_published_posts() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    write_post(&bob, "first").await;
    write_post(&alice, "second").await;
    let deleted = write_post(&bob, "third").await;
    write_post(&bob, "fourth").await;
    bob.delete(&deleted).await.expect(200);

    let users = app.anonymous().get("/api/v1/users").await.expect(200);

    let posts = app
        .anonymous()
        .get("/api/v1/posts")
        .await
        .expect(200)
        .json();
    let posts = &posts["posts"];
    let of_bob = json!({"id": 2, "posts": [posts[0], posts[2]], "username": "bob"});
    assert_eq!(
        users.json(),
        json!({"users": [{"id": 1, "posts": [posts[1]], "username": "alice"}, of_bob]})
    );
    let one = app.anonymous().get("/api/v1/users/2").await.expect(200);
    assert_eq!(one.json(), of_bob);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_is_not_there_is_not_found() {
    let app = TestApp::spawn().await;
    app.user("alice").await;

    for id in ["0", "2", "9223372036854775807", "99999999999999999999"] {
        let answer = app.anonymous().get(&format!("/api/v1/users/{id}")).await;
        assert_eq!(answer.expect(404).message(), "User not found", "{id}");
    }
    for id in ["abc", "-1", "1.5", "+1", "%31%30x"] {
        let answer = app.anonymous().get(&format!("/api/v1/users/{id}")).await;
        let message = answer.expect(404).message();
        assert!(message.starts_with("The requested URL"), "{id}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_todos_of_a_user_are_for_the_user_and_admins() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let bob = app.user("bob").await;
    let editor = app.user_with_role("ed", model::Role::Editor).await;
    let admin = app.user_with_role("root", model::Role::Admin).await;
    write_todo(&alice, "one").await;
    let path = format!("/api/v1/users/{}/todos", id_of(&alice).await);

    app.anonymous().get(&path).await.expect(401);
    for stranger in [&bob, &editor] {
        for path in [path.as_str(), "/api/v1/users/999/todos"] {
            let refused = stranger.get(path).await.expect(403);
            assert_eq!(refused.message(), "You can only manage your own todos");
        }
    }
    let unknown = admin.get("/api/v1/users/999/todos").await.expect(404);

    assert_eq!(unknown.message(), "User not found");
    let own = alice.get(&path).await.expect(200);
    assert_eq!(own.text(), alice.get("/api/v1/todos").await.text());
    assert_eq!(each(&own, "title"), ["one"]);
    assert_eq!(admin.get(&path).await.expect(200).text(), own.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_todos_of_a_user_can_be_filtered_like_all_lists() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let open = write_todo(&alice, "one").await;
    for title in ["two", "three"] {
        write_todo(&alice, title).await;
    }
    alice
        .put(&open, &json!({"completed": true}))
        .await
        .expect(200);
    let path = format!("/api/v1/users/{}/todos", id_of(&alice).await);

    for (query, titles) in [
        ("completed=TRUE", vec!["one"]),
        ("completed=", vec!["two", "three"]),
        ("limit=2", vec!["one", "two"]),
        ("after=1&limit=1", vec!["two"]),
    ] {
        let list = alice.get(&format!("{path}?{query}")).await.expect(200);
        assert_eq!(each(&list, "title"), titles, "{query}");
    }
}
