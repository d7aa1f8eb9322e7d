//! The program: read the command, run it, give its exit code.

use std::process::ExitCode;

use inkgate::cli::Cli;
use inkgate::{commands, config};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let ran = config::load_dotenv()
        .and_then(|()| Cli::read(std::env::args_os()))
        .and_then(|cli| commands::run(&cli));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
