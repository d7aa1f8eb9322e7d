//! Sessions: alive or not.

use inkgate_store::Error;
use model::{NewSession, Role, SessionId, UserId};

use crate::support::{START, TestStore, later, name, new_session};

const NOBODY: UserId = UserId(999_999);

#[tokio::test(flavor = "multi_thread")]
async fn a_session_shows_its_account_until_it_ends() {
    let store = TestStore::open().await;
    let user = store.add_user("Alice").await;
    let session = store.add_session(user, 1).await;

    let state = store.session_state(session, user, later(3599)).await;
    let at_the_end = store.session_state(session, user, later(3600)).await;
    let after = store.session_state(session, user, later(3601)).await;

    let (state, ends_at) = state.unwrap().unwrap();
    assert_eq!(ends_at, later(3600));
    assert_eq!(state.user_id, user);
    assert_eq!(state.username, "Alice");
    assert_eq!(state.role, Role::Author);
    assert_eq!(state.generation, 0);
    assert!(!state.suspended);
    assert!(at_the_end.unwrap().is_none());
    assert!(after.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_of_one_user_only() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let hers = store.add_session(alice, 1).await;
    store.add_session(bob, 2).await;

    for user in [bob, NOBODY] {
        let state = store.session_state(hers, user, START).await.unwrap();
        assert!(state.is_none());
    }
    let unknown = SessionId::new(START, [9; 10]);
    let state = store.session_state(unknown, alice, START).await.unwrap();
    assert!(state.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_generation_is_dead() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    store
        .set_password(user, "another", START, &[])
        .await
        .unwrap();
    let of_generation = |generation, number| NewSession {
        generation,
        ..new_session(user, number)
    };

    // A log-in that began before the revocation and stored its session after it.
    for (generation, alive) in [(0, false), (1, true), (2, false)] {
        let new = of_generation(generation, u8::try_from(generation).unwrap());
        store.insert_session(&new, &[]).await.unwrap();
        let state = store.session_state(new.id, user, START).await.unwrap();
        assert_eq!(state.is_some(), alive, "{generation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_account_shows_in_its_sessions_at_once() {
    let store = TestStore::open().await;
    store.add_admin("root").await;
    let user = store.add_user("alice").await;
    let session = store.add_session(user, 1).await;

    assert!(store.set_role(user, Role::Editor).await.unwrap());
    let promoted = store.session_state(session, user, START).await.unwrap();
    assert!(store.suspend_user(user, START).await.unwrap());
    let new = NewSession {
        generation: 1,
        ..new_session(user, 2)
    };
    store.insert_session(&new, &[]).await.unwrap();
    let suspended = store.session_state(new.id, user, START).await.unwrap();

    assert_eq!(promoted.unwrap().0.role, Role::Editor);
    assert!(suspended.unwrap().0.suspended);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_state_without_a_session() {
    let store = TestStore::open().await;
    let user = store.add_user("Alice").await;
    store.suspend_user(user, START).await.unwrap();

    let state = store.account_state(user).await.unwrap().unwrap();

    assert_eq!(state.user_id, user);
    assert_eq!(state.username, "Alice");
    assert_eq!(state.role, Role::Author);
    assert_eq!(state.generation, 1);
    assert!(state.suspended);
    assert!(store.account_state(NOBODY).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_stored_once_and_for_somebody() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    store.add_session(user, 1).await;

    let twice = store.insert_session(&new_session(user, 1), &[]).await;
    let nobodys = store.insert_session(&new_session(NOBODY, 2), &[]).await;

    assert!(
        matches!(&twice, Err(Error::Unique(column)) if column == "sessions.id"),
        "{twice:?}"
    );
    assert!(matches!(nobodys, Err(Error::ForeignKey)), "{nobodys:?}");
    assert_eq!(store.count("sessions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_known_to_the_account_that_was_used_from_it() {
    let store = TestStore::open().await;
    let alice = store.add_user("Alice").await;
    store.add_user("bob").await;
    store.add_session(alice, 1).await;
    let known = async |account: &str, address| {
        let account = name(account);
        store
            .has_logged_in_from(account.key(), address)
            .await
            .unwrap()
    };

    assert!(known("alice", "192.0.2.1").await);
    assert!(!known("alice", "192.0.2.2").await);
    assert!(!known("bob", "192.0.2.1").await);
    assert!(!known("nobody", "192.0.2.1").await);

    store.delete_user(alice, START, &[]).await.unwrap();
    assert!(!known("alice", "192.0.2.1").await);
}
