//! Commands take their turn while a server writes without a pause.

use std::sync::Arc;

use test_database::TestDatabase;

use crate::support::Program;
use crate::support::writers::Ledger;

#[tokio::test(flavor = "multi_thread")]
async fn accounts_can_be_managed_while_the_server_writes_without_a_pause() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    running.user("bob").await;
    let ledger = Arc::new(Ledger::default());
    let start = |writer| {
        let client = running.with_token(&token);
        let name = format!("writer {writer}");
        tokio::spawn(Arc::clone(&ledger).write_until_gone(client, name))
    };
    let writers: Vec<_> = (0..16).map(start).collect();
    ledger.reach(50).await;

    for _ in 0..10 {
        program
            .run(&["user", "set-role", "bob", "editor"])
            .expect_success();
        program.run(&["user", "suspend", "bob"]).expect_success();
        program.run(&["user", "restore", "bob"]).expect_success();
        program.run(&["migrate"]).expect_success();
    }

    // No write of the server had to give way either.
    let ended = running.stop().expect_success();
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(
        !ended.err.contains("WARN") && !ended.err.contains("ERROR"),
        "{}",
        ended.err
    );
}
