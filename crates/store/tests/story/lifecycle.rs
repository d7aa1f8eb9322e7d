//! The store itself.

use futures_util::future::join_all;
use inkgate_store::Error;

use crate::support::{START, TestStore, new_post};

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_can_be_prepared() {
    let store = TestStore::open().await;

    let prepared = store.prepare_all().await.unwrap();

    assert!(prepared > 40, "{prepared}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_can_be_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let store = TestStore::sqlite().await;

    let user = store.add_user("alice").await;

    assert!(user.0 > 0);
    for name in ["blog.db", "blog.db-wal"] {
        let file = store.database.folder().join(name);
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_does_not_fit_the_queue_is_told_to_come_back() {
    let store = TestStore::sqlite().await;
    let user = store.add_user("alice").await;
    let elsewhere = store.connect();
    // While another process writes, ours waits, and what comes meanwhile gathers.
    elsewhere.execute_batch("BEGIN IMMEDIATE").unwrap();
    let new = new_post("one of many", START);

    let writes = (0..2_000).map(|_| store.insert_post(user, &new));
    let release = async {
        elsewhere.execute_batch("COMMIT").unwrap();
    };
    let (written, ()) = tokio::join!(join_all(writes), release);

    let refused = written
        .iter()
        .filter(|write| matches!(write, Err(Error::Overloaded)))
        .count();
    let stored = written.iter().filter(|write| write.is_ok()).count();
    assert!(refused > 0, "nothing was refused");
    assert_eq!(stored + refused, 2_000);
    assert_eq!(store.count("posts").await, stored as i64);
}
