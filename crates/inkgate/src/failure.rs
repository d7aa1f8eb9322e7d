//! How a command ends when it cannot do what was asked: one line, and an exit code.

use std::fmt;
use std::process::ExitCode;

/// Why a command ended, for the person who typed it.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// One line that names the setting, the file or the variable, and says what to do.
    pub message: String,
}

/// The end of a command.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// What was asked cannot be done, or a port is taken: exit code 1.
    pub fn refused(message: impl fmt::Display) -> Self {
        Self {
            code: 1,
            message: message.to_string(),
        }
    }

    /// The database cannot be opened or reached (`EX_UNAVAILABLE`): exit code 69.
    pub fn unavailable(message: impl fmt::Display) -> Self {
        Self {
            code: 69,
            message: message.to_string(),
        }
    }

    /// The configuration cannot be (`EX_CONFIG`): exit code 78.
    pub fn config(message: impl fmt::Display) -> Self {
        Self {
            code: 78,
            message: message.to_string(),
        }
    }

    /// Tells the person, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        eprintln!("inkgate: {}", self.message);
        ExitCode::from(self.code)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let message = with_sources(&error);
        match error {
            store::Error::Newer { .. }
            | store::Error::Flask
            | store::Error::Foreign(_)
            | store::Error::NoDatabase(_) => Self::config(format!("DATABASE_URL: {message}")),
            store::Error::Refused(_) => Self::refused(message),
            _ => Self::unavailable(format!("DATABASE_URL: {message}")),
        }
    }
}

impl From<domain::Error> for Failure {
    fn from(error: domain::Error) -> Self {
        match error {
            domain::Error::Unavailable(error) | domain::Error::Unexpected(error) => error.into(),
            domain::Error::Invalid(fields) => {
                let fields = fields
                    .iter()
                    .map(|field| format!("{} {}", field.field, field.message));
                Self::refused(fields.collect::<Vec<_>>().join("; "))
            }
            error => Self::refused(error),
        }
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        source = error.source();
    }
    text.replace('\n', " ")
}
