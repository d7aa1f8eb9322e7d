//! `/api/v2/auth`: accounts, sessions, tokens.

mod account;
mod keys;
mod login;
mod refresh;
mod second_factor_keys;
mod second_factors;
mod sessions;
mod tokens;
mod users;
