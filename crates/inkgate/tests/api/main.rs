//! Inkgate from outside: the real program over HTTP, on SQLite or PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod attacks;
mod audit;
mod auth;
mod commands;
mod crash;
mod documentation;
mod documents;
mod hostile;
mod limits;
mod logs;
mod mail;
mod memory;
mod nodes;
mod ops;
mod postgres;
mod reference;
mod shutdown;
mod startup;
mod support;
mod v1;
mod v2;
