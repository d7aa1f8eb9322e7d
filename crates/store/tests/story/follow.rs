//! Following what others write: two stores on one database are two processes.

use inkgate_store::{Epochs, Position};
use model::{PostId, ProfilePatch, Role, UserId};
use tokio_postgres::NoTls;

use crate::support::{START, TestStore};

/// What an epoch that is remembered depends on.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    account: bool,
    post: bool,
    lists: bool,
}

const NOTHING: Seen = Seen {
    account: false,
    post: false,
    lists: false,
};

/// What of account 1, post 1 and lists is old by the time `doing` is done.
async fn made_old(epochs: &Epochs, doing: impl Future<Output = ()>) -> Seen {
    let all = || {
        (
            epochs.of_account(UserId(1)),
            epochs.of_post(PostId(1)),
            epochs.of_lists(),
        )
    };
    let before = all();
    doing.await;
    let after = all();
    Seen {
        account: before.0 != after.0,
        post: before.1 != after.1,
        lists: before.2 != after.2,
    }
}

const ACCOUNT: Seen = Seen {
    account: true,
    ..NOTHING
};
const POST: Seen = Seen {
    post: true,
    lists: true,
    ..NOTHING
};
const LISTS: Seen = Seen {
    lists: true,
    ..NOTHING
};
const ALL: Seen = Seen {
    account: true,
    post: true,
    lists: true,
};

/// A store that has followed once, with a user and a post, both of number 1.
async fn followed() -> (TestStore, Position) {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    store.add_session(user, 1).await;
    store.add_post(user, "a post").await;
    let mut position = Position::default();
    // The second look passes over what was written beside a transaction of somebody else.
    for _ in 0..2 {
        store.follow(&mut position).await.unwrap();
    }
    (store, position)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_has_written_makes_old_what_shows_it() {
    let (store, _) = followed().await;
    store.add_admin("root").await;
    let (user, session) = (UserId(1), store.add_session(UserId(1), 2).await);
    let epochs = store.epochs();

    let seen = made_old(epochs, async {
        store.add_session(user, 3).await;
        store.add_todo(user, "a todo").await;
    });
    assert_eq!(seen.await, NOTHING);
    let seen = made_old(epochs, async {
        store.end_session(session, user, START, &[]).await.unwrap();
    });
    assert_eq!(seen.await, ACCOUNT);
    let seen = made_old(epochs, async {
        store.end_all_sessions(user, START, &[]).await.unwrap();
    });
    assert_eq!(seen.await, ACCOUNT);
    let seen = made_old(epochs, async {
        store.set_password(user, "x", START, &[]).await.unwrap();
    });
    assert_eq!(seen.await, ACCOUNT);
    let seen = made_old(epochs, async {
        store.suspend_user(user, START).await.unwrap();
    });
    assert_eq!(seen.await, ACCOUNT);
    let seen = made_old(epochs, async {
        store.add_post(user, "another post").await;
    });
    assert_eq!(seen.await, LISTS);
    let seen = made_old(epochs, async {
        store
            .trash_post(PostId(1), (user, Role::Author), None, START)
            .await
            .unwrap();
    });
    assert_eq!(seen.await, POST);
    let seen = made_old(epochs, async {
        let patch = ProfilePatch {
            bio: Some(None),
            ..ProfilePatch::default()
        };
        store.update_profile(user, &patch).await.unwrap();
    });
    assert_eq!(seen.await, ALL);
    let seen = made_old(epochs, async {
        store.delete_user(user, START, &[]).await.unwrap();
    });
    assert_eq!(seen.await, ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_has_written_is_old_after_the_next_look() {
    let (store, mut position) = followed().await;

    for (sql, wanted) in [
        ("UPDATE users SET role = 'reader' WHERE id = 1", ACCOUNT),
        ("UPDATE users SET generation = generation + 1", ACCOUNT),
        ("UPDATE sessions SET ended_at = 1", ACCOUNT),
        ("UPDATE posts SET title = 'x' WHERE id = 1", POST),
        (
            "INSERT INTO posts (user_id, title, content, category, created_at, updated_at, published_at)
                VALUES (1, 'x', 'y', 'general', 1, 1, 1)",
            LISTS,
        ),
        ("UPDATE users SET display_name = 'Alice'", ALL),
        ("UPDATE users SET deleted_at = 1", ALL),
    ] {
        let seen = made_old(store.epochs(), async {
            store.execute(sql).await;
            store.follow(&mut position).await.unwrap();
        });
        // In an SQLite file one sees that something was written, and not what.
        let wanted = if store.database.is_sqlite() { ALL } else { wanted };
        assert_eq!(seen.await, wanted, "{sql}");
        let again = made_old(store.epochs(), async {
            store.follow(&mut position).await.unwrap();
        });
        assert_eq!(again.await, NOTHING, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_shows_makes_nothing_old_on_postgres() {
    let (store, mut position) = followed().await;
    if store.database.is_sqlite() {
        return;
    }

    let seen = made_old(store.epochs(), async {
        store
            .execute("UPDATE sessions SET last_used_at = 5, refresh_counter = 7")
            .await;
        store
            .execute("UPDATE users SET password_hash = 'rehashed'")
            .await;
        store.add_todo(UserId(1), "a todo").await;
        store.follow(&mut position).await.unwrap();
    });

    assert_eq!(seen.await, NOTHING);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_commits_late_is_not_missed() {
    let (store, mut position) = followed().await;
    if store.database.is_sqlite() {
        return;
    }
    let connecting = tokio_postgres::connect(store.database.url(), NoTls);
    let (mut client, connection) = connecting.await.unwrap();
    let running = tokio::spawn(connection);
    let late = client.transaction().await.unwrap();
    late.execute("UPDATE users SET role = 'reader'", &[])
        .await
        .unwrap();

    // Others come and go meanwhile, and are seen at once and only once.
    for _ in 0..3 {
        let seen = made_old(store.epochs(), async {
            store
                .execute("UPDATE posts SET title = 'x' WHERE id = 1")
                .await;
            store.follow(&mut position).await.unwrap();
        });
        assert_eq!(seen.await, POST);
        let again = made_old(store.epochs(), async {
            store.follow(&mut position).await.unwrap();
        });
        assert_eq!(again.await, NOTHING);
    }
    late.commit().await.unwrap();

    let seen = made_old(store.epochs(), async {
        store.follow(&mut position).await.unwrap();
    });
    assert_eq!(seen.await, ACCOUNT);
    drop(client);
    drop(running.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_looked_yet_or_finds_too_much_takes_nothing_for_granted() {
    let (store, mut position) = followed().await;
    let first = made_old(store.epochs(), async {
        store.follow(&mut Position::default()).await.unwrap();
    });
    assert_eq!(first.await, ALL);
    if store.database.is_sqlite() {
        return;
    }

    let seen = made_old(store.epochs(), async {
        store
            .execute("INSERT INTO events (kind) SELECT 'posts' FROM generate_series(1, 10000)")
            .await;
        store.follow(&mut position).await.unwrap();
    });
    assert_eq!(seen.await, ALL);
    let seen = made_old(store.epochs(), async {
        store
            .execute("INSERT INTO events (kind) VALUES ('of a newer program')")
            .await;
        store.follow(&mut position).await.unwrap();
    });
    assert_eq!(seen.await, ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_events_are_forgotten() {
    let store = TestStore::open().await;
    if store.database.is_sqlite() {
        assert_eq!(store.purge_events().await.unwrap(), 0);
        return;
    }
    store
        .execute("INSERT INTO events (kind, created_at) VALUES ('posts', now() - interval '61 minutes'), ('posts', now())")
        .await;

    assert_eq!(store.purge_events().await.unwrap(), 1);
    assert_eq!(store.purge_events().await.unwrap(), 0);
}
