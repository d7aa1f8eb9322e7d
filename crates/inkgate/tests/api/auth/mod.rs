//! `/api/v2/auth`: accounts, sessions, tokens.

mod account;
mod cookies;
mod export;
mod keys;
mod login;
mod refresh;
mod remembered;
mod second_factor_keys;
mod second_factors;
mod sessions;
mod tokens;
mod users;
