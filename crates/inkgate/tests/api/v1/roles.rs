//! What a reader, an author, an editor and an admin may do.

use model::{Role, UserId};
use serde_json::json;

use super::{id_of, write_post, write_todo};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_writes_todos_but_no_posts() {
    let app = TestApp::spawn().await;
    let reader = app.user_with_role("rita", Role::Reader).await;
    let post = json!({"title": "Mine", "content": "Hello"});

    let refused = reader.post("/api/v1/posts", &post).await.expect(403);
    write_todo(&reader, "read").await;

    assert_eq!(refused.message(), "Your role may not write posts");
    let posts = app.anonymous().get("/api/v1/posts").await;
    assert_eq!(posts.text(), "{\"posts\":[]}\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_gets_the_default_role() {
    let app = TestApp::spawn_with(&["--env", "testing", "--default-role", "reader"]).await;
    let alice = app.user("alice").await;
    let post = json!({"title": "Mine", "content": "Hello"});

    alice.post("/api/v1/posts", &post).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_changes_own_posts_only() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = write_post(&alice, "hers").await;

    for role in [Role::Reader, Role::Author] {
        let other = app.user_with_role(&format!("a {role}"), role).await;

        let edited = other.put(&post, &json!({"title": "x"})).await.expect(403);
        let deleted = other.delete(&post).await.expect(403);

        assert_eq!(edited.message(), "You can only edit your own posts");
        assert_eq!(deleted.message(), "You can only delete your own posts");
    }
    let unchanged = app.anonymous().get(&post).await.expect(200).json();
    assert_eq!(unchanged["title"], "hers");
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_and_admins_change_any_post() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for role in [Role::Editor, Role::Admin] {
        let other = app.user_with_role(&format!("an {role}"), role).await;
        let post = write_post(&alice, "hers").await;

        let edited = other
            .put(&post, &json!({"title": "better"}))
            .await
            .expect(200);
        other.delete(&post).await.expect(200);

        // It stays hers.
        assert_eq!(edited.json()["user_id"], id_of(&alice).await);
        assert_eq!(edited.json()["title"], "better");
        alice.get(&post).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_see_the_todos_of_others() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let todo = write_todo(&alice, "hers").await;

    for role in [Role::Reader, Role::Author, Role::Editor] {
        let other = app.user_with_role(&format!("a {role}"), role).await;
        let title = json!({"title": "x"});
        for answer in [
            other.get(&todo).await,
            other.put(&todo, &title).await,
            other.delete(&todo).await,
        ] {
            assert_eq!(answer.expect(404).message(), "Todo not found");
        }
    }
    let admin = app.user_with_role("root", Role::Admin).await;
    admin.get(&todo).await.expect(200);
    let edited = admin.put(&todo, &json!({"title": "x"})).await.expect(200);
    assert_eq!(edited.json()["user_id"], id_of(&alice).await);
    admin.delete(&todo).await.expect(200);
    alice.get(&todo).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_acts_at_once_on_tokens_given_out_before() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let own = write_post(&alice, "hers").await;
    let bob = app.user("bob").await;
    let post = write_post(&bob, "his").await;
    let id = UserId(id_of(&alice).await);

    app.domain.set_role(id, Role::Editor).await.unwrap();
    alice.put(&post, &json!({"title": "x"})).await.expect(200);
    app.domain.set_role(id, Role::Reader).await.unwrap();
    alice.put(&post, &json!({"title": "x"})).await.expect(403);

    // What somebody wrote before stays theirs to change.
    alice.put(&own, &json!({"title": "x"})).await.expect(200);
    let another = json!({"title": "x", "content": ""});
    alice.post("/api/v1/posts", &another).await.expect(403);
}
