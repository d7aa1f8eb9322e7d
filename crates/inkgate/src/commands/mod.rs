//! The commands, one file each.

mod audit;
mod backup;
mod config;
mod doctor;
mod health;
mod import;
mod jobs;
mod keys;
mod seed;
mod user;

use domain::Domain;
use model::Clock;
use tokio_util::sync::CancellationToken;

use crate::cli::{ApiVersion, Cli, Command, SecretCommand};
use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};
use crate::serve::{self, Server};
use crate::{config_secrets, telemetry};

/// Runs what was typed.
pub fn run(cli: &Cli) -> Result<()> {
    let options = &cli.options;
    let environment = options.environment()?;
    let _log = telemetry::start(options, environment)?;
    match cli.command.as_ref().unwrap_or(&Command::Serve) {
        Command::Serve => runtime()?.block_on(run_server(options, environment)),
        Command::Migrate => runtime()?.block_on(migrate(options, environment)),
        Command::User(command) => runtime()?.block_on(user::run(options, environment, command)),
        Command::Secret(SecretCommand::Generate) => print(&config_secrets::generate()?),
        Command::Keys(command) => runtime()?.block_on(keys::run(options, environment, command)),
        Command::Audit(command) => runtime()?.block_on(audit::run(options, environment, command)),
        Command::Jobs(command) => runtime()?.block_on(jobs::run(options, environment, command)),
        Command::Backup(arguments) => backup::backup(environment, arguments),
        Command::Restore { file } => backup::restore(environment, file),
        Command::Import(command) => runtime()?.block_on(import::run(options, environment, command)),
        Command::Seed(arguments) => runtime()?.block_on(seed::run(options, environment, arguments)),
        Command::Openapi { version } => openapi(*version),
        Command::Config => config::run(options, environment),
        Command::Health => health::run(options),
        Command::Doctor => runtime()?.block_on(doctor::run(options, environment)),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::refused)
}

async fn run_server(options: &Options, environment: Environment) -> Result<()> {
    let secrets = config_secrets::read(environment)?;
    let server = Server::start(options, secrets, Clock::system()).await?;
    // Before anybody is told that the server runs: from then on it may be told to stop.
    let signal = signal_to_stop()?;
    tracing::info!("listening on http://{}", server.address()?);
    let stop = CancellationToken::new();
    let on_signal = stop.clone();
    tokio::spawn(async move {
        signal.await;
        tracing::info!("stopping: requests that are under way may end");
        on_signal.cancel();
    });
    server.run(stop).await
}

/// Caught from now on, also while nobody waits for it yet.
#[cfg(unix)]
fn signal_to_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::refused)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal_to_stop() -> Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

async fn migrate(options: &Options, environment: Environment) -> Result<()> {
    let domain = open(options, environment).await?;
    domain.close();
    print("the schema is up to date")
}

/// Opens the database for a command that changes something.
async fn open(options: &Options, environment: Environment) -> Result<Domain> {
    let secrets = config_secrets::read(environment)?;
    serve::open(options, environment, secrets, Clock::system()).await
}

fn openapi(version: ApiVersion) -> Result<()> {
    let document = match version {
        ApiVersion::V1 => web::openapi_v1(),
        ApiVersion::V2 => web::openapi_v2(),
    };
    print(&document.to_pretty_json().map_err(Failure::refused)?)
}

/// What a command answers goes to standard output; a reader that has gone is no failure.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::refused(error))
        }
        _ => Ok(()),
    }
}
