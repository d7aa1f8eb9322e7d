//! The store itself.

use crate::support::TestStore;

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
