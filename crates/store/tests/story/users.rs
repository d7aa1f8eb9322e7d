//! Users: names, numbers, passwords, roles.

use futures_util::future::join_all;
use inkgate_store::{BATCH_ROWS, Error};
use model::{Role, UserId};

use crate::support::{START, TestStore, later, name, new_session, new_user};

/// Nobody has this number.
const NOBODY: UserId = UserId(999_999);

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_found_by_number_and_by_name() {
    let store = TestStore::open().await;

    let id = store.add_user("Alice").await;

    let user = store.user(id).await.unwrap().unwrap();
    assert_eq!(user.id, id);
    assert_eq!(user.username, "Alice");
    assert_eq!(user.role, Role::Author);
    assert_eq!(user.suspended_at, None);
    assert_eq!(user.created_at, START);
    let same = store.user_by_name(&name("ALICE")).await.unwrap().unwrap();
    assert_eq!(same.id, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_found_under_another_number_or_name() {
    let store = TestStore::open().await;
    store.add_user("alice").await;

    assert!(store.user(NOBODY).await.unwrap().is_none());
    assert!(store.user_by_name(&name("bob")).await.unwrap().is_none());
    assert!(store.login(&name("bob")).await.unwrap().is_none());
    // It looks the same, but is another name: Cyrillic letters.
    assert!(store.login(&name("аlicе")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_by_its_key_and_by_what_it_looks_like() {
    let store = TestStore::open().await;
    store.add_user("alice").await;

    let same = store
        .insert_user(&new_user("ALICE", Role::Author), &[], &[])
        .await;
    let lookalike = store
        .insert_user(&new_user("аlicе", Role::Author), &[], &[])
        .await;

    assert!(
        matches!(&same, Err(Error::Unique(column)) if column == "users.name_key"),
        "{same:?}"
    );
    assert!(
        matches!(&lookalike, Err(Error::Unique(column)) if column == "users.name_skeleton"),
        "{lookalike:?}"
    );
    assert!(store.username_is_taken(&name("Alice")).await.unwrap());
    assert!(store.username_is_taken(&name("аlicе")).await.unwrap());
    assert!(!store.username_is_taken(&name("alicia")).await.unwrap());
    assert_eq!(store.count("users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_a_name_at_once_one_gets_it() {
    let store = TestStore::open().await;
    let new = new_user("alice", Role::Author);

    let inserted = join_all((0..20).map(|_| store.insert_user(&new, &[], &[]))).await;

    let refused = |answer: &&_| matches!(answer, Err(Error::Unique(_)));
    assert_eq!(inserted.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(inserted.iter().filter(refused).count(), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_deleted_user_is_never_given_again() {
    let store = TestStore::open().await;
    store.add_user("first").await;
    let highest = store.add_user("second").await;
    store.delete_user(highest, START, &[]).await.unwrap();
    while store.purge_deleted_users().await.unwrap() > 0 {}

    let next = store.add_user("second").await;

    assert_eq!(store.count("users").await, 2);
    assert!(next > highest, "{next} after {highest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_learns_what_it_needs() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;

    let login = store.login(&name("Alice")).await.unwrap().unwrap();

    assert_eq!(login.id, id);
    assert_eq!(login.password_hash, "hash of alice");
    assert_eq!(login.generation, 0);
    assert!(!login.suspended);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_users_is_complete_in_order_and_without_the_deleted() {
    let store = TestStore::open().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(store.add_user(&format!("user {number}")).await);
    }
    store.delete_user(ids.remove(3), START, &[]).await.unwrap();

    let mut found = Vec::new();
    let mut after = UserId(0);
    loop {
        let batch = store.users_after(after, 2).await.unwrap();
        assert!(batch.len() <= 2);
        let Some(last) = batch.last() else { break };
        after = last.id;
        found.extend(batch.iter().map(|user| user.id));
    }

    assert_eq!(found, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_users_is_bounded_whatever_is_asked_for() {
    let store = TestStore::open().await;
    let users: Vec<_> = (0..=BATCH_ROWS)
        .map(|number| new_user(&format!("user {number}"), Role::Reader))
        .collect();
    for inserted in join_all(users.iter().map(|new| store.insert_user(new, &[], &[]))).await {
        inserted.unwrap();
    }

    let batch = store.users_after(UserId(0), u32::MAX).await.unwrap();
    let rest = store
        .users_after(batch.last().unwrap().id, u32::MAX)
        .await
        .unwrap();

    assert_eq!(batch.len(), BATCH_ROWS as usize);
    assert_eq!(rest.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_given_and_given_back() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;

    store.add_admin("root").await;

    for role in Role::ALL.into_iter().chain([Role::Editor]) {
        assert!(store.set_role(id, role).await.unwrap());
        assert!(store.set_role(id, role).await.unwrap());
        assert_eq!(store.user(id).await.unwrap().unwrap().role, role);
    }

    assert!(!store.set_role(NOBODY, Role::Admin).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays() {
    let store = TestStore::open().await;
    let admin = store.add_admin("root").await;
    store.add_session(admin, 1).await;
    store.add_user("alice").await;

    let demoted = store.set_role(admin, Role::Editor).await.unwrap();
    let suspended = store.suspend_user(admin, START).await.unwrap();
    let deleted = store.delete_user(admin, START, &[]).await.unwrap();

    assert_eq!((demoted, suspended, deleted), (false, false, false));
    let user = store.user(admin).await.unwrap().unwrap();
    assert_eq!(user.role, Role::Admin);
    assert_eq!(user.suspended_at, None);
    let login = store.login(&name("root")).await.unwrap().unwrap();
    assert_eq!(login.generation, 0);
    assert_eq!(store.count("sessions").await, 1);
    assert!(store.set_role(admin, Role::Admin).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_cannot_act_does_not_count_as_another_admin() {
    let store = TestStore::open().await;
    let admin = store.add_admin("root").await;
    let suspended = store.add_admin("suspended").await;
    let deleted = store.add_admin("deleted").await;
    assert!(store.suspend_user(suspended, START).await.unwrap());
    assert!(store.delete_user(deleted, START, &[]).await.unwrap());

    assert!(!store.set_role(admin, Role::Reader).await.unwrap());
    assert!(!store.suspend_user(admin, START).await.unwrap());
    assert!(!store.delete_user(admin, START, &[]).await.unwrap());

    // Whoever cannot act may go.
    assert!(store.suspend_user(suspended, later(1)).await.unwrap());
    assert!(store.delete_user(suspended, later(2), &[]).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_remove_each_other_do_not_both_succeed() {
    let store = TestStore::open().await;

    let one = store.add_admin("one").await;
    let other = store.add_admin("other").await;
    let both_again = "UPDATE users SET role = 'admin', suspended_at = NULL, deleted_at = NULL";

    for round in 0..21 {
        store.execute(both_again).await;

        let (first, second) = match round % 3 {
            0 => tokio::join!(
                store.set_role(one, Role::Author),
                store.set_role(other, Role::Author)
            ),
            1 => tokio::join!(
                store.suspend_user(one, START),
                store.delete_user(other, START, &[])
            ),
            _ => tokio::join!(
                store.delete_user(one, START, &[]),
                store.set_role(other, Role::Reader)
            ),
        };

        assert_ne!(first.unwrap(), second.unwrap(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_ends_sessions_and_its_end_brings_none_back() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;
    let other = store.add_user("bob").await;
    let session = store.add_session(id, 1).await;
    let others = store.add_session(other, 2).await;

    assert!(store.suspend_user(id, later(1)).await.unwrap());
    let suspended = store.user(id).await.unwrap().unwrap();
    let login = store.login(&name("alice")).await.unwrap().unwrap();
    assert!(store.unsuspend_user(id).await.unwrap());

    assert_eq!(suspended.suspended_at, Some(later(1)));
    assert!(login.suspended);
    assert_eq!(login.generation, 1);
    assert_eq!(store.user(id).await.unwrap().unwrap().suspended_at, None);
    let state = store.session_state(session, id, START).await.unwrap();
    assert!(state.is_none());
    let state = store.session_state(others, other, START).await.unwrap();
    assert!(state.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_cannot_be_changed() {
    let store = TestStore::open().await;
    let gone = store.add_user("gone").await;
    store.delete_user(gone, START, &[]).await.unwrap();

    for id in [gone, NOBODY] {
        assert!(!store.set_role(id, Role::Author).await.unwrap());
        assert!(!store.suspend_user(id, START).await.unwrap());
        assert!(!store.unsuspend_user(id).await.unwrap());
        assert!(!store.set_password(id, "another", START, &[]).await.unwrap());
        assert!(!store.delete_user(id, START, &[]).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_every_session_of_the_account() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;
    let other = store.add_user("bob").await;
    let session = store.add_session(id, 1).await;
    let others = store.add_session(other, 2).await;

    assert!(
        store
            .set_password(id, "another hash", START, &[])
            .await
            .unwrap()
    );

    let login = store.login(&name("alice")).await.unwrap().unwrap();
    assert_eq!(login.password_hash, "another hash");
    assert_eq!(login.generation, 1);
    let state = store.session_state(session, id, START).await.unwrap();
    assert!(state.is_none());
    let state = store.session_state(others, other, START).await.unwrap();
    assert!(state.is_some());
    let untouched = store.login(&name("bob")).await.unwrap().unwrap();
    assert_eq!(untouched.password_hash, "hash of bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_is_replaced_only_while_it_is_still_the_same() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;
    store.add_session(id, 1).await;

    store
        .replace_hash(id, "hash of alice", "newer")
        .await
        .unwrap();
    store
        .replace_hash(id, "hash of alice", "too late")
        .await
        .unwrap();

    let login = store.login(&name("alice")).await.unwrap().unwrap();
    assert_eq!(login.password_hash, "newer");
    assert_eq!(login.generation, 0);
    assert_eq!(store.count("sessions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_gone_at_once_and_the_name_free() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;
    let session = store.add_session(id, 1).await;

    assert!(store.delete_user(id, later(1), &[]).await.unwrap());

    assert!(store.user(id).await.unwrap().is_none());
    assert!(store.login(&name("alice")).await.unwrap().is_none());
    assert!(store.account_state(id).await.unwrap().is_none());
    let state = store.session_state(session, id, START).await.unwrap();
    assert!(state.is_none());
    // A log-in that was under way must not come back to life.
    store
        .insert_session(&new_session(id, 2), &[])
        .await
        .unwrap();
    let late = new_session(id, 2).id;
    let state = store.session_state(late, id, START).await.unwrap();
    assert!(state.is_none());
    let next = store.add_user("alice").await;
    assert_ne!(next, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_user_wrote_is_hidden_at_once() {
    let store = TestStore::open().await;
    let id = store.add_user("alice").await;
    let other = store.add_user("bob").await;
    let post = store.add_post(id, "hers").await;
    let todo = store.add_todo(id, "hers").await;
    let kept = store.add_post(other, "his").await;

    store.delete_user(id, START, &[]).await.unwrap();

    assert!(store.post_is_hidden(post, id).await);
    assert!(store.todo_is_hidden(todo, id).await);
    assert!(!store.post_is_hidden(kept, other).await);
}
