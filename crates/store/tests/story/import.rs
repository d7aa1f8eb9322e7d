//! Rows of another program: they keep their numbers, and later ones come after them.

use inkgate_store::{Error, Imported};
use model::{Category, Content, Description, PostId, Priority, Role, TodoId, UserId};

use crate::support::{START, TestStore, later, name, title};

fn user(id: i64, text: &str) -> Imported {
    Imported::User {
        id: UserId(id),
        username: name(text),
        password_hash: format!("hash of {text}"),
        created_at: START,
    }
}

fn post(id: i64, user_id: i64) -> Imported {
    Imported::Post {
        id: PostId(id),
        user_id: UserId(user_id),
        title: title("imported"),
        content: Content::parse("old words").unwrap(),
        category: Category::parse("old").unwrap(),
        created_at: START,
    }
}

fn todo(id: i64, user_id: i64, completed: bool) -> Imported {
    Imported::Todo {
        id: TodoId(id),
        user_id: UserId(user_id),
        title: title("imported"),
        description: Some(Description::parse("more").unwrap()),
        completed,
        priority: Priority::parse(3).unwrap(),
        created_at: START,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_rows_keep_their_numbers_and_dates() {
    let store = TestStore::open().await;

    for row in [
        user(40, "Alice"),
        post(70, 40),
        todo(90, 40, true),
        todo(91, 40, false),
    ] {
        store.import(&row).await.unwrap();
    }

    let user = store.user_by_name(&name("alice")).await.unwrap().unwrap();
    assert_eq!((user.id, user.role), (UserId(40), Role::Author));
    assert_eq!(user.created_at, START);
    let login = store.login(&name("alice")).await.unwrap().unwrap();
    assert_eq!(login.password_hash, "hash of Alice");
    let post = store.post(PostId(70)).await.unwrap().unwrap();
    assert_eq!(post.author.id, UserId(40));
    assert_eq!(post.fields.content, "old words");
    assert_eq!(post.fields.category, "old");
    assert_eq!((post.created_at, post.updated_at), (START, START));
    assert_eq!(post.fields.published_at, Some(START.floor_to_millis()));
    assert_eq!(post.version, 1);
    let todos = store
        .todos_after(UserId(40), TodoId(0), None, 9)
        .await
        .unwrap();
    assert_eq!(
        todos.iter().map(|todo| todo.id.0).collect::<Vec<_>>(),
        [90, 91]
    );
    assert_eq!(todos[0].description.as_deref(), Some("more"));
    assert_eq!(todos[0].priority, 3);
    assert_eq!(todos[0].completed_at, Some(START));
    assert_eq!(todos[1].completed_at, None);
    assert_eq!(todos[1].created_at, START);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_rows_come_after_the_imported_ones() {
    let store = TestStore::open().await;
    for row in [user(40, "alice"), post(70, 40), todo(90, 40, false)] {
        store.import(&row).await.unwrap();
    }
    store.finish_import(&[]).await.unwrap();

    let next_user = store.add_user("bob").await;
    let next_post = store.add_post(next_user, "next").await;
    let next_todo = store.add_todo(next_user, "next").await;

    assert_eq!(
        (next_user, next_post, next_todo),
        (UserId(41), PostId(71), TodoId(91))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_never_lowers_the_next_number() {
    let store = TestStore::open().await;
    let (kept, gone) = (store.add_user("kept").await, store.add_user("gone").await);
    store.delete_user(gone, START, &[]).await.unwrap();
    while store.purge_deleted_users().await.unwrap() > 0 {}
    let todo_gone = store.add_todo(kept, "gone").await;
    store.delete_todo(todo_gone, None).await.unwrap();

    store.finish_import(&[]).await.unwrap();
    store.finish_import(&[]).await.unwrap();

    assert!(store.add_user("next").await > gone);
    assert!(store.add_todo(kept, "next").await > todo_gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn finishing_an_import_of_nothing_is_harmless() {
    let store = TestStore::open().await;

    store.finish_import(&[]).await.unwrap();

    let user = store.add_user("alice").await;
    assert!(user.0 >= 1);
    assert!(store.add_post(user, "first").await.0 >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_or_a_name_that_is_taken_is_refused() {
    let store = TestStore::open().await;
    for row in [user(1, "alice"), post(1, 1), todo(1, 1, false)] {
        store.import(&row).await.unwrap();
    }

    for (row, taken) in [
        (user(1, "bob"), "users.id"),
        (user(2, "ALICE"), "users.name_key"),
        (user(2, "аlicе"), "users.name_skeleton"),
        (post(1, 1), "posts.id"),
        (todo(1, 1, true), "todos.id"),
    ] {
        let refused = store.import(&row).await;
        assert!(
            matches!(&refused, Err(Error::Unique(column)) if column == taken),
            "{row:?}: {refused:?}"
        );
    }
    for row in [post(2, 2), todo(2, 2, false)] {
        let refused = store.import(&row).await;
        assert!(matches!(refused, Err(Error::ForeignKey)), "{refused:?}");
    }
    assert_eq!(store.count("users").await, 1);
    assert_eq!(store.count("posts").await, 1);
    assert_eq!(store.count("todos").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_imported_before_is_recognised() {
    let store = TestStore::open().await;
    for row in [user(7, "Alice"), post(8, 7), todo(9, 7, false)] {
        store.import(&row).await.unwrap();
    }
    store
        .trash_post(PostId(8), (UserId(7), Role::Author), None, later(1))
        .await
        .unwrap();

    let known = store.imported_user(UserId(7)).await.unwrap();
    let known_post = store.imported_post(PostId(8)).await.unwrap();
    let known_todo = store.imported_todo(TodoId(9)).await.unwrap();
    store.delete_user(UserId(7), START, &[]).await.unwrap();
    let deleted = store.imported_user(UserId(7)).await.unwrap();

    assert_eq!(known, Some(Some("alice".to_owned())));
    assert_eq!(known_post, Some((UserId(7), START)));
    assert_eq!(known_todo, Some((UserId(7), START)));
    assert_eq!(deleted, Some(None));
    assert_eq!(store.imported_user(UserId(1)).await.unwrap(), None);
    assert_eq!(store.imported_post(PostId(1)).await.unwrap(), None);
    assert_eq!(store.imported_todo(TodoId(1)).await.unwrap(), None);
}
