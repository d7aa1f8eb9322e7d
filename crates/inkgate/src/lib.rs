//! Inkgate put together: settings, start and stop, commands. The rules live in `domain`.

mod accept;
pub mod cli;
pub mod commands;
pub mod config;
pub mod config_mail;
pub mod config_secrets;
pub mod config_urls;
pub mod failure;
mod linger;
pub mod serve;
pub mod telemetry;
