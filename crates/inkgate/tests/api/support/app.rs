//! The real server on a port of its own, with its clock in the test's hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use domain::Domain;
use inkgate::cli::Cli;
use inkgate::config::Environment;
use inkgate::config_secrets::Secrets;
use inkgate::serve::{self, Server};
use model::{Clock, Role, Secret, Timestamp};
use serde_json::json;
use store::DatabaseUrl;
use test_database::TestDatabase;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::client::{Answer, Client};

/// The key that every test server signs with.
pub(crate) const SECRET_KEY: &str = "a key for tests that has more than 32 bytes";

/// When every test begins.
const START: &str = "2026-11-23T19:00:00.123456Z";

/// What a log-in of v2 gave.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Pair {
    #[track_caller]
    pub(crate) fn of(answer: Answer) -> Self {
        let pair = answer.expect(200).json();
        let text = |name: &str| pair[name].as_str().unwrap().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

/// A server that runs.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) domain: Arc<Domain>,
    pub(crate) database: Option<TestDatabase>,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
}

impl TestApp {
    /// Starts a server as `INKGATE_ENV=testing` does.
    pub(crate) async fn spawn() -> Self {
        Self::spawn_with(&["--env", "testing"]).await
    }

    /// Starts a server with these flags.
    pub(crate) async fn spawn_with(flags: &[&str]) -> Self {
        Self::spawn_on(TestDatabase::migrated().await, flags).await
    }

    /// Starts a server on a database that is there already.
    pub(crate) async fn spawn_on(database: TestDatabase, flags: &[&str]) -> Self {
        let fixed = [
            "inkgate",
            "--listen",
            "127.0.0.1:0",
            "--access-log",
            "false",
        ];
        let cli = Cli::try_parse_from(fixed.iter().chain(flags)).unwrap();
        let secrets = Secrets {
            database: DatabaseUrl::parse(database.url()).unwrap(),
            key: Secret::new(SECRET_KEY.as_bytes().to_vec()),
            previous_keys: Vec::new(),
            pepper: None,
            smtp: None,
        };
        Self::start(database, cli, secrets).await
    }

    /// Starts a server with other secrets.
    pub(crate) async fn start(database: TestDatabase, cli: Cli, secrets: Secrets) -> Self {
        let clock = Clock::manual(Timestamp::parse_rfc3339(START).unwrap());
        let server = Server::start(&cli.options, secrets, clock.clone())
            .await
            .unwrap();
        let (address, domain) = (server.address().unwrap(), Arc::clone(server.domain()));
        let stop = CancellationToken::new();
        let until = stop.clone();
        let running = tokio::spawn(async move { server.run(until).await.unwrap() });
        Self {
            address,
            clock,
            domain,
            database: Some(database),
            stop,
            running: Some(running),
        }
    }

    /// Stops the server as SIGTERM does, and gives its database back.
    pub(crate) async fn stop(mut self) -> TestDatabase {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
        self.database.take().unwrap()
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Somebody without a token.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.address, None)
    }

    /// Somebody with this token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client::new(self.address, Some(token.to_owned()))
    }

    /// Registers `name` and logs in.
    pub(crate) async fn user(&self, name: &str) -> Client {
        self.register(name, "1234").await.expect(201);
        self.login(name, "1234").await
    }

    /// Makes an account with `role`, as the command line does, and logs in.
    pub(crate) async fn user_with_role(&self, name: &str, role: Role) -> Client {
        let username = model::Username::parse(name).unwrap();
        let password = model::Password::parse("1234").unwrap();
        self.domain
            .create_user(username, password, role)
            .await
            .unwrap();
        self.login(name, "1234").await
    }

    pub(crate) async fn register(&self, name: &str, password: &str) -> Answer {
        let body = json!({"username": name, "password": password});
        self.anonymous().post("/api/v1/users", &body).await
    }

    /// Logs in, which must work.
    pub(crate) async fn login(&self, name: &str, password: &str) -> Client {
        let body = json!({"username": name, "password": password});
        let answer = self
            .anonymous()
            .post("/api/v1/login", &body)
            .await
            .expect(200);
        self.with_token(answer.json()["token"].as_str().unwrap())
    }

    /// Registers `name` and logs in through v2.
    pub(crate) async fn pair(&self, name: &str) -> Pair {
        self.register(name, "1234").await.expect(201);
        self.login_v2(name, "1234").await
    }

    /// Logs in through v2, which must work.
    pub(crate) async fn login_v2(&self, name: &str, password: &str) -> Pair {
        let body = json!({"username": name, "password": password});
        let answer = self.anonymous().post("/api/v2/auth/login", &body).await;
        Pair::of(answer)
    }

    /// Exchanges a refresh token.
    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        let body = json!({"refresh_token": token});
        self.anonymous().post("/api/v2/auth/refresh", &body).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Another node, or another process, on the database of a server.
pub(crate) async fn second_node(app: &TestApp) -> Domain {
    let folder = app.database.as_ref().unwrap().folder().join("mail");
    let folder = folder.to_str().unwrap();
    let flags = ["inkgate", "--env", "testing", "--mail-folder", folder];
    let cli = Cli::try_parse_from(flags).unwrap();
    let secrets = Secrets {
        database: DatabaseUrl::parse(app.database.as_ref().unwrap().url()).unwrap(),
        key: Secret::new(SECRET_KEY.as_bytes().to_vec()),
        previous_keys: Vec::new(),
        pepper: None,
        smtp: None,
    };
    let environment = Environment::Testing;
    serve::open(&cli.options, environment, secrets, app.clock.clone())
        .await
        .unwrap()
}
