//! A thread for questions to SQLite that may take long. On the threads that serve requests they
//! would keep others waiting.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::sqlite::{bind, connect_reader, translate};
use super::value::Value;
use crate::{Error, Result};

/// How many questions may wait; one more is told to come back.
const QUEUE: usize = 64;

type Rows = Vec<Vec<Value>>;

struct Question {
    sql: Cow<'static, str>,
    params: Vec<Value>,
    reply: oneshot::Sender<Result<Rows>>,
}

#[derive(Debug)]
pub(super) struct Apart(Mutex<Option<(mpsc::Sender<Question>, JoinHandle<()>)>>);

impl Apart {
    pub(super) fn start(path: &Path) -> Result<Self> {
        let connection = connect_reader(path)?;
        let (questions, mut queue) = mpsc::channel::<Question>(QUEUE);
        let run = move || {
            while let Some(question) = queue.blocking_recv() {
                // Whoever asked may have gone while this waited.
                if !question.reply.is_closed() {
                    let rows = ask(&connection, &question.sql, &question.params);
                    drop(question.reply.send(rows));
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("sqlite-apart".to_owned())
            .spawn(run)
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self(Mutex::new(Some((questions, thread)))))
    }

    pub(super) async fn rows(&self, sql: Cow<'static, str>, params: Vec<Value>) -> Result<Rows> {
        let closed = || Error::Unavailable("the database is closed".into());
        let (reply, answer) = oneshot::channel();
        {
            let questions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (questions, _) = questions.as_ref().ok_or_else(closed)?;
            let question = Question { sql, params, reply };
            questions
                .try_send(question)
                .map_err(|_| Error::Overloaded)?;
        }
        answer.await.map_err(|_| closed())?
    }

    /// Answers what waits, then ends the thread.
    pub(super) fn close(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((questions, thread)) = running else {
            return;
        };
        drop(questions);
        if thread.join().is_err() {
            tracing::error!("the thread for long questions to SQLite had panicked");
        }
    }
}

fn ask(connection: &Connection, sql: &str, params: &[Value]) -> Result<Rows> {
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let columns = statement.column_count();
    bind(&mut statement, params.iter())?;
    let (mut found, mut rows) = (Vec::new(), statement.raw_query());
    while let Some(row) = rows.next().map_err(translate)? {
        let values =
            (0..columns).map(|column| Value::from_sqlite(row.get_ref(column).map_err(translate)?));
        found.push(values.collect::<Result<_>>()?);
    }
    Ok(found)
}
