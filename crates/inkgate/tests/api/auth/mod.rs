//! `/api/v2/auth`: accounts, sessions, tokens.

mod keys;
mod login;
mod refresh;
mod sessions;
