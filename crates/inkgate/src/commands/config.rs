//! `inkgate config`: the settings in effect, secrets hidden.

use clap::CommandFactory;
use clap::parser::ValueSource;

use super::print;
use crate::cli::Cli;
use crate::config::{Environment, Options, variable};
use crate::config_secrets;
use crate::failure::Result;

pub(super) fn run(options: &Options, environment: Environment) -> Result<()> {
    print(&format!("environment={environment:?}"))?;
    print(&format!("listen={}", options.address()))?;
    print(&format!(
        "database={}",
        config_secrets::database(environment)?
    ))?;
    let command = Cli::command();
    let given = Cli::matches(std::env::args_os())?;
    for argument in command.get_arguments() {
        let Some(name) = argument.get_env().map(|name| name.to_string_lossy()) else {
            continue;
        };
        let id = argument.get_id().as_str();
        let values = given.get_raw(id).into_iter().flatten();
        let value = values
            .map(|value| value.to_string_lossy())
            .collect::<Vec<_>>()
            .join(",");
        let origin = match given.value_source(id) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            _ => "default",
        };
        print(&format!("{name}={value}\t({origin})"))?;
    }
    for (name, _) in config_secrets::VARIABLES
        .iter()
        .filter(|(name, _)| *name != "DATABASE_URL")
    {
        let set = variable(name)
            .or_else(|| variable(&format!("{name}_FILE")))
            .is_some();
        print(&format!("{name}={}", if set { "[redacted]" } else { "" }))?;
    }
    Ok(())
}
