//! Inkgate's questions to its database: one function is one question, with its SQL beside it.
//!
//! Which database answers is known in `db` alone. No rules live here ("may she?"), no HTTP.

mod audit;
mod backup;
mod db;
mod error;
mod flask;
mod import;
mod jobs;
mod one_time_tokens;
mod personal_tokens;
mod posts;
mod purge;
mod serve_lock;
mod sessions;
mod signing_keys;
mod todos;
mod url;
mod users;

pub use backup::{TableDigest, back_up, restore, verify};
pub use db::Synchronous;
pub use error::{Error, Result};
pub use flask::{FlaskFile, FlaskRow, FlaskTable};
pub use import::Imported;
pub use serve_lock::ServeLock;
pub use url::{DatabaseUrl, PostgresUrl};

use db::{Db, Sql, Statement, statements};

statements! {
    PING = "SELECT 1";
    DATA_VERSION = { sqlite: "PRAGMA data_version", postgres: "SELECT 0::bigint" };
}

/// The most rows that a batch of a complete list holds.
pub const BATCH_ROWS: u32 = 500;
/// A batch ends early when it holds this many bytes of text, so that memory stays flat.
pub const BATCH_BYTES: usize = 512 * 1024;

/// The database, of either kind.
#[derive(Debug)]
pub struct Store {
    db: Db,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    pub async fn open(url: &DatabaseUrl, synchronous: Synchronous) -> Result<Self> {
        Ok(Self {
            db: Db::open(url, synchronous).await?,
        })
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.db.row(&PING, &[], |_| Ok(())).await.map(drop)
    }

    /// A number that changes when another process has written; always 0 on PostgreSQL.
    ///
    /// It is asked on the writer's connection: on any other, our own writes would count too.
    pub async fn changes_elsewhere(&self) -> Result<i64> {
        match self.db {
            Db::Sqlite(_) => {
                let outcome = self.db.write(Statement::new(&DATA_VERSION, vec![])).await?;
                Ok(outcome.row(|row| row.int(0))?.unwrap_or_default())
            }
            Db::Postgres(_) => Ok(0),
        }
    }

    /// Whether several servers can share this database.
    pub const fn is_shared(&self) -> bool {
        matches!(self.db, Db::Postgres(_))
    }

    /// Prepares every statement of this crate: without SQL checked at compile time, a test does.
    pub async fn prepare_all(&self) -> Result<usize> {
        let files: [&[&Sql]; 11] = [
            ALL,
            users::ALL,
            sessions::ALL,
            signing_keys::ALL,
            personal_tokens::ALL,
            posts::ALL,
            todos::ALL,
            purge::ALL,
            audit::ALL,
            jobs::ALL,
            one_time_tokens::ALL,
        ];
        let statements = files
            .concat()
            .into_iter()
            .chain(import::ALL.iter().copied());
        let mut prepared = 0;
        for sql in statements {
            self.db
                .prepare(sql)
                .await
                .inspect_err(|_| tracing::error!(?sql, "not prepared"))?;
            prepared += 1;
        }
        Ok(prepared)
    }

    /// Commits what was handed in and lets go of the database.
    pub fn close(&self) {
        self.db.close();
    }
}
