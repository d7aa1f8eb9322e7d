//! Users who are deleted, and who may do that.

use domain::Error;
use model::{Role, UserId};

use super::{each, id_of, write_post, write_todo};
use crate::support::{Client, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_deletes_users() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let editor = app.user_with_role("ed", Role::Editor).await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let path = path_of(&alice).await;

    app.anonymous().delete(&path).await.expect(401);
    for other in [&alice, &editor] {
        for path in [path.as_str(), "/api/v1/users/999"] {
            let refused = other.delete(path).await.expect(403);
            assert_eq!(refused.message(), "Admin access required");
        }
    }
    let unknown = admin.delete("/api/v1/users/999").await.expect(404);
    let deleted = admin.delete(&path).await.expect(200);

    assert_eq!(unknown.message(), "User not found");
    assert_eq!(deleted.text(), "{\"message\":\"User deleted\"}\n");
    let again = admin.delete(&path).await.expect(404);
    assert_eq!(again.message(), "User not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_user_go_posts_todos_and_tokens_at_once() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let alice = app.user("alice").await;
    let post = write_post(&alice, "hers").await;
    let kept = write_post(&admin, "kept").await;
    let todo = write_todo(&alice, "hers").await;
    let user = path_of(&alice).await;
    // Read once, so that a finished body of it may be kept.
    app.anonymous().get(&post).await.expect(200);

    admin.delete(&user).await.expect(200);

    assert_eq!(
        app.anonymous().get(&post).await.expect(404).message(),
        "Post not found"
    );
    assert_eq!(
        app.anonymous().get(&user).await.expect(404).message(),
        "User not found"
    );
    assert_eq!(
        admin.get(&todo).await.expect(404).message(),
        "Todo not found"
    );
    assert_eq!(
        alice.get("/api/v1/me").await.expect(401).message(),
        "Invalid token"
    );
    let posts = app.anonymous().get("/api/v1/posts").await;
    assert_eq!(each(&posts, "title"), ["kept"]);
    let users = app.anonymous().get("/api/v1/users").await;
    assert_eq!(each(&users, "username"), ["root"]);
    admin.get(&format!("{user}/todos")).await.expect(404);
    app.anonymous().get(&kept).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_users_name_is_free_at_once_and_no_number_comes_back() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let alice = app.user("alice").await;
    let (post, todo) = (
        write_post(&alice, "hers").await,
        write_todo(&alice, "hers").await,
    );
    let old = id_of(&alice).await;
    admin.delete(&path_of(&alice).await).await.expect(200);

    app.register("Alice", "another").await.expect(201);
    app.domain.tidy().await.unwrap();
    let alice = app.login("alice", "another").await;

    assert!(id_of(&alice).await > old);
    assert_eq!(each(&alice.get("/api/v1/todos").await, "id").len(), 0);
    for (old, new) in [
        (&post, write_post(&alice, "new").await),
        (&todo, write_todo(&alice, "new").await),
    ] {
        assert_ne!(*old, new);
        alice.get(old).await.expect(404);
    }
    app.anonymous()
        .get(&format!("/api/v1/users/{old}"))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    app.user_with_role("ed", Role::Editor).await;
    let id = UserId(id_of(&admin).await);
    let path = path_of(&admin).await;

    let refused = admin.delete(&path).await.expect(400);

    assert_eq!(refused.message(), "The last admin must stay");
    let demoted = app.domain.set_role(id, Role::Editor).await;
    assert!(matches!(demoted, Err(Error::LastAdmin)));
    let suspended = app.domain.suspend_user(id).await;
    assert!(matches!(suspended, Err(Error::LastAdmin)));
    assert_eq!(id_of(&admin).await, id.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_admin_does_not_count_as_one_who_stays() {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", Role::Admin).await;
    let second = app.user_with_role("second", Role::Admin).await;
    let id = UserId(id_of(&second).await);
    app.domain.suspend_user(id).await.unwrap();

    admin.delete(&path_of(&admin).await).await.expect(400);

    app.domain.unsuspend_user(id).await.unwrap();
    admin.delete(&path_of(&admin).await).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_delete_each_other_do_not_both_succeed() {
    let app = TestApp::spawn().await;
    let one = app.user_with_role("one", Role::Admin).await;
    let other = app.user_with_role("other", Role::Admin).await;
    let (path_of_one, path_of_other) = (path_of(&one).await, path_of(&other).await);

    let (first, second) = tokio::join!(one.delete(&path_of_other), other.delete(&path_of_one));

    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    // Who comes too late has no token any more, or would delete the last admin.
    assert!(matches!(statuses, [200, 400 | 401]), "{statuses:?}");
    let users = app.anonymous().get("/api/v1/users").await;
    assert_eq!(each(&users, "username").len(), 1);
}

async fn path_of(client: &Client) -> String {
    format!("/api/v1/users/{}", id_of(client).await)
}
