//! Every setting but the secrets: flag, variable, default and meaning in one place. Nothing else
//! reads the environment.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::{Args, Command, ValueEnum};
use domain::{Quota, Quotas};
use model::Role;
use web::{CorsOrigins, TrustedProxies};

use crate::config_mail::MailOptions;
use crate::config_secrets;
use crate::config_urls::{Origins, PublicUrl};
use crate::failure::{Failure, Result};

/// What can be set. What is left out depends on the environment.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Options {
    /// What the server is for; `FLASK_ENV` counts if this is not set [default: development]
    #[arg(long, env = "INKGATE_ENV", global = true, value_enum)]
    pub env: Option<Environment>,
    /// Where to listen [default: 127.0.0.1:5000]
    #[arg(
        long,
        env = "INKGATE_LISTEN",
        global = true,
        value_name = "ADDRESS:PORT"
    )]
    pub listen: Option<SocketAddr>,
    /// The port to listen on, where only that is to be another
    #[arg(long, env = "PORT", global = true)]
    pub port: Option<u16>,
    /// The URL that clients reach the server by, such as `https://blog.example`: it stands in tokens
    /// and in links [default: `http://`, and where the server listens]
    #[arg(long, env = "INKGATE_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// Origins whose pages may use the API, separated by commas; `*` is everybody's, `none` nobody's
    /// [default: *, in production none]
    #[arg(
        long,
        env = "INKGATE_CORS_ORIGINS",
        global = true,
        value_name = "ORIGINS"
    )]
    pub cors_origins: Option<Origins>,
    /// Whether anybody may register [default: open, in production closed]
    #[arg(long, env = "INKGATE_REGISTRATION", global = true, value_enum)]
    pub registration: Option<Registration>,
    /// What an account that registers may do: reader, author, editor or admin
    #[arg(long, env = "INKGATE_DEFAULT_ROLE", global = true, default_value_t = Role::Author)]
    pub default_role: Role,
    /// Which comments wait until somebody approves them: none, those of users of whom none was
    /// approved so far, or all
    #[arg(
        long,
        env = "INKGATE_COMMENT_MODERATION",
        global = true,
        value_enum,
        default_value = "none"
    )]
    pub comment_moderation: CommentModeration,
    /// Take tokens of the Flask app, which stand for no session [default: true, in production
    /// false]
    #[arg(
        long,
        env = "INKGATE_ACCEPT_SEED_TOKENS",
        global = true,
        value_name = "BOOL"
    )]
    pub accept_seed_tokens: Option<bool>,
    /// What a password costs: standard is 19 MiB and two passes, hardened 46 MiB and one
    #[arg(
        long,
        env = "INKGATE_PASSWORD_PROFILE",
        global = true,
        value_enum,
        default_value = "standard"
    )]
    pub password_profile: PasswordProfile,
    /// What a commit to SQLite waits for: full is the disk, normal the operating system
    #[arg(
        long,
        env = "INKGATE_SQLITE_SYNCHRONOUS",
        global = true,
        value_enum,
        default_value = "full"
    )]
    pub sqlite_synchronous: Synchronous,
    /// Memory for finished bodies of public reads, in bytes; 0 turns it off
    #[arg(
        long,
        env = "INKGATE_CACHE_BYTES",
        global = true,
        value_name = "BYTES",
        default_value_t = 64 * 1024 * 1024
    )]
    pub cache_bytes: u64,
    /// For how many seconds a public read of v2 may be shown again without asking
    #[arg(
        long,
        env = "INKGATE_PUBLIC_MAX_AGE",
        global = true,
        value_name = "SECONDS",
        default_value_t = 0
    )]
    pub public_max_age: u32,
    /// Addresses and networks whose X-Forwarded-For is believed, separated by commas
    #[arg(
        long,
        env = "INKGATE_TRUSTED_PROXIES",
        global = true,
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_proxies: TrustedProxies,
    /// Limit how often something may be tried [default: true, in testing false]
    #[arg(long, env = "INKGATE_LIMITS", global = true, value_name = "BOOL")]
    pub limits: Option<bool>,
    /// Failed log-ins to one account from one address
    #[arg(
        long,
        env = "INKGATE_LIMIT_LOGIN_ACCOUNT_ADDRESS",
        global = true,
        value_name = "QUOTA",
        default_value = "10/1m"
    )]
    pub limit_login_account_address: Quota,
    /// Failed log-ins from one address
    #[arg(
        long,
        env = "INKGATE_LIMIT_LOGIN_ADDRESS",
        global = true,
        value_name = "QUOTA",
        default_value = "30/10m"
    )]
    pub limit_login_address: Quota,
    /// Failed log-ins to one account, from addresses it was never used from
    #[arg(
        long,
        env = "INKGATE_LIMIT_LOGIN_ACCOUNT",
        global = true,
        value_name = "QUOTA",
        default_value = "100/1h"
    )]
    pub limit_login_account: Quota,
    /// Registrations from one address
    #[arg(
        long,
        env = "INKGATE_LIMIT_REGISTRATION",
        global = true,
        value_name = "QUOTA",
        default_value = "10/1h"
    )]
    pub limit_registration: Quota,
    /// Writes of one user
    #[arg(
        long,
        env = "INKGATE_LIMIT_WRITES",
        global = true,
        value_name = "QUOTA",
        default_value = "300/1m"
    )]
    pub limit_writes: Quota,
    /// Mails that are asked for to one e-mail address
    #[arg(
        long,
        env = "INKGATE_LIMIT_MAIL_RECIPIENT",
        global = true,
        value_name = "QUOTA",
        default_value = "5/1h"
    )]
    pub limit_mail_recipient: Quota,
    /// Mails that are asked for from one address of the network, or by one user
    #[arg(
        long,
        env = "INKGATE_LIMIT_MAIL_SENDER",
        global = true,
        value_name = "QUOTA",
        default_value = "20/1h"
    )]
    pub limit_mail_sender: Quota,
    /// How mail leaves, what stands in it.
    #[command(flatten)]
    pub mail: MailOptions,
    /// What to log: error, warn, info, debug, or a filter such as `info,inkgate_store=debug`
    #[arg(
        long,
        env = "INKGATE_LOG",
        global = true,
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: String,
    /// Log every request
    #[arg(long, env = "INKGATE_ACCESS_LOG", global = true, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub access_log: bool,
}

/// What the server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// One's own machine: open registration, weak passwords taken.
    Development,
    /// Tests of clients: as development, and no limits.
    Testing,
    /// The public: safe defaults, refuses to start without a good `SECRET_KEY`.
    Production,
}

/// Whether anybody may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody may.
    Open,
    /// Accounts come from the command line.
    Closed,
}

/// Which comments wait until somebody approves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommentModeration {
    /// None.
    None,
    /// Those of users of whom none was approved so far.
    First,
    /// All.
    All,
}

/// What a password costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PasswordProfile {
    /// 19 MiB, two passes.
    Standard,
    /// 46 MiB, one pass.
    Hardened,
}

/// What a commit to SQLite waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// The disk.
    Full,
    /// The operating system.
    Normal,
}

impl Options {
    /// What the server is for: `FLASK_ENV` is the seed's name for it.
    pub fn environment(&self) -> Result<Environment> {
        if let Some(environment) = self.env {
            return Ok(environment);
        }
        let Some(text) = variable("FLASK_ENV") else {
            return Ok(Environment::Development);
        };
        Environment::from_str(&text, false).map_err(|_| {
            let hint = "use development, testing or production";
            Failure::config(format!("FLASK_ENV: {text:?} cannot be: {hint}"))
        })
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        let default = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port.unwrap_or(5000));
        self.listen.unwrap_or(default)
    }

    /// The URL that clients reach the server by, without a slash at its end.
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("http://{}", self.address()),
        }
    }

    /// Whose pages may use the API from another origin.
    pub fn cors_origins(&self, environment: Environment) -> CorsOrigins {
        match (&self.cors_origins, environment) {
            (Some(origins), _) => origins.as_cors().clone(),
            (None, Environment::Production) => CorsOrigins::None,
            (None, Environment::Development | Environment::Testing) => CorsOrigins::Any,
        }
    }

    /// Whether clients reach the server without encryption and from this machine alone.
    pub fn is_plain_and_local(&self) -> bool {
        match &self.public_url {
            Some(url) => url.is_plain_and_local(),
            None => self.address().ip().is_loopback(),
        }
    }

    /// The limits, or `None` where they are off.
    pub fn quotas(&self, environment: Environment) -> Option<Quotas> {
        let on = self.limits.unwrap_or(environment != Environment::Testing);
        on.then_some(Quotas {
            login_of_account_from_address: self.limit_login_account_address,
            login_from_address: self.limit_login_address,
            login_of_account: self.limit_login_account,
            registration: self.limit_registration,
            writes: self.limit_writes,
            mail_to_one: self.limit_mail_recipient,
            mail_from_one: self.limit_mail_sender,
        })
    }
}

/// Reads `.env` in the working directory, if there is one. Variables that are set already win.
pub fn load_dotenv() -> Result<()> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // Its own words repeat the line, which may hold a secret.
        Err(dotenvy::Error::LineParse(..)) => Err(Failure::config(
            ".env: a line cannot be read: write NAME=value, and close what quotes open",
        )),
        Err(error) => Err(Failure::config(format!(".env: {error}"))),
    }
}

/// Refuses a variable of ours that nobody knows: a typo must not go unseen.
pub fn refuse_unknown_variables(command: &Command) -> Result<()> {
    let known: BTreeSet<_> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .chain(
            config_secrets::VARIABLES
                .iter()
                .map(|(name, _)| (*name).to_owned()),
        )
        .flat_map(|name| [format!("{name}_FILE"), name])
        .collect();
    let unknown = std::env::vars_os()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .find(|name| name.starts_with("INKGATE_") && !known.contains(name) && !for_tests(name));
    match unknown {
        Some(name) => {
            let hint = "see docs/reference/configuration.md";
            Err(Failure::config(format!(
                "{name} is no setting of this version: {hint}"
            )))
        }
        None => Ok(()),
    }
}

fn for_tests(name: &str) -> bool {
    name.starts_with("INKGATE_TEST_")
}

/// A variable of the environment; one that is empty counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
