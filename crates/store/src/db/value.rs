//! Values that go in and rows that come out, the same for both databases.

use std::str::FromStr;

use bytes::{BufMut, BytesMut};
use model::{CommentId, JobId, Key, PersonalTokenId, PostId, SessionId, Timestamp, TodoId, UserId};
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::statement::Outcome;
use crate::{Error, Result};

type BoxError = Box<dyn std::error::Error + Sync + Send>;

/// A parameter, or a column that was returned by a write.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
    /// What an earlier statement of the same list returned in a column of its first row; both are
    /// counted from 0.
    Returned {
        statement: usize,
        column: usize,
    },
}

impl std::fmt::Debug for Value {
    /// Texts and bytes by their length only: tokio-postgres logs the parameters of statements, and
    /// some of them are hashes of passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(number) => write!(f, "Int({number})"),
            Self::Bool(truth) => write!(f, "Bool({truth})"),
            Self::Text(text) => write!(f, "Text of {} bytes", text.len()),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Returned { statement, column } => write!(f, "Returned({statement}, {column})"),
        }
    }
}

/// The parameters of a statement, in order: `params![id, title]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}
pub(crate) use params;

macro_rules! value_from {
    ($($type:ty => |$value:ident| $make:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $make
            }
        })*
    };
}

value_from! {
    i64 => |value| Self::Int(value);
    u32 => |value| Self::Int(value.into());
    bool => |value| Self::Bool(value);
    &str => |value| Self::Text(value.to_owned());
    String => |value| Self::Text(value);
    &[u8] => |value| Self::Bytes(value.to_vec());
    &[u8; 32] => |value| Self::Bytes(value.to_vec());
    UserId => |value| Self::Int(value.0);
    PostId => |value| Self::Int(value.0);
    TodoId => |value| Self::Int(value.0);
    CommentId => |value| Self::Int(value.0);
    &Key => |value| match value {
        Key::Int(number) => Self::Int(*number),
        Key::Text(text) => Self::Text(text.clone()),
    };
    Timestamp => |value| Self::Int(value.as_micros());
    SessionId => |value| Self::Bytes(value.0.as_bytes().to_vec());
    PersonalTokenId => |value| Self::Bytes(value.0.as_bytes().to_vec());
    JobId => |value| Self::Bytes(value.0.as_bytes().to_vec());
}

impl Value {
    /// What the statement at this place of the list returned in this column of its first row.
    pub(crate) const fn of(statement: usize, column: usize) -> Self {
        Self::Returned { statement, column }
    }

    /// The value that this stands for, given what the earlier statements of its list did.
    pub(super) fn resolved<'a>(&'a self, earlier: &'a [Outcome]) -> &'a Self {
        let Self::Returned { statement, column } = self else {
            return self;
        };
        let row = earlier
            .get(*statement)
            .and_then(|outcome| outcome.rows.first());
        row.and_then(|row| row.get(*column)).unwrap_or(&Self::Null)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Bool(truth) => ValueRef::Integer((*truth).into()),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Returned { .. } => ValueRef::Null,
        }))
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, BoxError> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT8 => out.put_i64(*number),
            Self::Int(number) if *ty == Type::INT4 => out.put_i32(i32::try_from(*number)?),
            Self::Bool(truth) if *ty == Type::BOOL => out.put_u8((*truth).into()),
            Self::Text(text) if *ty == Type::TEXT => out.put_slice(text.as_bytes()),
            Self::Bytes(bytes) if matches!(*ty, Type::UUID | Type::BYTEA) => out.put_slice(bytes),
            _ => return Err(format!("a parameter of type {ty} got {self:?}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Value {
    /// Copies a column of SQLite.
    pub(super) fn from_sqlite(value: ValueRef<'_>) -> Result<Self> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Int(number),
            ValueRef::Text(text) => Self::Text(utf8(text)?.to_owned()),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
            ValueRef::Real(number) => return Err(wrong_type("no real number", &number)),
        })
    }

    /// Copies a row of PostgreSQL.
    pub(super) fn from_postgres(row: &tokio_postgres::Row) -> Result<Vec<Self>> {
        (0..row.len())
            .map(|column| match *row.columns()[column].type_() {
                Type::BOOL => row.try_get(column).map(|value: Option<bool>| value.into()),
                Type::TEXT => row
                    .try_get(column)
                    .map(|value: Option<String>| value.into()),
                Type::UUID | Type::BYTEA => row.try_get(column).map(|value: Option<Raw<'_>>| {
                    value.map_or(Self::Null, |raw| Self::Bytes(raw.0.to_vec()))
                }),
                _ => row.try_get(column).map(|value: Option<i64>| value.into()),
            })
            .map(|value| value.map_err(|error| Error::Other(error.into())))
            .collect()
    }
}

/// The bytes of a column, as they came over the wire.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, BoxError> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A row of an answer; columns are counted from 0.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
    Owned(&'a [Value]),
}

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?
            .ok_or_else(|| wrong_type("an integer", &column))
    }

    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(|error| Error::Other(error.into())),
            Self::Postgres(row) => row
                .try_get(column)
                .map_err(|error| Error::Other(error.into())),
            Self::Owned(values) => match values.get(column) {
                Some(Value::Int(number)) => Ok(Some(*number)),
                Some(Value::Null) => Ok(None),
                other => Err(wrong_type("an integer", &other)),
            },
        }
    }

    pub(crate) fn bool(&self, column: usize) -> Result<bool> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(|error| Error::Other(error.into())),
            Self::Postgres(row) => row
                .try_get(column)
                .map_err(|error| Error::Other(error.into())),
            Self::Owned(values) => match values.get(column) {
                Some(Value::Bool(truth)) => Ok(*truth),
                Some(Value::Int(number)) => Ok(*number != 0),
                other => Err(wrong_type("a boolean", &other)),
            },
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str> {
        self.opt_text(column)?
            .ok_or_else(|| wrong_type("a text", &column))
    }

    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        match self {
            Self::Sqlite(row) => match row
                .get_ref(column)
                .map_err(|error| Error::Other(error.into()))?
            {
                ValueRef::Text(text) => utf8(text).map(Some),
                ValueRef::Null => Ok(None),
                other => Err(wrong_type("a text", &other)),
            },
            Self::Postgres(row) => row
                .try_get(column)
                .map_err(|error| Error::Other(error.into())),
            Self::Owned(values) => match values.get(column) {
                Some(Value::Text(text)) => Ok(Some(text)),
                Some(Value::Null) => Ok(None),
                other => Err(wrong_type("a text", &other)),
            },
        }
    }

    pub(crate) fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        match self {
            Self::Sqlite(row) => match row
                .get_ref(column)
                .map_err(|error| Error::Other(error.into()))?
            {
                ValueRef::Blob(bytes) => Ok(Some(bytes)),
                ValueRef::Null => Ok(None),
                other => Err(wrong_type("bytes", &other)),
            },
            Self::Postgres(row) => row
                .try_get(column)
                .map(|value: Option<Raw<'_>>| value.map(|raw| raw.0))
                .map_err(|error| Error::Other(error.into())),
            Self::Owned(values) => match values.get(column) {
                Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
                Some(Value::Null) => Ok(None),
                other => Err(wrong_type("bytes", &other)),
            },
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8]> {
        self.opt_bytes(column)?
            .ok_or_else(|| wrong_type("bytes", &column))
    }

    /// A word that stands for a value of ours.
    pub(crate) fn word<T: FromStr<Err = String>>(&self, column: usize) -> Result<T> {
        let word = self.text(column)?;
        word.parse()
            .map_err(|error: String| Error::Other(error.into()))
    }

    /// A version 7 UUID.
    pub(crate) fn session_id(&self, column: usize) -> Result<SessionId> {
        let id = SessionId::from_bytes(self.bytes(column)?);
        id.ok_or_else(|| wrong_type("a UUID", &column))
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_micros)
    }

    pub(crate) fn opt_time(&self, column: usize) -> Result<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| Error::Other(error.into()))
}

fn wrong_type(wanted: &str, found: &dyn std::fmt::Debug) -> Error {
    Error::Other(format!("a column is not {wanted}: {found:?}").into())
}
