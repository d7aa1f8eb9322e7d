//! The command line: what can be typed, and what is wrong with what was.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use domain::KeptSeal;
use model::{Invalid, JobId, Role, Timestamp};

use crate::config::{Options, refuse_unknown_variables};
use crate::failure::{Failure, Result};

/// A headless blog backend: users, posts and todos behind a REST API.
#[derive(Debug, Parser)]
#[command(name = "inkgate", version, about, max_term_width = 100)]
pub struct Cli {
    /// The settings.
    #[command(flatten)]
    pub options: Options,
    /// What to do; `serve` if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Migrate, listen, serve; SIGTERM drains and stops (the default)
    Serve,
    /// Bring the schema of the database up to date and exit
    Migrate,
    /// Manage accounts, also while the server runs
    #[command(subcommand)]
    User(UserCommand),
    /// Make secrets
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Manage the keys that sign v2 tokens, also while the server runs
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Prove that nobody has changed the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look after what is done in the background, also while the server runs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Write a consistent copy of an SQLite database, also while the server runs
    Backup(BackupArgs),
    /// Restore a backup into an empty SQLite database
    Restore {
        /// The backup
        file: PathBuf,
    },
    /// Bring in the data of another program
    #[command(subcommand)]
    Import(ImportCommand),
    /// Fill a database that has no posts with made-up users, posts, comments and todos; the same
    /// number gives the same rows
    Seed(SeedArgs),
    /// Print an OpenAPI document
    Openapi {
        /// Of which version of the API
        version: ApiVersion,
    },
    /// Print the settings in effect, secrets hidden
    Config,
    /// Ask a running server whether it is healthy: for containers
    Health,
    /// Say what is unsafe before going public
    Doctor,
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account
    Create {
        /// The name to log in with
        #[arg(long)]
        username: String,
        /// reader, author, editor or admin
        #[arg(long, default_value_t = Role::Author)]
        role: Role,
        /// Read the password from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all accounts
    List,
    /// Give an account another role; a running server follows within a second
    SetRole {
        /// The account's name
        name: String,
        /// reader, author, editor or admin
        role: Role,
    },
    /// Set another password; ends every session, on a running server within a second
    SetPassword {
        /// The account's name
        name: String,
        /// Read the password from standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take away the second factor of somebody who has lost device and recovery codes
    RemoveSecondFactor {
        /// The account's name
        name: String,
    },
    /// Suspend an account; ends every session, on a running server within a second
    Suspend {
        /// The account's name
        name: String,
    },
    /// Lift a suspension; tokens of before stay dead
    Restore {
        /// The account's name
        name: String,
    },
}

/// What can be done with secrets.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Print a new value for `SECRET_KEY`
    Generate,
}

/// What can be done with the keys that sign v2 tokens.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys: the next one, the one that signs, and those that verify what they signed
    List,
    /// Let the next key sign from now on, and make a new next one; tokens of before stay good
    Rotate,
    /// Take a key away, and with it every token that it has signed; a running server follows within
    /// a second
    Revoke {
        /// The key's id, as `keys list` shows it
        // One in 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the whole log and its seals, and name the first thing that does not fit
    Verify {
        /// The last seal as an earlier run printed it: it must still be part of the log
        #[arg(long, value_name = "NUMBER:CODE")]
        kept: Option<KeptSeal>,
    },
}

/// What can be done with jobs.
#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// List what waits, what runs, and what nobody tries any more, with why it failed last
    List {
        /// Only what nobody tries any more
        #[arg(long)]
        dead: bool,
    },
    /// Run a job now, with all its attempts
    #[command(arg_required_else_help = true)]
    Retry {
        /// The job's id, as `jobs list` shows it
        #[arg(required_unless_present = "dead", value_parser = job_id)]
        id: Option<JobId>,
        /// Every job that nobody tries any more
        #[arg(long, conflicts_with = "id")]
        dead: bool,
    },
}

/// A backup to take, or to verify.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BackupArgs {
    /// The file to write
    #[arg(required = true)]
    pub file: Option<PathBuf>,
    /// What to do instead.
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
}

/// What can be done with a backup.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Restore a backup into a temporary database, check it for damage, count and hash its rows
    Verify {
        /// The backup
        file: PathBuf,
    },
}

/// Where data can come from.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// An SQLite file that the tutorial's Flask app wrote; may be run again
    Flask {
        /// The file
        file: PathBuf,
    },
}

/// What to make up, and how much of it.
#[derive(Args, Clone, Debug)]
pub struct SeedArgs {
    /// How many users
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub users: usize,
    /// How many posts, of about 1 KB each
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub posts: usize,
    /// How many comments
    #[arg(long, value_name = "COUNT", default_value_t = 3000)]
    pub comments: usize,
    /// How many todos
    #[arg(long, value_name = "COUNT", default_value_t = 500)]
    pub todos: usize,
    /// What everything is made up of
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// The last day of the five years that are filled, in UTC [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub until: Option<Timestamp>,
    /// Read a password for all of the users from standard input; without it none of them can log in
    #[arg(long)]
    pub password_stdin: bool,
    /// Do it although `INKGATE_ENV` is production
    #[arg(long)]
    pub in_production: bool,
}

/// A version of the API.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ApiVersion {
    /// `/api/v1`
    V1,
    /// `/api/v2`
    V2,
}

impl Cli {
    /// Reads the command line and the environment.
    ///
    /// # Errors
    /// Exit code 78 for a setting that cannot be; what is wrong with the command itself, and
    /// `--help`, clap prints and exits.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self> {
        let matches = Self::matches(arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.exit())
    }

    /// The same, with where each value comes from.
    pub(crate) fn matches(arguments: impl IntoIterator<Item = OsString>) -> Result<ArgMatches> {
        refuse_unknown_variables(&Self::command())?;
        let command = Self::command().mut_args(|argument| {
            // A variable that is empty counts as not set, as in files for containers.
            let is_empty = argument
                .get_env()
                .and_then(std::env::var_os)
                .is_some_and(|value| value.is_empty());
            if is_empty {
                argument.env(None)
            } else {
                argument
            }
        });
        command.try_get_matches_from(arguments).map_err(|error| {
            let setting = setting_of(&error).unwrap_or_else(|| error.exit());
            Failure::config(setting)
        })
    }
}

fn job_id(text: &str) -> std::result::Result<JobId, String> {
    text.parse().map_err(|invalid: Invalid| invalid.message)
}

/// The moment at which a day begins.
fn day(text: &str) -> std::result::Result<Timestamp, String> {
    let moment = Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"));
    moment.map_err(|_| "must be a day such as 2026-11-23".to_owned())
}

/// One line about a setting whose value cannot be, if that is what is wrong.
fn setting_of(error: &clap::Error) -> Option<String> {
    if !matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation
    ) {
        return None;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let flag = argument.split([' ', '=']).next()?.strip_prefix("--")?;
    let command = Cli::command();
    let argument = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(flag))?;
    let variable = argument.get_env()?.to_string_lossy().into_owned();
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.as_str(),
        _ => "",
    };
    let reason = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => format!("use {}", values.join(" or ")),
        _ => std::error::Error::source(error)
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    Some(format!(
        "{variable} (--{flag}): {value:?} cannot be: {reason}"
    ))
}
