//! Every question of the store, on SQLite and on PostgreSQL: what happens normally, twice, at the
//! same moment, and to somebody else's row.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod audit;
mod follow;
mod import;
mod jobs;
mod lifecycle;
mod marks;
mod one_time_tokens;
mod post_lists;
mod posts;
mod purge;
mod readers;
mod second_factors;
mod sessions;
mod support;
mod todo_lists;
mod todos;
mod users;
