//! Where log lines go: standard error, for people in development and as JSON in production,
//! written by a thread of its own.

use std::io::IsTerminal;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};

/// Starts logging; what is still to be written is written when the guard is dropped.
pub fn start(options: &Options, environment: Environment) -> Result<WorkerGuard> {
    let filter = EnvFilter::try_new(&options.log)
        .map_err(|error| Failure::config(format!("INKGATE_LOG (--log): {error}")))?;
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let for_people = std::io::stderr().is_terminal();
    let lines = fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(for_people);
    // A test may have started it before.
    let started = match environment {
        Environment::Production => lines.json().flatten_event(true).try_init(),
        _ => lines.with_target(false).try_init(),
    };
    drop(started);
    Ok(guard)
}
