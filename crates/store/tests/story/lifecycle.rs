//! The store itself.

use crate::support::TestStore;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_can_be_prepared() {
    let store = TestStore::open().await;

    let prepared = store.prepare_all().await.unwrap();

    assert!(prepared > 40, "{prepared}");
}
