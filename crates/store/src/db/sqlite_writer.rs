//! The one writer of an SQLite file: a thread that commits for many requests at once.
//!
//! While one commit waits for the disk, requests gather; the next commit takes them all. Each has
//! a savepoint of its own, so that one that fails fails alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::sqlite::{bind, translate};
use super::sqlite_log::{LogKeeper, LogLength};
use super::statement::{Outcome, Statement};
use super::value::Value;
use crate::{Epochs, Error, Result};

/// How many requests may wait; one more is told to come back.
const QUEUE: usize = 1024;
/// How many requests one commit takes at most, so that none waits long behind the others.
const GROUP: usize = 256;
/// How long a commit waits for company where the last one had some: on a fast disk the others
/// would come just too late, and a commit for each costs the processor more than this costs them.
const GATHER: Duration = Duration::from_micros(500);

/// Where there is more to do than the processor can, those who read come first: the writer then
/// makes fewer and larger commits.
const NICE: i32 = 5;

type Answer = Result<Vec<Outcome>>;

struct Job {
    statements: Vec<Statement>,
    reply: oneshot::Sender<Answer>,
}

#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        log: &LogKeeper,
        epochs: Arc<Epochs>,
    ) -> Result<Self> {
        let (jobs, mut queue) = mpsc::channel(QUEUE);
        let mut length = log.watch(&mut connection)?;
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || run(&connection, &mut queue, &mut length, &epochs))
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(super) async fn atomic(&self, statements: Vec<Statement>) -> Answer {
        let (reply, answer) = oneshot::channel();
        {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            let jobs = jobs.as_ref().ok_or_else(closed)?;
            jobs.try_send(Job { statements, reply })
                .map_err(|_| Error::Overloaded)?;
        }
        answer.await.map_err(|_| closed())?
    }

    /// Commits what is in the queue, then ends the thread.
    pub(super) fn close(&self) {
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes to SQLite had panicked");
        }
    }
}

fn closed() -> Error {
    Error::Unavailable("the database is closed".into())
}

fn run(
    connection: &Connection,
    queue: &mut mpsc::Receiver<Job>,
    length: &mut LogLength,
    epochs: &Epochs,
) {
    // On Linux this lowers the calling thread alone. Where it is not allowed, all else is the same.
    #[cfg(target_os = "linux")]
    if rustix::process::setpriority_process(None, NICE).is_err() {
        tracing::debug!("the thread that writes to SQLite keeps its priority");
    }
    let mut had_company = false;
    while let Some(first) = queue.blocking_recv() {
        if had_company {
            std::thread::sleep(GATHER);
        }
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(job) = queue.try_recv()
        {
            group.push(job);
        }
        had_company = group.len() > 1;
        commit_together(connection, group, epochs);
        length.keep_short(connection);
    }
}

fn commit_together(connection: &Connection, group: Vec<Job>, epochs: &Epochs) {
    let mut answers = Vec::with_capacity(group.len());
    let mut changes = Vec::new();
    let mut begun = execute(connection, "BEGIN IMMEDIATE");
    for job in group {
        let answer = match &begun {
            Ok(()) => in_savepoint(connection, &job.statements),
            Err(_) => Err(Error::Unavailable("the transaction was given up".into())),
        };
        if begun.is_ok() && connection.is_autocommit() {
            // A full disk ends the whole transaction, not just the statement that met it.
            begun = Err(Error::Unavailable("the transaction was given up".into()));
        }
        changes.extend(job.statements.into_iter().flat_map(|done| done.changes));
        answers.push((job.reply, answer));
    }
    let committed = begun.and_then(|()| execute(connection, "COMMIT"));
    if let Err(error) = &committed {
        tracing::error!(error = error as &dyn std::error::Error, "a commit failed");
        if !connection.is_autocommit() {
            drop(execute(connection, "ROLLBACK"));
        }
    }
    // Here and not by whoever asked: a client that has gone does not undo its write.
    for change in changes {
        epochs.advance(change);
    }
    for (reply, answer) in answers {
        let answer = match (&committed, answer) {
            (Err(_), Ok(_)) => Err(Error::Unavailable("the commit failed".into())),
            (_, answer) => answer,
        };
        // Nobody may be waiting any more.
        drop(reply.send(answer));
    }
}

fn in_savepoint(connection: &Connection, statements: &[Statement]) -> Answer {
    execute(connection, "SAVEPOINT request")?;
    let answer = run_list(connection, statements);
    if answer.is_err() && !connection.is_autocommit() {
        execute(connection, "ROLLBACK TO request")?;
    }
    if !connection.is_autocommit() {
        execute(connection, "RELEASE request")?;
    }
    answer
}

fn run_list(connection: &Connection, statements: &[Statement]) -> Answer {
    let mut outcomes = Vec::with_capacity(statements.len());
    for statement in statements {
        outcomes.push(run_statement(connection, statement, &outcomes)?);
    }
    Ok(outcomes)
}

fn run_statement(
    connection: &Connection,
    statement: &Statement,
    earlier: &[Outcome],
) -> Result<Outcome> {
    let mut prepared = connection
        .prepare_cached(&statement.sql.sqlite)
        .map_err(translate)?;
    let params = statement.params.iter();
    bind(&mut prepared, params.map(|value| value.resolved(earlier)))?;
    let columns = prepared.column_count();
    let mut outcome = Outcome::default();
    if columns == 0 {
        outcome.changed = prepared.raw_execute().map_err(translate)? as u64;
    } else {
        // To the end: a statement that is left in the middle has not done its work.
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(translate)? {
            let values = (0..columns)
                .map(|column| Value::from_sqlite(row.get_ref(column).map_err(translate)?));
            outcome.rows.push(values.collect::<Result<_>>()?);
        }
        outcome.changed = outcome.rows.len() as u64;
    }
    match statement.rows {
        Some(rows) if rows != outcome.changed => Err(Error::RowCount {
            statement: earlier.len(),
            met: outcome.changed,
        }),
        _ => Ok(outcome),
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    statement.raw_execute().map(drop).map_err(translate)
}
