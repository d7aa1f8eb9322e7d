//! Purging: in bounded steps, and only what nobody can see.

use futures_util::future::join_all;
use inkgate_store::BATCH_ROWS;
use model::{NewSession, Role};

use crate::support::{START, TestStore, later, new_session, new_todo};

#[tokio::test(flavor = "multi_thread")]
async fn deleted_users_are_purged_in_steps_with_all_that_was_theirs() {
    let store = TestStore::open().await;
    let (kept, gone) = (store.add_user("kept").await, store.add_user("gone").await);
    let also_gone = store.add_user("also gone").await;
    let rows = BATCH_ROWS as usize;
    for (user, count) in [(kept, 2), (gone, rows + 100), (also_gone, 1)] {
        store.add_posts(user, count, "x").await;
        let new = new_todo(user, "a title");
        for todo in join_all((0..count).map(|_| store.insert_todo(&new, START, None))).await {
            todo.unwrap().unwrap();
        }
    }
    // Deleted by somebody who is purged: the trash stays.
    let in_trash = store.add_post(kept, "in the trash").await;
    assert!(
        store
            .trash_post(in_trash, (gone, Role::Author), None, START)
            .await
            .unwrap()
    );
    store.add_session(kept, 1).await;
    store.delete_user(gone, START, &[]).await.unwrap();
    store.delete_user(also_gone, START, &[]).await.unwrap();
    // A log-in that was under way.
    store.add_session(gone, 2).await;

    let (mut steps, mut purged) = (0, 0);
    loop {
        let step = store.purge_deleted_users().await.unwrap();
        assert!(step <= u64::from(BATCH_ROWS));
        if step == 0 {
            break;
        }
        steps += 1;
        purged += step;
    }

    assert_eq!(purged, 2 * (rows as u64 + 101) + 2);
    assert_eq!(steps, 5);
    assert_eq!(store.count("users").await, 1);
    assert_eq!(store.count("posts").await, 3);
    assert_eq!(store.count("todos").await, 2);
    assert_eq!(store.count("sessions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_was_deleted_nothing_is_purged() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let post = store.add_post(user, "kept").await;
    store.suspend_user(user, START).await.unwrap();

    let purged = store.purge_deleted_users().await.unwrap();

    assert_eq!(purged, 0);
    assert!(store.post(post).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_purge_at_once_do_each_thing_once() {
    let store = TestStore::open().await;
    let gone = store.add_user("gone").await;
    store.add_posts(gone, 700, "x").await;
    store.delete_user(gone, START, &[]).await.unwrap();
    let all = async || {
        let mut purged = 0;
        loop {
            match store.purge_deleted_users().await.unwrap() {
                0 => return purged,
                step => purged += step,
            }
        }
    };

    let (one, other) = tokio::join!(all(), all());

    assert_eq!(one + other, 701);
    assert_eq!(store.count("users").await + store.count("posts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_ended_long_ago_are_purged_in_steps() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let sessions: Vec<_> = (0..BATCH_ROWS + 5)
        .map(|number| {
            let mut random = [0; 10];
            random[..4].copy_from_slice(&number.to_be_bytes());
            NewSession {
                id: model::SessionId::new(START, random),
                expires_at: later(10),
                ..new_session(user, 0)
            }
        })
        .collect();
    for inserted in join_all(sessions.iter().map(|new| store.insert_session(new, &[]))).await {
        inserted.unwrap();
    }
    let alive = store.add_session(user, 1).await;

    let too_early = store.purge_sessions(later(10)).await.unwrap();
    let first = store.purge_sessions(later(11)).await.unwrap();
    let second = store.purge_sessions(later(11)).await.unwrap();
    let third = store.purge_sessions(later(11)).await.unwrap();

    assert_eq!(too_early, 0);
    assert_eq!((first, second, third), (u64::from(BATCH_ROWS), 5, 0));
    let state = store.session_state(alive, user, later(11)).await.unwrap();
    assert!(state.is_some());
}
