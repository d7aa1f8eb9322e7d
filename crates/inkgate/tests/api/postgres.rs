//! What only a database server can do to us: cut connections, and ask for TLS.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;
use test_database::TestDatabase;
use tokio::sync::Notify;
use tokio_postgres::NoTls;

use crate::support::{Client, Program};

const CUT_ALL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

/// Counts what a storm of requests was answered.
#[derive(Default)]
struct Storm {
    done: AtomicUsize,
    busy: AtomicUsize,
    answered: Notify,
    is_over: AtomicBool,
}

impl Storm {
    /// Sends one request after the other. Each is done, or told to come back.
    async fn rage(self: Arc<Self>, client: Client, number: usize) {
        while !self.is_over.load(Ordering::SeqCst) {
            let answer = if number.is_multiple_of(2) {
                let post = json!({"title": "One of many", "content": "Words"});
                client.post("/api/v1/posts", &post).await
            } else {
                client
                    .send(client.request(Method::GET, "/api/v1/posts?limit=3"))
                    .await
            };
            match answer.status {
                200 | 201 => self.done.fetch_add(1, Ordering::SeqCst),
                503 => {
                    assert_ne!(answer.header("retry-after"), "");
                    self.busy.fetch_add(1, Ordering::SeqCst)
                }
                status => panic!("{status}: {}", answer.text()),
            };
            self.answered.notify_one();
        }
    }

    /// Waits until so many more requests were done.
    async fn go_on(&self, more: usize) {
        let target = self.done.load(Ordering::SeqCst) + more;
        while self.done.load(Ordering::SeqCst) < target {
            self.answered.notified().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_cut_under_load_are_replaced() {
    let database = TestDatabase::create().await;
    if database.is_sqlite() {
        // There is no connection that could be cut; the run on PostgreSQL does the work.
        return;
    }
    let running = Program::on(&database).serve();
    let alice = running.user("alice").await;
    let storm = Arc::new(Storm::default());
    let start = |number| tokio::spawn(Arc::clone(&storm).rage(alice.clone(), number));
    let clients: Vec<_> = (0..8).map(start).collect();

    for _ in 0..10 {
        storm.go_on(50).await;
        test_database::execute(database.url(), CUT_ALL).await;
    }
    storm.go_on(50).await;
    storm.is_over.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }

    let busy = storm.busy.load(Ordering::SeqCst);
    assert!(busy > 0, "no request met a connection that was cut");
    for _ in 0..50 {
        alice.get("/api/v1/me").await.expect(200);
        let post = json!({"title": "After the storm", "content": "Words"});
        alice.post("/api/v1/posts", &post).await.expect(201);
    }
    running.stop().expect_success();
}

/// A server with a certificate of a private authority, that takes nothing but TLS.
struct TlsServer {
    url: String,
    folder: TempDir,
}

impl TlsServer {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = script("start", &folder.path().join("server"));
        test_database::execute(&url, "CREATE DATABASE blog").await;
        let url = url.replace("/postgres", "/blog");
        let server = Self { url, folder };
        for authority in ["trusted", "other"] {
            server.openssl(&format!(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={authority} \
                 -keyout {authority}.key -out {authority}.pem"
            ));
        }
        server.openssl("req -newkey rsa:2048 -nodes -subj /CN=server -keyout s.key -out s.csr");
        std::fs::write(server.path("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        server.openssl(
            "x509 -req -days 2 -in s.csr -CA trusted.pem -CAkey trusted.key -CAcreateserial \
             -extfile names -out s.pem",
        );
        server.demand_tls().await;
        server
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &str) {
        let mut openssl = Command::new("openssl");
        openssl
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path());
        let output = openssl
            .output()
            .expect("this test needs the program `openssl`: install it");
        assert!(output.status.success(), "{output:?}");
    }

    async fn demand_tls(&self) {
        let cluster = self.path("server/cluster");
        for (from, to) in [("s.key", "server.key"), ("s.pem", "server.crt")] {
            std::fs::rename(self.path(from), cluster.join(to)).unwrap();
            // PostgreSQL does not run as root, where the tests do.
            let mut chown = Command::new("chown");
            chown.arg("--reference").arg(&cluster).arg(cluster.join(to));
            assert!(chown.status().unwrap().success());
        }
        let settings = cluster.join("postgresql.conf");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(settings, format!("{text}ssl = on\n")).unwrap();
        let rules = "hostssl all inkgate 127.0.0.1/32 trust\n";
        std::fs::write(cluster.join("pg_hba.conf"), rules).unwrap();
        let pid = std::fs::read_to_string(cluster.join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::HUP).unwrap();
        // It has read its settings when it lets nobody in any more who speaks plainly.
        while tokio_postgres::connect(&self.url, NoTls).await.is_ok() {}
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        script("stop", &self.path("server"));
    }
}

/// Runs `scripts/postgres`, and gives what it answers.
fn script(command: &str, folder: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
    let output = Command::new(script)
        .arg(command)
        .arg(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_with_the_right_server_only() {
    if test_database::server().is_none() {
        // The run on SQLite must not ask for a PostgreSQL server; the other run does the work.
        return;
    }
    let server = TlsServer::start().await;
    let program = |url: &str, query: &str| {
        Program::in_folder(server.folder.path())
            .set("INKGATE_ENV", "testing")
            .set("INKGATE_LISTEN", "127.0.0.1:0")
            .set("DATABASE_URL", &format!("{url}?{query}"))
    };
    let other_name = server.url.replace("127.0.0.1", "localhost");

    for (url, query) in [
        (&server.url, "sslmode=disable"),
        (&server.url, "sslmode=verify-full&sslrootcert=other.pem"),
        (&server.url, "sslmode=require&sslrootcert=other.pem"),
        (&server.url, "sslmode=verify-full&sslrootcert=missing.pem"),
        (&server.url, "sslmode=verify-full"),
        (&other_name, "sslmode=verify-full&sslrootcert=trusted.pem"),
        (&other_name, "sslmode=require&sslrootcert=trusted.pem"),
    ] {
        let line = program(url, query).run(&["migrate"]).expect_refusal(69);
        assert!(line.starts_with("DATABASE_URL: "), "{query}: {line}");
    }
    let running = program(&server.url, "sslmode=verify-full&sslrootcert=trusted.pem").serve();
    running
        .user("alice")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
    running.stop().expect_success();
}
