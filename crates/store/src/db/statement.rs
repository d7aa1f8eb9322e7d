//! SQL texts with their parameters, and what came of running them.

use std::borrow::Cow;

use super::value::{Row, Value};
use crate::{Change, Result};

/// One question as text, for both databases; parameters are `$1`, `$2`, bound by name.
#[derive(Debug)]
pub(crate) struct Sql {
    pub(crate) sqlite: Cow<'static, str>,
    pub(crate) postgres: Cow<'static, str>,
}

impl Sql {
    /// A text that was put together for one question, the same for both databases.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            sqlite: text.to_owned().into(),
            postgres: text.to_owned().into(),
        }
    }
}

/// Declares SQL texts as constants, and lists them all in `ALL` so that a test can prepare each.
macro_rules! statements {
    ($($name:ident = $text:tt;)*) => {
        $(const $name: $crate::db::Sql = $crate::db::statements!(@text $text);)*
        /// Every statement of this file.
        pub(crate) const ALL: &[&$crate::db::Sql] = &[$(&$name),*];
    };
    (@text { sqlite: $sqlite:expr, postgres: $postgres:expr }) => {
        $crate::db::Sql {
            sqlite: std::borrow::Cow::Borrowed($sqlite),
            postgres: std::borrow::Cow::Borrowed($postgres),
        }
    };
    (@text $text:tt) => {
        $crate::db::statements!(@text { sqlite: $text, postgres: $text })
    };
}
pub(crate) use statements;

/// One statement of a write.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static Sql,
    pub(crate) params: Vec<Value>,
    pub(crate) rows: Option<u64>,
    pub(crate) changes: Vec<Change>,
}

impl Statement {
    pub(crate) fn new(sql: &'static Sql, params: Vec<Value>) -> Self {
        Self {
            sql,
            params,
            rows: None,
            changes: Vec::new(),
        }
    }

    /// Demands that the statement meets exactly `rows` rows; otherwise its list is undone.
    pub(crate) fn expect_rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Names what this changes of what is kept in memory: by the time the write is answered, no
    /// memory of this process shows it as it was.
    pub(crate) fn changing(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}

/// What a statement of a write did.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How many rows it changed.
    pub(crate) changed: u64,
    /// What its RETURNING clause gave.
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Outcome {
    /// The first row that was returned, if there is one.
    pub(crate) fn row<T>(&self, decode: impl Fn(&Row<'_>) -> Result<T>) -> Result<Option<T>> {
        self.rows
            .first()
            .map(|row| decode(&Row::Owned(row)))
            .transpose()
    }
}
