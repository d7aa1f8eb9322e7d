//! Two servers on one PostgreSQL: what one has changed, the other holds within a second.

mod failures;
mod invalidation;
mod revocation;

use std::time::{Duration, Instant};

use serde_json::json;
use test_database::TestDatabase;

use crate::support::{Answer, Client, Pair, Program, Running};

/// How often a change is tried whose delay is measured.
const TRIES: usize = 200;

struct Nodes {
    one: Running,
    two: Running,
    database: TestDatabase,
}

impl Nodes {
    /// Starts two servers. `None` on SQLite, where there is only one: the run on PostgreSQL does the
    /// work.
    async fn start() -> Option<Self> {
        let database = TestDatabase::migrated().await;
        if database.is_sqlite() {
            return None;
        }
        let program = Program::on(&database).set("INKGATE_PUBLIC_URL", "http://blog.test");
        let (one, two) = (program.serve(), program.serve());
        Some(Self { one, two, database })
    }
}

async fn login(server: &Running, name: &str) -> Pair {
    let body = json!({"username": name, "password": "1234"});
    Pair::of(server.anonymous().post("/api/v2/auth/login", &body).await)
}

/// Asks until the status is another. No answer to a question that began more than a second after
/// `since` may be the old one. Gives how long it took.
async fn until_not(status: u16, since: Instant, ask: impl AsyncFn() -> Answer) -> Duration {
    loop {
        let waited = since.elapsed();
        let answer = ask().await;
        if answer.status != status {
            return waited;
        }
        assert!(
            waited < Duration::from_secs(1),
            "{waited:?}: {}",
            answer.text()
        );
    }
}

/// Prints how long something took to be seen on the other server.
#[expect(clippy::print_stdout, reason = "numbers for whoever runs the tests")]
fn print(what: &str, mut delays: Vec<Duration>) {
    delays.sort();
    let (p50, p99) = (delays[delays.len() / 2], delays[delays.len() * 99 / 100]);
    println!("{what}: p50 {p50:?}, p99 {p99:?} of {} tries", delays.len());
}

/// Somebody with the same token on another server.
fn on(server: &Running, client: &Client) -> Client {
    server.with_token(client.token())
}
