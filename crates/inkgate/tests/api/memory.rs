//! Complete lists of 100,000 posts, read slowly: memory stays flat, and so does SQLite's log.

use std::time::Duration;

use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use test_database::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Client, Program, Running};

const POSTS: usize = 100_000;
const USERS: usize = 100;
/// How often is written before memory is looked at.
const WARM_UP: usize = 40;
/// How far memory may grow.
const GROWTH: u64 = 20 * 1024 * 1024;
/// How much of each list is read between two writes.
const READ: usize = 256 * 1024;
/// How often is written meanwhile, at least.
const WRITES: usize = 360;
/// The size of each write: on SQLite their sum is far more than its log may hold.
const WRITE_ON_SQLITE: usize = 256 * 1024;
const WRITE_ON_POSTGRES: usize = 1024;
/// The writer itself shortens SQLite's log at 64 MiB; what it holds then may be in use.
const LOG: u64 = 80 * 1024 * 1024;

/// One text for both databases.
const SEED: &str = "
    INSERT INTO users (username, name_key, name_skeleton, password_hash, role, created_at)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $users)
        SELECT 'user ' || i, 'user ' || i, 'user ' || i, 'none', 'author', 0 FROM n;
    INSERT INTO posts (user_id, slug, title, category, created_at, updated_at, published_at, content)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $posts)
        SELECT 1 + i % $users, 'post-' || i, 'post ' || i, 'general', i, i, i, '$content' FROM n;";

#[tokio::test(flavor = "multi_thread")]
async fn memory_and_log_stay_flat_while_long_lists_are_read_slowly_beside_a_writer() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    program.run(&["migrate"]).expect_success();
    seed(&database).await;
    let running = program.serve();
    let writer = running.user("writer").await;
    let size = if database.is_sqlite() {
        WRITE_ON_SQLITE
    } else {
        WRITE_ON_POSTGRES
    };
    for number in 1..=WARM_UP {
        write(&writer, number, size).await;
    }
    for path in ["/api/v1/posts?limit=2000", "/api/v1/users?limit=2"] {
        running.anonymous().get(path).await.expect(200);
    }
    let before = memory_of(&running);

    let mut posts = SlowList::request(&running, "/api/v1/posts").await;
    let mut users = SlowList::request(&running, "/api/v1/users").await;
    let (mut writes, mut most, mut longest_log) = (WARM_UP, 0, 0);
    while !(posts.is_read && users.is_read && writes >= WARM_UP + WRITES) {
        posts.read_some().await;
        users.read_some().await;
        writes += 1;
        write(&writer, writes, size).await;
        most = most.max(memory_of(&running));
        longest_log = longest_log.max(log_of(&database));
    }

    eprintln!("memory {before} to {most} bytes, log {longest_log} bytes, {writes} writes");
    assert!(most < before + GROWTH, "from {before} to {most} bytes");
    assert!(longest_log <= LOG, "{longest_log} bytes");
    assert_eq!(posts.json()["posts"].as_array().unwrap().len(), POSTS + 1);
    let users = users.json();
    let users = users["users"].as_array().unwrap();
    assert_eq!(users.len(), USERS + 1);
    let nested = users
        .iter()
        .map(|user| user["posts"].as_array().unwrap().len());
    assert_eq!(nested.sum::<usize>(), POSTS + 1);
}

async fn seed(database: &TestDatabase) {
    let sql = SEED
        .replace("$users", &USERS.to_string())
        .replace("$posts", &POSTS.to_string())
        .replace("$content", &"All the same to me. ".repeat(30));
    if database.is_sqlite() {
        let connection = Connection::open(database.file()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection.execute_batch(&sql).unwrap();
    } else {
        test_database::execute(database.url(), &sql).await;
    }
}

/// Writes the one post of the writer, anew each time: the lists must come to an end.
async fn write(writer: &Client, number: usize, size: usize) {
    let post = json!({"title": format!("version {number}"), "content": "x".repeat(size)});
    let (method, path, status) = if number == 1 {
        (Method::POST, "/api/v1/posts".to_owned(), 201)
    } else {
        (Method::PUT, format!("/api/v1/posts/{}", POSTS + 1), 200)
    };
    let request = writer.request(method, &path).json(&post);
    writer.send(request).await.expect(status);
}

/// What the process has in memory (`VmRSS`).
fn memory_of(running: &Running) -> u64 {
    let path = format!("/proc/{}/status", running.pid().as_raw_nonzero());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes: u64 = line
        .and_then(|line| line.split_whitespace().nth(1))
        .and_then(|number| number.parse().ok())
        .unwrap();
    kibibytes * 1024
}

/// The length of SQLite's write-ahead log; 0 on PostgreSQL.
fn log_of(database: &TestDatabase) -> u64 {
    let file = database.folder().join("blog.db-wal");
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}

/// A list that comes in through a narrow window, a bit at a time.
struct SlowList {
    stream: TcpStream,
    received: Vec<u8>,
    is_read: bool,
}

impl SlowList {
    async fn request(running: &Running, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let mut stream = socket.connect(running.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        Self {
            stream,
            received: Vec::new(),
            is_read: false,
        }
    }

    async fn read_some(&mut self) {
        let until = self.received.len() + READ;
        while !self.is_read && self.received.len() < until {
            let mut bytes = [0; 8 * 1024];
            let count = self.stream.read(&mut bytes).await.unwrap();
            self.received.extend_from_slice(&bytes[..count]);
            self.is_read = count == 0;
        }
    }

    /// The body, out of its chunks.
    fn json(&self) -> Value {
        let end = self
            .received
            .windows(4)
            .position(|four| four == b"\r\n\r\n");
        let (head, mut rest) = self.received.split_at(end.unwrap() + 4);
        assert!(head.starts_with(b"HTTP/1.1 200 "));
        let mut body = Vec::new();
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let length = str::from_utf8(&rest[..end]).unwrap();
            let length = usize::from_str_radix(length, 16).unwrap();
            if length == 0 {
                return serde_json::from_slice(&body).unwrap();
            }
            body.extend_from_slice(&rest[end + 2..end + 2 + length]);
            rest = &rest[end + 2 + length + 2..];
        }
    }
}
