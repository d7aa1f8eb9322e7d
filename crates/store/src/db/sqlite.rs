//! SQLite: readers that never wait, and the door to the one writer.

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags};

use super::migrate;
use super::sqlite_apart::Apart;
use super::sqlite_log::LogKeeper;
use super::sqlite_writer::Writer;
use super::statement::{Outcome, Statement};
use super::value::{Row, Value};
use crate::url::refuse_no_file;
use crate::{Epochs, Error, Result};

/// How long a statement waits for another process that writes.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_STEP: Duration = Duration::from_millis(10);
const STATEMENTS_KEPT: usize = 64;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// The disk: an acknowledged write survives a power cut.
    Full,
    /// The operating system: it survives a crash of the program, not always a power cut.
    Normal,
}

/// An SQLite file with one writer and as many readers as threads read at once.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    // Reading happens on the thread of the request, so at most one connection a thread is out.
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
    log: LogKeeper,
    apart: Apart,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, synchronous: Synchronous, epochs: Arc<Epochs>) -> Result<Self> {
        refuse_no_file(path)?;
        make_private(path)?;
        let mut connection = connect(path, synchronous)?;
        migrate::sqlite(&mut connection)?;
        // What undoes a statement is kept in memory: as a file it was three quarters of what a commit
        // writes. Not before this, since an index that is made is sorted in the same place.
        connection
            .pragma_update(None, "temp_store", "MEMORY")
            .map_err(unavailable)?;
        let log = LogKeeper::start(connect(path, synchronous)?)?;
        let writer = Writer::start(connection, &log, epochs)?;
        Ok(Self {
            apart: Apart::start(path)?,
            path: path.to_owned(),
            readers: Mutex::default(),
            writer,
            log,
        })
    }

    /// Reads inline: a short question costs less than handing it to another thread.
    pub(crate) fn each(
        &self,
        sql: &str,
        params: &[Value],
        mut row: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let reader = self.reader()?;
        let answer = (|| {
            let mut statement = reader.prepare_cached(sql).map_err(translate)?;
            bind(&mut statement, params.iter())?;
            let mut rows = statement.raw_query();
            while let Some(next) = rows.next().map_err(translate)? {
                if row(&Row::Sqlite(next))?.is_break() {
                    break;
                }
            }
            Ok(())
        })();
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(reader);
        answer
    }

    pub(crate) async fn rows_apart(
        &self,
        sql: Cow<'static, str>,
        params: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>> {
        self.apart.rows(sql, params).await
    }

    pub(crate) async fn atomic(&self, statements: Vec<Statement>) -> Result<Vec<Outcome>> {
        self.writer.atomic(statements).await
    }

    pub(crate) fn prepare(&self, sql: &str) -> Result<()> {
        self.reader()?.prepare(sql).map(drop).map_err(translate)
    }

    pub(crate) fn close(&self) {
        // Whoever closes the file last empties the log into it, which a reader cannot.
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.apart.close();
        self.writer.close();
        self.log.close();
    }

    fn reader(&self) -> Result<Connection> {
        let idle = self
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(reader) => Ok(reader),
            None => connect_reader(&self.path),
        }
    }
}

/// Makes the file if it is missing, for nobody else on this machine to read: it holds hashes of
/// passwords. SQLite gives its log the same permissions.
fn make_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(Error::Unavailable(error.into()))
        }
        _ => Ok(()),
    }
}

/// Writes ahead to a log, which the file remembers. Of two processes that ask a fresh file for it at
/// once one is told that it is locked, without waiting as for any other statement.
fn keep_a_log(connection: &Connection) -> Result<()> {
    let mut tries = BUSY_TIMEOUT.as_millis() / BUSY_STEP.as_millis();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && tries > 0 =>
            {
                tries -= 1;
                std::thread::sleep(BUSY_STEP);
            }
            other => return other.map_err(unavailable),
        }
    }
}

/// Opens a connection that may write; the file is made if it is missing.
pub(super) fn connect(path: &Path, synchronous: Synchronous) -> Result<Connection> {
    let connection = Connection::open(path).map_err(unavailable)?;
    prepare_once(&connection)?;
    // First of all: the journal's mode is kept in the file, and one that is not ours stays as it is.
    migrate::refuse_foreign_file(&connection)?;
    let synchronous = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    keep_a_log(&connection)?;
    for (pragma, value) in [("synchronous", synchronous), ("foreign_keys", "ON")] {
        connection
            .pragma_update(None, pragma, value)
            .map_err(unavailable)?;
    }
    Ok(connection)
}

/// Brings the schema of a file up to date, with nobody serving it.
pub(crate) fn migrate_file(path: &Path, synchronous: Synchronous) -> Result<()> {
    migrate::sqlite(&mut connect(path, synchronous)?)
}

/// Keeps statements with their plans. Without the guarantee SQLite plans one anew at each run when
/// a partial index may depend on what is bound, which takes several times as long as the run.
pub(super) fn prepare_once(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT).map_err(unavailable)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
        .map_err(unavailable)
}

pub(super) fn connect_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unavailable)?;
    prepare_once(&connection)?;
    connection
        .pragma_update(None, "query_only", "ON")
        .map_err(unavailable)?;
    Ok(connection)
}

/// The names of parameters.
const NAMES: [&str; 32] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27", "$28",
    "$29", "$30", "$31", "$32",
];

/// Binds `$1` to the first parameter and so on. By position, `$2` would be the first if it stood
/// before `$1` in the text.
pub(super) fn bind<'a>(
    statement: &mut CachedStatement<'_>,
    params: impl ExactSizeIterator<Item = &'a Value>,
) -> Result<()> {
    let given = params.len();
    let wrong = |found: &dyn std::fmt::Debug| {
        Error::Other(format!("{given} parameters do not fit: {found:?}").into())
    };
    if statement.parameter_count() != given {
        return Err(wrong(&statement.parameter_count()));
    }
    for (name, value) in NAMES.iter().zip(params) {
        let index = statement.parameter_index(name).map_err(translate)?;
        let index = index.ok_or_else(|| wrong(name))?;
        statement
            .raw_bind_parameter(index, value)
            .map_err(translate)?;
    }
    Ok(())
}

/// What an error of SQLite means to the floors above.
pub(super) fn translate(error: rusqlite::Error) -> Error {
    use rusqlite::ffi;
    let rusqlite::Error::SqliteFailure(code, message) = &error else {
        return Error::Other(error.into());
    };
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            let column = message
                .as_deref()
                .and_then(|message| message.split(": ").nth(1));
            Error::Unique(column.unwrap_or_default().to_owned())
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::ForeignKey,
        ffi::SQLITE_NOTADB => Error::NoDatabase("the file is no SQLite database".to_owned()),
        _ => match code.extended_code & 0xff {
            ffi::SQLITE_BUSY
            | ffi::SQLITE_LOCKED
            | ffi::SQLITE_FULL
            | ffi::SQLITE_IOERR
            | ffi::SQLITE_CANTOPEN
            | ffi::SQLITE_READONLY => unavailable(error),
            _ => Error::Other(error.into()),
        },
    }
}

pub(super) fn unavailable(error: rusqlite::Error) -> Error {
    Error::Unavailable(error.into())
}
