//! `/api/v1`.

mod posts;
mod recorded;
mod tokens;
