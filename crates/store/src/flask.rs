//! Reading a database that the tutorial's Flask app wrote. Nothing in it is trusted: SQLite lets
//! any column hold anything.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags};

use crate::{Error, Result};

/// How many rows are read at a time.
const BATCH: usize = 200;

/// A file of the Flask app, opened for reading only.
#[derive(Debug)]
pub struct FlaskFile(Connection);

/// A row of the Flask app.
#[derive(Debug)]
pub struct FlaskRow {
    rowid: i64,
    cells: BTreeMap<String, Cell>,
}

/// The tables of the Flask app, in the order in which they refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlaskTable {
    /// Users.
    User,
    /// Posts.
    Post,
    /// Todos.
    Todo,
}

impl FlaskTable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::User, Self::Post, Self::Todo];

    /// The name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Post => "post",
            Self::Todo => "todo",
        }
    }
}

impl FlaskFile {
    /// Opens `file`.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is no file of the Flask app.
    pub fn open(file: &Path) -> Result<Self> {
        let refuse = |why: &dyn std::fmt::Display| {
            Error::Refused(format!(
                "{} is no database of the Flask app: {why}",
                file.display()
            ))
        };
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|error| refuse(&error))?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'user'";
        let found: i64 = connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|error| refuse(&error))?;
        if found == 0 {
            return Err(refuse(&"it has no table `user`"));
        }
        Ok(Self(connection))
    }

    /// How many rows a table has; zero if there is no such table.
    pub fn count(&self, table: FlaskTable) -> u64 {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.name());
        let count = self.0.query_row(&sql, [], |row| row.get::<_, i64>(0));
        count.map_or(0, i64::unsigned_abs)
    }

    /// The next rows of a table; none at its end.
    pub fn rows_after(&self, table: FlaskTable, last: Option<&FlaskRow>) -> Result<Vec<FlaskRow>> {
        if self.count(table) == 0 {
            return Ok(Vec::new());
        }
        let after = last.map_or(i64::MIN, |row| row.rowid);
        let name = table.name();
        let sql = format!(
            "SELECT rowid AS inkgate_rowid, * FROM \"{name}\" WHERE rowid > ?1 ORDER BY rowid LIMIT {BATCH}"
        );
        self.read(&sql, after)
            .map_err(|error| Error::Other(error.into()))
    }

    fn read(&self, sql: &str, after: i64) -> rusqlite::Result<Vec<FlaskRow>> {
        let mut statement = self.0.prepare(sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let rows = statement.query_map([after], |row| {
            let mut cells = BTreeMap::new();
            for (column, name) in names.iter().enumerate().skip(1) {
                cells.insert(name.clone(), row.get(column).unwrap_or(Cell::Null));
            }
            Ok(FlaskRow {
                rowid: row.get(0)?,
                cells,
            })
        })?;
        rows.collect()
    }
}

impl FlaskRow {
    /// The row's number.
    pub fn id(&self) -> i64 {
        self.int("id").unwrap_or(self.rowid)
    }

    /// A column as an integer, if it is one.
    pub fn int(&self, column: &str) -> Option<i64> {
        match self.cells.get(column) {
            Some(Cell::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// A column as text, if it is one.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.cells.get(column) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether a column is missing or NULL.
    pub fn is_null(&self, column: &str) -> bool {
        matches!(self.cells.get(column), None | Some(Cell::Null))
    }
}
