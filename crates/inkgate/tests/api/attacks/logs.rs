//! T48: what a stranger writes does not get into the log of the real program.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use test_database::TestDatabase;

use crate::support::socket::talk_to;

/// The program with its log, ended with its test.
struct Program {
    child: Child,
    log: BufReader<ChildStderr>,
    lines: String,
}

impl Program {
    fn start(database: &TestDatabase) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_inkgate"))
            .args(["--env", "testing", "--listen", "127.0.0.1:0"])
            .args(["--log", "debug", "--trusted-proxies", "127.0.0.1"])
            .env("DATABASE_URL", database.url())
            .env_remove("SECRET_KEY")
            .current_dir(database.folder())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let lines = String::new();
        Self { child, log, lines }
    }

    /// Reads the log until `text` is in it.
    fn read_until(&mut self, text: &str) {
        while !self.lines.contains(text) {
            let length = self.log.read_line(&mut self.lines).unwrap();
            assert_ne!(length, 0, "{}", self.lines);
        }
    }

    fn address(&mut self) -> SocketAddr {
        self.read_until("listening on http://");
        let address = self.lines.trim().rsplit("http://").next();
        address.unwrap().parse().unwrap()
    }

    /// Ends the program and gives all that it has logged.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.log.read_to_string(&mut self.lines).unwrap();
        std::mem::take(&mut self.lines)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_the_log_holds_whole_lines_and_nothing_that_a_stranger_wrote() {
    let database = TestDatabase::sqlite();
    let mut program = Program::start(&database);
    let address = program.address();
    let body = r#"{"username":"canary\nname","password":"canary password"}"#;

    for (method, target, status) in [
        ("POST", "/canary%0a%0dpath?canary=query", 404),
        ("POST", "/api/v1/posts?canary", 401),
        ("POST", "/api/v1/login", 400),
        ("GET", "/api/v1/posts?user_id=canary%0a", 200),
        ("CANARY", "/api/v1/posts", 405),
    ] {
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\
             Authorization: Bearer canary.token.here\r\nUser-Agent: canary\r\n\
             X-Forwarded-For: 1.2.3.4 canary address\r\nX-Request-Id: canary\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let reply = talk_to(address, &request).await;
        assert_eq!(reply.status(), status, "{}", reply.text());
        // Colours for a terminal, which no header may hold.
        let coloured = request.replace("Agent: ", "Agent: \x1b[2J");
        assert_eq!(talk_to(address, &coloured).await.status(), 400);
    }
    let health = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert_eq!(talk_to(address, health).await.status(), 200);
    program.read_until("GET /health 200");
    let lines = program.end();

    assert!(!lines.to_lowercase().contains("canary"), "{lines}");
    assert!(lines.contains("POST /api/v1/login 400"), "{lines}");
    for line in lines.lines() {
        assert!(line.starts_with("20"), "it begins with its time: {line}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}
