//! Inkgate from outside: the real program over HTTP, on SQLite or PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod documentation;
mod documents;
mod ops;
mod reference;
mod support;
mod v1;
mod v2;
