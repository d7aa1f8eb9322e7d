//! Mail as it arrives: in a folder, or at a mail server.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::Parser;
use domain::SmtpUrl;
use inkgate::cli::Cli;
use inkgate::config_secrets::Secrets;
use model::Secret;
use serde_json::json;
use store::DatabaseUrl;
use test_database::TestDatabase;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Client, SECRET_KEY, TestApp};

/// A mail that somebody got.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) raw: String,
}

impl Mail {
    /// The value of a header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        let line = self.raw.lines().find_map(|line| line.strip_prefix(&prefix));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.raw))
    }

    /// To whom it was sent.
    pub(crate) fn to(&self) -> &str {
        self.header("To")
    }

    /// The link in the text.
    #[track_caller]
    pub(crate) fn link(&self) -> String {
        // Lines that are too long for the encoding are broken with `=`.
        let text = self.raw.replace("=\r\n", "").replace("=3D", "=");
        let link = text.lines().find(|line| line.starts_with("http"));
        link.unwrap_or_else(|| panic!("no link in {text}"))
            .to_owned()
    }

    /// The token that stands in the link.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        self.link().rsplit_once('#').unwrap().1.to_owned()
    }
}

/// A server that puts mails into a folder.
pub(crate) async fn app_with_mail(flags: &[&str]) -> TestApp {
    let database = TestDatabase::migrated().await;
    let folder = folder_of(&database).to_str().unwrap().to_owned();
    let fixed = ["--env", "testing", "--mail-folder", &folder];
    TestApp::spawn_on(database, &[&fixed, flags].concat()).await
}

fn folder_of(database: &TestDatabase) -> PathBuf {
    database.folder().join("mail")
}

impl TestApp {
    /// Lets no mail be written any more.
    pub(crate) fn break_mail(&self) {
        let folder = folder_of(self.database.as_ref().unwrap());
        drop(fs::remove_dir_all(&folder));
        fs::write(folder, "no folder").unwrap();
    }

    /// Lets mail be written again.
    pub(crate) fn mend_mail(&self) {
        fs::remove_file(folder_of(self.database.as_ref().unwrap())).unwrap();
    }

    /// Runs every job that is due.
    pub(crate) async fn run_jobs(&self) {
        while self.domain.run_due_jobs(|| true).await.unwrap() > 0 {}
    }

    /// Runs what is due, and gives the mails that nobody has read yet, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        self.run_jobs().await;
        let folder = folder_of(self.database.as_ref().unwrap());
        let Ok(files) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let mails = files.iter().map(|file| {
            let raw = fs::read_to_string(file).unwrap();
            fs::remove_file(file).unwrap();
            Mail { raw }
        });
        mails.collect()
    }

    /// The one mail that nobody has read yet.
    pub(crate) async fn the_mail(&self) -> Mail {
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// Registers somebody with an address, whose password is `1234`.
    pub(crate) async fn register_with(&self, name: &str, email: &str) {
        let body = json!({"username": name, "password": "1234", "email": email});
        let made = self.anonymous().post("/api/v2/auth/register", &body).await;
        made.expect(201);
    }

    /// The same, who has confirmed the address; logged in through v2.
    pub(crate) async fn verified(&self, name: &str, email: &str) -> Client {
        self.register_with(name, email).await;
        let token = self.the_mail().await.token();
        self.confirm(&token).await.expect(204);
        self.with_token(&self.login_v2(name, "1234").await.access)
    }

    pub(crate) async fn confirm(&self, token: &str) -> super::Answer {
        let body = json!({"token": token});
        let path = "/api/v2/auth/email/verify";
        self.anonymous().post(path, &body).await
    }

    pub(crate) async fn forgot(&self, email: &str) -> super::Answer {
        let body = json!({"email": email});
        let path = "/api/v2/auth/password/forgot";
        self.anonymous().post(path, &body).await
    }

    pub(crate) async fn reset(&self, token: &str, password: &str) -> super::Answer {
        let body = json!({"token": token, "new_password": password});
        let path = "/api/v2/auth/password/reset";
        self.anonymous().post(path, &body).await
    }
}

/// What a mail server says that has fallen silent: nothing, for ever.
pub(crate) const SILENCE: &str = "";

/// A mail server that keeps what it gets.
#[derive(Clone)]
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// Every command of every client, as it came.
    commands: Vec<String>,
    mails: Vec<Mail>,
    /// What is said to the next recipients instead of 250.
    refusals: VecDeque<&'static str>,
}

impl SmtpServer {
    /// Starts to listen.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            kept: Arc::default(),
        };
        let listening = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talking = listening.clone();
                // A client that goes away in the middle is none of our business.
                tokio::spawn(async move { drop(talking.talk(stream).await) });
            }
        });
        server
    }

    /// Says this to the next recipient.
    pub(crate) fn refuse(&self, answer: &'static str) {
        self.kept.lock().unwrap().refusals.push_back(answer);
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.kept.lock().unwrap().mails.clone()
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.kept.lock().unwrap().commands.clone()
    }

    async fn talk(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test ESMTP\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            self.kept.lock().unwrap().commands.push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-test\r\n250 AUTH PLAIN".to_owned(),
                "AUTH" => "235 welcome".to_owned(),
                "RCPT" => {
                    let refusal = self.kept.lock().unwrap().refusals.pop_front();
                    if refusal == Some(SILENCE) {
                        std::future::pending::<()>().await;
                    }
                    refusal.unwrap_or("250 ok").to_owned()
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut raw = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                        raw.push_str("\r\n");
                    }
                    self.kept.lock().unwrap().mails.push(Mail { raw });
                    "250 kept".to_owned()
                }
                "QUIT" => "221 bye".to_owned(),
                _ => "250 ok".to_owned(),
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}

/// A server that hands mails in at a mail server, by this URL.
pub(crate) async fn app_with_smtp(url: &str) -> TestApp {
    let database = TestDatabase::migrated().await;
    let flags = ["inkgate", "--listen", "127.0.0.1:0", "--env", "testing"];
    let mail = [
        "--access-log",
        "false",
        "--mail-from",
        "A blog <blog@blog.example>",
    ];
    let cli = Cli::try_parse_from(flags.iter().chain(&mail)).unwrap();
    let secrets = Secrets {
        database: DatabaseUrl::parse(database.url()).unwrap(),
        key: Secret::new(SECRET_KEY.as_bytes().to_vec()),
        previous_keys: Vec::new(),
        pepper: None,
        smtp: Some(SmtpUrl::parse(url).unwrap()),
    };
    TestApp::start(database, cli, secrets).await
}
