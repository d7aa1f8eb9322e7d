//! What a server answers that cannot follow the others.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::json;
use test_database::TestDatabase;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Nodes, login, on, until_not};
use crate::support::{Client, Program, Running, within_a_second};

const CUT_LISTENERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'inkgate listens'";

#[tokio::test(flavor = "multi_thread")]
async fn t20_without_its_listener_a_server_follows_by_asking() {
    let Some(nodes) = Nodes::start().await else {
        return;
    };
    nodes.one.user("alice").await;

    for _ in 0..10 {
        let pair = login(&nodes.one, "alice").await;
        let here = nodes.one.with_token(&pair.access);
        let there = on(&nodes.two, &here);
        there.get("/api/v2/me").await.expect(200);
        test_database::execute(nodes.database.url(), CUT_LISTENERS).await;

        here.post("/api/v2/auth/logout", &json!({}))
            .await
            .expect(204);

        within_a_second(401, async || there.get("/api/v2/me").await).await;
    }
}

/// A way to the database that can be cut.
struct Wire {
    listens_on: SocketAddr,
    database: SocketAddr,
    cut: CancellationToken,
    silence: Arc<Mutex<CancellationToken>>,
    carrying: JoinHandle<()>,
}

impl Wire {
    async fn to(database: SocketAddr) -> Self {
        let any = ([127, 0, 0, 1], 0).into();
        Self::on(any, database).await
    }

    async fn on(address: SocketAddr, database: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let cut = CancellationToken::new();
        let silence = Arc::<Mutex<CancellationToken>>::default();
        Self {
            listens_on: listener.local_addr().unwrap(),
            database,
            cut: cut.clone(),
            silence: Arc::clone(&silence),
            carrying: tokio::spawn(carry(listener, database, cut, silence)),
        }
    }

    /// Closes every connection and refuses new ones.
    async fn cut(&mut self) {
        self.cut.cancel();
        (&mut self.carrying).await.unwrap();
    }

    /// Carries nothing any more over the connections that there are, and leaves them open.
    fn silence(&self) {
        let mut silence = self.silence.lock().unwrap();
        std::mem::take(&mut *silence).cancel();
    }

    async fn mended(&self) -> Self {
        Self::on(self.listens_on, self.database).await
    }
}

async fn carry(
    listener: TcpListener,
    database: SocketAddr,
    cut: CancellationToken,
    silence: Arc<Mutex<CancellationToken>>,
) {
    while let Some(Ok((mut near, _))) = cut.run_until_cancelled(listener.accept()).await {
        let (cut, silence) = (cut.clone(), silence.lock().unwrap().clone());
        tokio::spawn(async move {
            let mut far = TcpStream::connect(database).await.unwrap();
            cut.run_until_cancelled(async {
                let carrying = copy_bidirectional(&mut near, &mut far);
                if silence.run_until_cancelled(carrying).await.is_none() {
                    std::future::pending::<()>().await;
                }
            })
            .await;
        });
    }
}

fn address_of(url: &str) -> SocketAddr {
    let (_, rest) = url.split_once('@').unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

/// Once a token is not answered 200 any more it must be 503, with a word on when to come back.
async fn expect_unavailable(client: &Client) {
    let answer = client.get("/api/v2/me").await.expect(503);
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_server_that_cannot_reach_the_database_trusts_nothing_for_longer_than_a_second() {
    let database = TestDatabase::create().await;
    if database.is_sqlite() {
        return;
    }
    let real = address_of(database.url());
    let mut wire = Wire::to(real).await;
    let far = database
        .url()
        .replace(&real.to_string(), &wire.listens_on.to_string());
    let program = Program::on(&database).set("INKGATE_PUBLIC_URL", "http://blog.test");
    let one = program.serve();
    let two = program.clone().set("DATABASE_URL", &far).serve();
    let v1 = two.with_token(one.user("alice").await.token());
    let pair = login(&one, "alice").await;
    let kept = login(&one, "alice").await;
    let (here, there) = (one.with_token(&pair.access), two.with_token(&pair.access));
    let other = two.with_token(&kept.access);
    for client in [&there, &other] {
        client.get("/api/v2/me").await.expect(200);
    }
    v1.get("/api/v1/me").await.expect(200);
    let post = json!({"title": "x", "content": "y"});
    here.post("/api/v2/posts", &post).await.expect(201);
    within_a_second(200, async || two.anonymous().get("/api/v2/posts/1").await).await;

    wire.cut().await;
    here.post("/api/v2/auth/logout", &json!({}))
        .await
        .expect(204);
    let since = Instant::now();

    // Nobody can tell it of the log-out: it must stop to answer by itself.
    until_not(200, since, async || there.get("/api/v2/me").await).await;
    within_a_second(503, async || there.get("/api/v2/me").await).await;
    expect_unavailable(&other).await;
    v1.get("/api/v1/me").await.expect(503);
    // From memory it shows nothing either, since it cannot know what was changed.
    within_a_second(503, async || two.anonymous().get("/api/v2/posts/1").await).await;
    let _wire = wire.mended().await;

    recovers(&there, &other).await;
    two.anonymous().get("/api/v2/posts/1").await.expect(200);
}

/// Waits until the server answers again: 401 to the token that was revoked, 200 to the other.
async fn recovers(revoked: &Client, alive: &Client) {
    loop {
        let answer = revoked.get("/api/v2/me").await;
        assert!(matches!(answer.status, 401 | 503), "{}", answer.text());
        if answer.status == 401 {
            break;
        }
    }
    while alive.get("/api/v2/me").await.status == 503 {}
    alive.get("/api/v2/me").await.expect(200);
}

/// A cluster that can be stopped and started.
struct Cluster {
    url: String,
    folder: tempfile::TempDir,
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = folder.path().join("server");
        // What it has acknowledged must outlive it.
        let url = script(&["start", server.to_str().unwrap(), "durable"]);
        Self { url, folder }
    }

    fn run(&self, command: &str) {
        let server = self.folder.path().join("server");
        script(&[command, server.to_str().unwrap()]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("stop");
    }
}

fn script(arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
    let output = Command::new(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn t20_a_database_that_stops_and_starts_brings_no_token_back() {
    if test_database::server().is_none() {
        return;
    }
    let cluster = Cluster::start();
    test_database::execute(&cluster.url, "CREATE DATABASE blog").await;
    let program = Program::in_folder(cluster.folder.path())
        .set("DATABASE_URL", &cluster.url.replace("/postgres", "/blog"))
        .set("INKGATE_ENV", "testing")
        .set("SECRET_KEY", crate::support::SECRET_KEY)
        .set("INKGATE_LISTEN", "127.0.0.1:0")
        .set("INKGATE_PUBLIC_URL", "http://blog.test");
    let (one, two): (Running, Running) = (program.serve(), program.serve());
    one.user("alice").await;
    let (pair, kept) = (login(&one, "alice").await, login(&one, "alice").await);
    let (here, there) = (one.with_token(&pair.access), two.with_token(&pair.access));
    let other = two.with_token(&kept.access);
    for client in [&there, &other] {
        client.get("/api/v2/me").await.expect(200);
    }

    here.post("/api/v2/auth/logout", &json!({}))
        .await
        .expect(204);
    let since = Instant::now();
    cluster.run("halt");

    until_not(200, since, async || there.get("/api/v2/me").await).await;
    within_a_second(503, async || other.get("/api/v2/me").await).await;
    expect_unavailable(&other).await;
    cluster.run("resume");

    recovers(&there, &other).await;
    one.with_token(&kept.access)
        .get("/api/v2/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_connections_fall_silent_goes_on_with_others() {
    let database = TestDatabase::create().await;
    if database.is_sqlite() {
        return;
    }
    let real = address_of(database.url());
    let wire = Wire::to(real).await;
    let far = database
        .url()
        .replace(&real.to_string(), &wire.listens_on.to_string());
    let server = Program::on(&database).set("DATABASE_URL", &far).serve();
    let alice = server.user("alice").await;
    alice.get("/api/v1/me").await.expect(200);

    wire.silence();

    // Whoever waits for a connection that is silent is told to come back, and others go on.
    loop {
        let answer = alice.get("/api/v1/me").await;
        assert!(matches!(answer.status, 200 | 503), "{}", answer.text());
        if answer.status == 200 {
            break;
        }
    }
    let post = json!({"title": "x", "content": "y"});
    while alice.post("/api/v1/posts", &post).await.status != 201 {}
}
