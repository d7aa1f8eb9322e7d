//! A fresh database for each test: a temporary file, or a database of its own on the PostgreSQL
//! server that `INKGATE_TEST_DATABASE_URL` names.

use store::DatabaseUrl;
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// A database that nobody else uses.
pub(crate) struct TestDatabase {
    /// How to reach it.
    pub(crate) url: String,
    folder: TempDir,
    on_server: Option<(String, String)>,
}

/// The server to test on, unless the tests run on SQLite.
#[expect(clippy::disallowed_methods, reason = "tests have one setting")]
pub(crate) fn server() -> Option<String> {
    std::env::var("INKGATE_TEST_DATABASE_URL").ok()
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let Some(server) = server() else {
            let url = format!("sqlite:///{}/blog.db", folder.path().display());
            return Self {
                url,
                folder,
                on_server: None,
            };
        };
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        Self {
            url,
            folder,
            on_server: Some((server, name)),
        }
    }

    pub(crate) fn parsed(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).unwrap()
    }

    /// A folder for whatever the test needs, gone with the database.
    pub(crate) fn folder(&self) -> &std::path::Path {
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
            runtime.block_on(execute(
                &server,
                &format!("DROP DATABASE {name} WITH (FORCE)"),
            ));
        });
        drop(dropping.join());
    }
}

async fn execute(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
    let running = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    drop(running.await);
}
