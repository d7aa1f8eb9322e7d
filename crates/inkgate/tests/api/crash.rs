//! `kill -9` at any moment loses nothing that was acknowledged, and stores nothing by halves.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use test_database::TestDatabase;

use crate::support::writers::Ledger;
use crate::support::{Client, Program};

const ROUNDS: usize = 10;
const WRITERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_ten_kills_under_concurrent_writes() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let ledger = Arc::new(Ledger::default());
    let mut running = program.serve();
    let token = running.user("alice").await.token().to_owned();

    for round in 0..ROUNDS {
        let more = writes_before_the_kill();
        eprintln!("round {round}: killed after {more} acknowledged writes");
        let target = ledger.count() + more;
        let writing = start_writers(&ledger, &running.with_token(&token), round);
        ledger.reach(target).await;
        assert_eq!(running.kill().code, None, "it was to be killed");
        for writer in writing {
            writer.await.unwrap();
        }

        running = program.serve();
        ledger.check(&running.anonymous()).await;
    }

    // The token is older than all ten kills: sessions are as durable as posts.
    running
        .with_token(&token)
        .get("/api/v1/me")
        .await
        .expect(200);
    assert!(running.stop().code == Some(0));
    if database.is_sqlite() {
        program.run(&["backup", "copy.db"]).expect_success();
        program
            .run(&["backup", "verify", "copy.db"])
            .expect_success();
    }
}

fn start_writers(
    ledger: &Arc<Ledger>,
    client: &Client,
    round: usize,
) -> Vec<tokio::task::JoinHandle<()>> {
    let start = |writer| {
        let name = format!("round {round}, writer {writer}");
        tokio::spawn(Arc::clone(ledger).write_until_gone(client.clone(), name))
    };
    (0..WRITERS).map(start).collect()
}

/// Another moment in every round and every run; it is printed, so that it can be put here.
fn writes_before_the_kill() -> usize {
    let random = RandomState::new().hash_one(());
    20 + usize::try_from(random % 100).unwrap()
}
