//! The command line, one file a command: what it answers, and what a running server makes of it.

mod audit;
mod backup;
mod config;
mod doctor;
mod health;
mod import;
mod import_rows;
mod jobs;
mod keys;
mod migrate;
mod openapi;
mod secret;
mod seed;
mod user;
mod user_under_load;
