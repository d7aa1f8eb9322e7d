//! `/api/v1`.

mod posts;
