//! A fresh database for each test: a temporary file, or a database of its own on the PostgreSQL
//! server that `INKGATE_TEST_DATABASE_URL` names.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio_postgres::NoTls;

/// A database that nobody else uses, gone at the end.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    folder: TempDir,
    on_server: Option<(String, String)>,
}

/// The server to test on; none: the tests run on SQLite.
#[expect(clippy::disallowed_methods, reason = "tests have one setting")]
pub fn server() -> Option<String> {
    std::env::var("INKGATE_TEST_DATABASE_URL").ok()
}

/// A database that `scripts/test` has migrated, to be copied: that takes a fraction of the time.
const MIGRATED: &str = "inkgate_migrated";

impl TestDatabase {
    /// A database of the kind that the tests run on, with nothing in it.
    pub async fn create() -> Self {
        match server() {
            None => Self::sqlite(),
            Some(server) => Self::on(server, "").await,
        }
    }

    /// The same for whoever migrates it anyway: some of that, or all, may be done already.
    pub async fn migrated() -> Self {
        let Some(server) = server() else {
            return Self::sqlite();
        };
        let found = format!("SELECT 1 / count(*) FROM pg_database WHERE datname = '{MIGRATED}'");
        if try_execute(&server, &found).await.is_err() {
            return Self::on(server, "").await;
        }
        Self::on(server, &format!(" TEMPLATE {MIGRATED}")).await
    }

    async fn on(server: String, like: &str) -> Self {
        let name = format!("test_{:016x}", RandomState::new().hash_one(()));
        execute(&server, &format!("CREATE DATABASE {name}{like}")).await;
        Self {
            url: format!("{}/{name}", server.rsplit_once('/').unwrap().0),
            folder: tempfile::tempdir().unwrap(),
            on_server: Some((server, name)),
        }
    }

    /// A file, whatever the tests run on.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite:///{}/blog.db", folder.path().display()),
            folder,
            on_server: None,
        }
    }

    /// What to set `DATABASE_URL` to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether this is a file.
    pub fn is_sqlite(&self) -> bool {
        self.on_server.is_none()
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("blog.db")
    }

    /// A folder for whatever the test needs, gone with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((server, name)) = self.on_server.take() else {
            return;
        };
        // A thread of its own: the runtime of the test may be on its way out.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            runtime.block_on(execute(&server, &sql));
        });
        drop(dropping.join());
    }
}

/// Runs SQL on the PostgreSQL server at `url`, behind the back of whatever is tested.
pub async fn execute(url: &str, sql: &str) {
    try_execute(url, sql).await.unwrap();
}

async fn try_execute(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let running = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    drop(running.await);
    done
}
