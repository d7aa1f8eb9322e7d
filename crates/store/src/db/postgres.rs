//! PostgreSQL: a few shared connections on which reads are pipelined, and a pool for writes.

use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::{
    Client, ClientWrapper, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Timeouts,
};
use futures_util::StreamExt;
use tokio::sync::RwLock;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::migrate;
use super::postgres_news::News;
use super::postgres_tls::connector;
use super::statement::{Outcome, Statement};
use super::value::{Row, Value};
use crate::url::PostgresUrl;
use crate::{Change, Epochs, Error, Result};

/// Connections for reads: each carries many questions at once.
const READERS: usize = 3;
/// Connections for writes: each commits one thing after another.
const WRITERS: usize = 12;
/// How many writes may wait for a connection; one more is told to come back.
const QUEUE: usize = 1024;
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a question may take, and a write: a connection that is silent for longer is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a write is tried again after the database sacrificed it to another one.
const TRIES: usize = 3;

pub(crate) struct Postgres {
    readers: Vec<RwLock<Option<Arc<ClientWrapper>>>>,
    next: AtomicUsize,
    writers: Pool,
    epochs: Arc<Epochs>,
    pub(super) url: Box<PostgresUrl>,
    pub(super) news: News,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres")
            .field("writers", &self.writers.status())
            .finish_non_exhaustive()
    }
}

impl Postgres {
    pub(crate) async fn open(url: &PostgresUrl, epochs: Arc<Epochs>) -> Result<Self> {
        let writers = Pool::builder(manager(url)?)
            .max_size(WRITERS)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(CONNECT_TIMEOUT),
                create: Some(CONNECT_TIMEOUT),
                recycle: Some(CONNECT_TIMEOUT),
            })
            .build()
            .map_err(|error| Error::Other(error.into()))?;
        let mut first = writers.get().await.map_err(no_connection)?;
        migrate::postgres(&mut first).await?;
        drop(first);
        let readers = (0..READERS).map(|_| RwLock::default()).collect();
        Ok(Self {
            readers,
            next: AtomicUsize::new(0),
            writers,
            epochs,
            url: Box::new(url.clone()),
            news: News::default(),
        })
    }

    pub(crate) async fn each(
        &self,
        sql: &str,
        params: &[Value],
        row: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>> + Send,
    ) -> Result<()> {
        let reader = self.reader().await?;
        let asking = tokio::time::timeout(PATIENCE, ask(&reader, sql, params, row));
        match asking.await {
            Ok(answer) => answer,
            Err(late) => {
                // Nobody is at the other end any more, though nobody has closed the connection.
                self.give_up(&reader).await;
                Err(Error::Unavailable(late.into()))
            }
        }
    }

    pub(crate) async fn atomic(&self, statements: &[Statement]) -> Result<Vec<Outcome>> {
        if self.writers.status().waiting > QUEUE {
            return Err(Error::Overloaded);
        }
        let mut client = self.writers.get().await.map_err(no_connection)?;
        let writing = tokio::time::timeout(PATIENCE, run_again(&mut client, statements)).await;
        let outcome = writing.unwrap_or_else(|late| {
            drop(Client::take(client));
            Err(Error::Unavailable(late.into()))
        });
        // After a failure too: a commit may have come about whose answer was lost. Whoever goes
        // before the end learns of it as other nodes do.
        self.tell_of(statements.iter().flat_map(|done| &done.changes));
        outcome
    }

    fn tell_of<'a>(&self, changes: impl Iterator<Item = &'a Change>) {
        for change in changes {
            self.epochs.advance(*change);
            if matches!(change, Change::Post(_) | Change::Posts) {
                self.news.to_tell.notify_one();
            }
        }
    }

    pub(crate) async fn prepare(&self, sql: &str) -> Result<()> {
        self.reader()
            .await?
            .prepare(sql)
            .await
            .map(drop)
            .map_err(translate)
    }

    pub(crate) fn close(&self) {
        self.writers.close();
    }

    /// Replaces a connection that does not answer, with all who wait for it.
    async fn give_up(&self, silent: &Arc<ClientWrapper>) {
        for slot in &self.readers {
            let mut slot = slot.write().await;
            if slot
                .as_ref()
                .is_some_and(|reader| Arc::ptr_eq(reader, silent))
            {
                *slot = None;
            }
        }
    }

    /// One of the shared connections; a broken one is replaced.
    pub(super) async fn reader(&self) -> Result<Arc<ClientWrapper>> {
        let slot = &self.readers[self.next.fetch_add(1, Ordering::Relaxed) % READERS];
        let usable = |reader: &Option<Arc<ClientWrapper>>| {
            reader
                .as_ref()
                .filter(|reader| !reader.is_closed())
                .map(Arc::clone)
        };
        if let Some(reader) = usable(&*slot.read().await) {
            return Ok(reader);
        }
        let mut slot = slot.write().await;
        if let Some(reader) = usable(&slot) {
            return Ok(reader);
        }
        let reader = self.writers.get().await.map_err(no_connection)?;
        let reader = Arc::new(Client::take(reader));
        *slot = Some(Arc::clone(&reader));
        Ok(reader)
    }
}

async fn ask(
    reader: &ClientWrapper,
    sql: &str,
    params: &[Value],
    mut row: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>> + Send,
) -> Result<()> {
    let statement = reader.prepare_cached(sql).await.map_err(translate)?;
    let rows = reader
        .query_raw(&statement, params)
        .await
        .map_err(translate)?;
    let mut rows = pin!(rows);
    while let Some(next) = rows.next().await {
        if row(&Row::Postgres(&next.map_err(translate)?))?.is_break() {
            break;
        }
    }
    Ok(())
}

fn manager(url: &PostgresUrl) -> Result<Manager> {
    let mut config = url.config.clone();
    config
        .application_name("inkgate")
        .connect_timeout(CONNECT_TIMEOUT);
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    if url.tls {
        Ok(Manager::from_config(config, connector(url)?, recycling))
    } else {
        Ok(Manager::from_config(config, NoTls, recycling))
    }
}

enum Failure {
    /// A deadlock or a conflict of two writes: trying again may do.
    Sacrificed(Error),
    Final(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let code = error.code().cloned();
        let error = translate(error);
        match code {
            Some(SqlState::T_R_DEADLOCK_DETECTED | SqlState::T_R_SERIALIZATION_FAILURE) => {
                Self::Sacrificed(error)
            }
            _ => Self::Final(error),
        }
    }
}

/// Runs a list until it is through, some times at most.
async fn run_again(client: &mut Client, statements: &[Statement]) -> Result<Vec<Outcome>> {
    let mut tries = 1;
    loop {
        match run_list(client, statements).await {
            Err(Failure::Sacrificed(_)) if tries < TRIES => tries += 1,
            Err(Failure::Sacrificed(error) | Failure::Final(error)) => return Err(error),
            Ok(outcomes) => return Ok(outcomes),
        }
    }
}

async fn run_list(
    client: &mut Client,
    statements: &[Statement],
) -> std::result::Result<Vec<Outcome>, Failure> {
    if let [only] = statements
        && only.rows.is_none()
    {
        // Alone it is a transaction by itself, and costs one journey instead of three.
        return Ok(vec![run_statement(client, only, &[]).await?]);
    }
    let transaction = client.transaction().await?;
    let mut outcomes = Vec::with_capacity(statements.len());
    for statement in statements {
        outcomes.push(run_statement(&transaction, statement, &outcomes).await?);
    }
    transaction.commit().await?;
    Ok(outcomes)
}

async fn run_statement(
    client: &impl deadpool_postgres::GenericClient,
    statement: &Statement,
    earlier: &[Outcome],
) -> std::result::Result<Outcome, Failure> {
    let prepared = client.prepare_cached(&statement.sql.postgres).await?;
    let mut outcome = Outcome::default();
    let params: Vec<_> = statement
        .params
        .iter()
        .map(|value| value.resolved(earlier) as &(dyn ToSql + Sync))
        .collect();
    if prepared.columns().is_empty() {
        outcome.changed = client.execute(&prepared, &params).await?;
    } else {
        let rows = client.query(&prepared, &params).await?;
        outcome.changed = rows.len() as u64;
        outcome.rows = rows
            .iter()
            .map(Value::from_postgres)
            .collect::<Result<_>>()
            .map_err(Failure::Final)?;
    }
    match statement.rows {
        Some(rows) if rows != outcome.changed => Err(Failure::Final(Error::RowCount {
            statement: earlier.len(),
            met: outcome.changed,
        })),
        _ => Ok(outcome),
    }
}

/// What an error of PostgreSQL means to the floors above.
fn translate(error: tokio_postgres::Error) -> Error {
    let Some(refusal) = error.as_db_error() else {
        return Error::Unavailable(error.into());
    };
    match *refusal.code() {
        SqlState::UNIQUE_VIOLATION => {
            let table = refusal.table().unwrap_or_default();
            let constraint = refusal.constraint().unwrap_or_default();
            // PostgreSQL names it table_column_key (and the primary key table_pkey).
            let column = constraint.strip_prefix(table).unwrap_or(constraint);
            let column = column.strip_prefix('_').unwrap_or(column);
            let column = column.strip_suffix("_key").unwrap_or(column);
            let column = if column == "pkey" { "id" } else { column };
            Error::Unique(format!("{table}.{column}"))
        }
        SqlState::FOREIGN_KEY_VIOLATION => Error::ForeignKey,
        _ if ["08", "53", "57", "58", "40"]
            .iter()
            .any(|class| refusal.code().code().starts_with(class)) =>
        {
            Error::Unavailable(error.into())
        }
        _ => Error::Other(error.into()),
    }
}

fn no_connection(error: PoolError) -> Error {
    match error {
        PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => Error::Overloaded,
        // Whatever the server says to somebody at its door, it answers no question now.
        error => Error::Unavailable(error.into()),
    }
}
