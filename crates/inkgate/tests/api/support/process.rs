//! The program as somebody starts it: a process of its own, with its own folder and variables.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use test_database::TestDatabase;

use super::SECRET_KEY;
use super::client::{Answer, Client};

/// What the server says when it can be reached.
const LISTENING: &str = "listening on http://";

/// What is to be started, and how.
#[derive(Clone)]
pub(crate) struct Program {
    folder: PathBuf,
    variables: BTreeMap<String, String>,
}

/// How a process ended, and all that it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A server that runs until it is told to stop, or dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    child: Child,
    out: Option<JoinHandle<String>>,
    lines: Receiver<String>,
    log: String,
}

impl Program {
    /// Knows nothing but its folder: not even the variables of the test.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            variables: BTreeMap::new(),
        }
    }

    /// On a database, in testing, with a key.
    pub(crate) fn on(database: &TestDatabase) -> Self {
        Self::in_folder(database.folder())
            .set("DATABASE_URL", database.url())
            .set("INKGATE_ENV", "testing")
            .set("SECRET_KEY", SECRET_KEY)
            .set("INKGATE_LISTEN", "127.0.0.1:0")
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn unset(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that reads `input`.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.start(arguments, Stdio::piped());
        // A command that does not ask is gone before it reads.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        Ended::of(child)
    }

    /// Starts a command and does not wait for it.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        self.start(arguments, Stdio::null())
    }

    /// Starts the server and waits until it can be reached.
    pub(crate) fn serve(&self) -> Running {
        let mut child = self.start(&[], Stdio::null());
        let mut out = child.stdout.take().unwrap();
        let out = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).unwrap();
            text
        });
        let err = BufReader::new(child.stderr.take().unwrap());
        let (said, lines) = channel();
        std::thread::spawn(move || {
            // To the end, whoever listens: a full pipe would stop the server.
            for line in err.lines() {
                drop(said.send(line.unwrap()));
            }
        });
        let mut running = Running {
            address: ([127, 0, 0, 1], 0).into(),
            child,
            out: Some(out),
            lines,
            log: String::new(),
        };
        let line = running.wait_for_line(LISTENING);
        let (_, address) = line.split_once(LISTENING).unwrap();
        let end = address.find(|c: char| !(c.is_ascii_hexdigit() || "[]:.".contains(c)));
        running.address = address[..end.unwrap_or(address.len())].parse().unwrap();
        running
    }

    fn start(&self, arguments: &[&str], input: Stdio) -> Child {
        Command::new(env!("CARGO_BIN_EXE_inkgate"))
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.folder)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

impl Ended {
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Fails the test unless the command did what it was asked.
    #[track_caller]
    pub(crate) fn expect_success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Fails the test unless this is one line on standard error, and this the exit code. Gives
    /// the line.
    #[track_caller]
    pub(crate) fn expect_refusal(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        let lines: Vec<_> = self.err.lines().collect();
        assert_eq!(lines.len(), 1, "{self:?}");
        let line = lines[0].strip_prefix("inkgate: ");
        line.unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

impl Running {
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client::new(self.address, Some(token.to_owned()))
    }

    /// Registers `name` and logs in.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let body = json!({"username": name, "password": "1234"});
        let registered = self.anonymous().post("/api/v1/users", &body).await;
        registered.expect(201);
        self.login(name, "1234").await
    }

    /// Logs in, which must work.
    pub(crate) async fn login(&self, name: &str, password: &str) -> Client {
        let answer = self.try_login(name, password).await.expect(200);
        self.with_token(answer.json()["token"].as_str().unwrap())
    }

    pub(crate) async fn try_login(&self, name: &str, password: &str) -> Answer {
        let body = json!({"username": name, "password": password});
        self.anonymous().post("/api/v1/login", &body).await
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until the server has said something with this in it.
    #[track_caller]
    pub(crate) fn wait_for_line(&mut self, part: &str) -> String {
        while let Ok(line) = self.lines.recv() {
            self.log.push_str(&line);
            self.log.push('\n');
            if line.contains(part) {
                return line;
            }
        }
        panic!("the server ended without {part:?}: {}", self.log)
    }

    /// SIGTERM, and nothing else yet.
    pub(crate) fn terminate(&self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
    }

    /// SIGTERM; waits for the end.
    pub(crate) fn stop(self) -> Ended {
        self.terminate();
        self.ended()
    }

    /// SIGKILL; waits for the end.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.ended()
    }

    /// Waits for the end, which somebody else brings about.
    pub(crate) fn ended(mut self) -> Ended {
        let code = self.child.wait().unwrap().code();
        while let Ok(line) = self.lines.recv() {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        Ended {
            code,
            out: self.out.take().unwrap().join().unwrap(),
            err: std::mem::take(&mut self.log),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
