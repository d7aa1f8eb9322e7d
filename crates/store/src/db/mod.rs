//! The only place that knows which database it is: one small surface over two engines.
//!
//! A write is one statement, or one list that happens whole or not at all. There are no
//! interactive transactions: they would hold SQLite's only writer while somebody waits.

mod migrate;
mod postgres;
mod postgres_news;
mod postgres_tls;
mod sqlite;
mod sqlite_apart;
mod sqlite_log;
#[cfg(test)]
mod sqlite_steps;
mod sqlite_writer;
mod statement;
mod value;

use std::ops::ControlFlow;
use std::sync::Arc;

use self::postgres::Postgres;
use self::sqlite::Sqlite;
pub use self::sqlite::Synchronous;
pub(crate) use self::sqlite::migrate_file;
pub(crate) use self::statement::{Outcome, Sql, Statement, statements};
pub(crate) use self::value::{Row, Value, params};
use crate::url::DatabaseUrl;
use crate::{BATCH_BYTES, Epochs, Error, Result};

/// A database of either kind.
#[derive(Debug)]
pub(crate) enum Db {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    /// Opens the database at `url` and brings its schema up to date.
    pub(crate) async fn open(
        url: &DatabaseUrl,
        synchronous: Synchronous,
        epochs: Arc<Epochs>,
    ) -> Result<Self> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => Self::Sqlite(Sqlite::open(path, synchronous, epochs)?),
            DatabaseUrl::Postgres(url) => Self::Postgres(Postgres::open(url, epochs).await?),
        })
    }

    /// Hands every row of the answer to `row` until it says stop.
    pub(crate) async fn each(
        &self,
        sql: &Sql,
        params: &[Value],
        row: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>> + Send,
    ) -> Result<()> {
        match self {
            Self::Sqlite(db) => db.each(&sql.sqlite, params, row),
            Self::Postgres(db) => db.each(&sql.postgres, params, row).await,
        }
    }

    /// Every row of the answer.
    pub(crate) async fn rows<T: Send>(
        &self,
        sql: &Sql,
        params: &[Value],
        decode: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, params, |row| {
            rows.push(decode(row)?);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        Ok(rows)
    }

    /// Every row of the answer to a question that may take long: it keeps no other waiting.
    pub(crate) async fn rows_apart<T: Send>(
        &self,
        sql: &Sql,
        params: Vec<Value>,
        decode: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        match self {
            Self::Sqlite(db) => {
                let rows = db.rows_apart(sql.sqlite.clone(), params).await?;
                rows.iter().map(|row| decode(&Row::Owned(row))).collect()
            }
            Self::Postgres(_) => self.rows(sql, &params, decode).await,
        }
    }

    /// The number that is the whole answer to a question of how many, of few rows.
    pub(crate) async fn count(&self, sql: &Sql, params: &[Value]) -> Result<i64> {
        let counted = self.row(sql, params, |row| row.int(0)).await?;
        Ok(counted.unwrap_or_default())
    }

    /// The same of rows without number, which may take long: it keeps no other question waiting.
    pub(crate) async fn count_apart(&self, sql: &Sql, params: Vec<Value>) -> Result<i64> {
        let counted = self.rows_apart(sql, params, |row| row.int(0)).await?;
        Ok(counted.first().copied().unwrap_or_default())
    }

    /// The rows of the answer until they hold [`BATCH_BYTES`]: empty only if there are none.
    pub(crate) async fn batch<T: Send>(
        &self,
        sql: &Sql,
        params: &[Value],
        decode: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
        bytes: impl Fn(&T) -> usize + Send + Sync,
    ) -> Result<Vec<T>> {
        let (mut rows, mut held) = (Vec::new(), 0);
        self.each(sql, params, |row| {
            let row = decode(row)?;
            held += bytes(&row);
            rows.push(row);
            let full = held >= BATCH_BYTES;
            Ok(if full {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })
        .await?;
        Ok(rows)
    }

    /// The first row of the answer, if there is one.
    pub(crate) async fn row<T: Send>(
        &self,
        sql: &Sql,
        params: &[Value],
        decode: impl Fn(&Row<'_>) -> Result<T> + Send + Sync,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.each(sql, params, |row| {
            found = Some(decode(row)?);
            Ok(ControlFlow::Break(()))
        })
        .await?;
        Ok(found)
    }

    /// Runs one statement; it is on disk when this returns.
    pub(crate) async fn write(&self, statement: Statement) -> Result<Outcome> {
        let mut outcomes = self.atomic(vec![statement]).await?;
        outcomes.pop().ok_or(Error::RowCount {
            statement: 0,
            met: 0,
        })
    }

    /// Runs a list of statements, all or none; they are on disk when this returns.
    pub(crate) async fn atomic(&self, statements: Vec<Statement>) -> Result<Vec<Outcome>> {
        match self {
            Self::Sqlite(db) => db.atomic(statements).await,
            Self::Postgres(db) => db.atomic(&statements).await,
        }
    }

    /// Whether a statement can be prepared: for the test that prepares them all.
    pub(crate) async fn prepare(&self, sql: &Sql) -> Result<()> {
        match self {
            Self::Sqlite(db) => db.prepare(&sql.sqlite),
            Self::Postgres(db) => db.prepare(&sql.postgres).await,
        }
    }

    /// Finishes what was handed in and lets go of the database.
    pub(crate) fn close(&self) {
        match self {
            Self::Sqlite(db) => db.close(),
            Self::Postgres(db) => db.close(),
        }
    }
}
