//! Settings that are secret: from the environment or from files, never from arguments, which
//! anybody on the machine can read.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use domain::SmtpUrl;
use model::Secret;
use store::DatabaseUrl;

use crate::config::{Environment, variable};
use crate::failure::{Failure, Result};

/// The variables of this file, and what they mean. Each can be given as a file, too, whose name
/// stands in the same variable with `_FILE` behind it.
pub const VARIABLES: [(&str, &str); 5] = [
    (
        "DATABASE_URL",
        "sqlite:///file.db (four slashes for an absolute path) or postgres://user:password@host/name \
         (with ?sslmode=verify-full for TLS) [default: sqlite:///blog_dev.db, blog_test.db or \
         blog_prod.db]",
    ),
    (
        "SECRET_KEY",
        "Signs tokens; at least 32 bytes. Production demands it; in development one is made and kept \
         beside the SQLite file, in testing one is made up in memory",
    ),
    (
        "SECRET_KEY_PREVIOUS",
        "Keys of before, separated by commas: they verify tokens whose session is alive, and sign none",
    ),
    (
        "INKGATE_PEPPER",
        "Mixed into every password's hash; without it no password fits any more",
    ),
    (
        "INKGATE_SMTP_URL",
        "The mail server: smtps://user:password@host, smtp://user:password@host (with STARTTLS) or \
         smtp://host?tls=none; without it no mail is sent, but see `INKGATE_MAIL_FOLDER`",
    ),
];

/// The fewest bytes of a key in production.
const KEY_BYTES: usize = 32;

/// Keys that stand in tutorials and examples, in lower case: whoever reads them can sign tokens.
const KNOWN_KEYS: [&str; 14] = [
    "your-very-secret-key",
    "default-secret-key",
    "your-secret-key",
    "your_secret_key",
    "my-secret-key",
    "secret",
    "secret-key",
    "secret_key",
    "supersecret",
    "changeme",
    "change-me",
    "password",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
];

/// The secrets of a run.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Where the database is; its password is not shown.
    pub database: DatabaseUrl,
    /// Signs tokens.
    pub key: Secret<Vec<u8>>,
    /// Verify, and never sign.
    pub previous_keys: Vec<Secret<Vec<u8>>>,
    /// Mixed into passwords.
    pub pepper: Option<Secret<Vec<u8>>>,
    /// The mail server; its password is not shown.
    pub smtp: Option<SmtpUrl>,
}

/// Where the database is.
pub fn database(environment: Environment) -> Result<DatabaseUrl> {
    let default = match environment {
        Environment::Development => "sqlite:///blog_dev.db",
        Environment::Testing => "sqlite:///blog_test.db",
        Environment::Production => "sqlite:///blog_prod.db",
    };
    let text = secret("DATABASE_URL")?.unwrap_or_else(|| default.to_owned());
    DatabaseUrl::parse(&text).map_err(|error| Failure::config(format!("DATABASE_URL: {error}")))
}

/// Reads every secret and refuses what is unsafe where it matters.
pub fn read(environment: Environment) -> Result<Secrets> {
    let database = database(environment)?;
    let key = secret("SECRET_KEY")?
        .map(|key| checked_key("SECRET_KEY", key, environment))
        .transpose()?;
    let previous_keys = secret("SECRET_KEY_PREVIOUS")?
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .map(|key| checked_key("SECRET_KEY_PREVIOUS", key.to_owned(), environment))
        .collect::<Result<_>>()?;
    let pepper = secret("INKGATE_PEPPER")?.map(|pepper| Secret::new(pepper.into_bytes()));
    let smtp = secret("INKGATE_SMTP_URL")?.map(|url| SmtpUrl::parse(&url));
    let smtp = smtp
        .transpose()
        .map_err(|error| Failure::config(format!("INKGATE_SMTP_URL {error}")))?;
    // Last, when nothing can be refused any more: it may write a file.
    let key = match key {
        Some(key) => key,
        None => made_key(environment, &database)?,
    };
    Ok(Secrets {
        database,
        key,
        previous_keys,
        pepper,
        smtp,
    })
}

/// Why a key would be unsafe in production.
pub fn weakness(key: &str) -> Option<&'static str> {
    let lower = key.to_lowercase();
    if key.len() < KEY_BYTES {
        Some("has less than 32 bytes")
    } else if KNOWN_KEYS.iter().any(|known| is_repeated(&lower, known)) {
        Some("is a known example")
    } else if (1..=key.len() / 2)
        .any(|length| is_repeated(&lower, &lower[..boundary(&lower, length)]))
    {
        Some("repeats itself")
    } else {
        None
    }
}

/// A new key: 32 random bytes as base64url.
pub fn generate() -> Result<String> {
    use base64::Engine;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Failure::refused)?;
    Ok(base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn boundary(text: &str, length: usize) -> usize {
    (length..=text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
}

fn is_repeated(text: &str, part: &str) -> bool {
    let whole = text.strip_suffix(['!', '.']).unwrap_or(text);
    !part.is_empty()
        && part.len() <= text.len()
        && whole
            .split(part)
            .all(|rest| rest.is_empty() || rest == "-" || rest == "_")
}

fn checked_key(name: &str, key: String, environment: Environment) -> Result<Secret<Vec<u8>>> {
    if let Some(weakness) = weakness(&key) {
        if environment == Environment::Production {
            let hint = "make one with `inkgate secret generate`";
            return Err(Failure::config(format!("{name} {weakness}: {hint}")));
        }
        tracing::warn!("{name} {weakness}; production would not start with it");
    }
    Ok(Secret::new(key.into_bytes()))
}

/// A key where none was given.
fn made_key(environment: Environment, database: &DatabaseUrl) -> Result<Secret<Vec<u8>>> {
    let hint = "make one with `inkgate secret generate`";
    match (environment, database) {
        (Environment::Production, _) => {
            Err(Failure::config(format!("SECRET_KEY is not set: {hint}")))
        }
        (Environment::Testing, _) => Ok(Secret::new(generate()?.into_bytes())),
        (Environment::Development, DatabaseUrl::Sqlite(path)) => {
            let mut name = path.clone().into_os_string();
            name.push(".secret-key");
            kept_key(&PathBuf::from(name))
        }
        (Environment::Development, DatabaseUrl::Postgres(_)) => Err(Failure::config(format!(
            "SECRET_KEY is not set, and PostgreSQL keeps none: {hint}"
        ))),
    }
}

/// The key that was made at the first start, so that tokens outlive a restart.
fn kept_key(file: &Path) -> Result<Secret<Vec<u8>>> {
    let named = |error: std::io::Error| Failure::config(format!("{}: {error}", file.display()));
    match fs::read_to_string(file) {
        Ok(key) if key.trim().len() >= KEY_BYTES => Ok(Secret::new(key.trim().into())),
        Ok(_) => Err(Failure::config(format!(
            "{} holds no key: delete it",
            file.display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = generate()?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut out = options.open(file).map_err(named)?;
            writeln!(out, "{key}")
                .and_then(|()| out.sync_all())
                .map_err(named)?;
            tracing::info!(
                "made a SECRET_KEY for development and kept it in {}",
                file.display()
            );
            Ok(Secret::new(key.into_bytes()))
        }
        Err(error) => Err(named(error)),
    }
}

fn secret(name: &str) -> Result<Option<String>> {
    let file_variable = format!("{name}_FILE");
    match (variable(name), variable(&file_variable)) {
        (Some(_), Some(_)) => Err(Failure::config(format!(
            "{name} and {file_variable} are both set: keep one"
        ))),
        (value, None) => Ok(value),
        (None, Some(file)) => match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => Err(Failure::config(format!("{file_variable}: {file}: {error}"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_anybody_could_have_are_weak() {
        let repeated = "changeme".repeat(8);
        let weak = [
            "",
            "secret",
            "your-very-secret-key",
            &"x".repeat(31),
            &"x".repeat(64),
            &repeated,
            &"Changeme-".repeat(5),
            &"0123456789abcdef".repeat(2),
            "a-string-secret-at-least-256-bits-long",
        ];
        for key in weak {
            assert!(weakness(key).is_some(), "{key}");
        }
        assert!(weakness(&generate().unwrap()).is_none());
    }
}
