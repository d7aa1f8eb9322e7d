//! Inkgate from outside: the real program over HTTP, on SQLite or PostgreSQL.

mod ops;
mod support;
mod v1;
mod v2;
