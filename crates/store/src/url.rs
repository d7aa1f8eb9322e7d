//! Where the database is: `sqlite:///file.db` as SQLAlchemy writes it, or `postgres://...`.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::Error;

/// A `DATABASE_URL` that was understood.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file; relative paths count from the working directory.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Box<PostgresUrl>),
}

/// How to reach a PostgreSQL server.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: bool,
    pub(crate) root_certificate: Option<PathBuf>,
}

impl DatabaseUrl {
    /// Reads a `DATABASE_URL`.
    ///
    /// # Errors
    /// Says what is wrong with it, without repeating it: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err("must look like sqlite:///file.db or postgres://user@host/name".to_owned());
        };
        match scheme.split('+').next() {
            Some("sqlite") => parse_sqlite(rest),
            Some("postgres" | "postgresql") => {
                parse_postgres(rest).map(|url| Self::Postgres(Box::new(url)))
            }
            _ => Err("must begin with sqlite:// or postgres://".to_owned()),
        }
    }
}

/// Refuses a path that can be no file, whatever state the disk is in.
pub(crate) fn refuse_no_file(path: &Path) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let shown = folder.display();
    let reason = match std::fs::metadata(folder) {
        _ if path.is_dir() => format!("{} is a folder", path.display()),
        Ok(folder) if !folder.is_dir() => format!("{shown} is no folder"),
        Err(error) if error.kind() == ErrorKind::NotFound => format!("there is no folder {shown}"),
        _ => return Ok(()),
    };
    Err(Error::NoDatabase(reason))
}

fn parse_sqlite(rest: &str) -> Result<DatabaseUrl, String> {
    let path = rest.strip_prefix('/').unwrap_or_default();
    if path.is_empty() || path == ":memory:" || path.contains(['?', '\0']) {
        let hint = "three slashes and a file, four for an absolute path";
        return Err(format!(
            "must name a file, such as sqlite:///blog.db ({hint})"
        ));
    }
    Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
}

fn parse_postgres(rest: &str) -> Result<PostgresUrl, String> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (mut tls, mut root_certificate, mut others) = (false, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "disable" | "allow" | "prefer")) => tls = false,
            Some(("sslmode", "require" | "verify-ca" | "verify-full")) => tls = true,
            Some(("sslmode", _)) => return Err("sslmode must be disable or verify-full".to_owned()),
            Some(("sslrootcert", file)) => root_certificate = Some(PathBuf::from(file)),
            _ => others.push(pair),
        }
    }
    // With TLS the certificate is always checked, host name included, whatever the mode's name.
    let mode = if tls {
        "sslmode=require"
    } else {
        "sslmode=disable"
    };
    others.push(mode);
    let config: tokio_postgres::Config = format!("postgres://{place}?{}", others.join("&"))
        .parse()
        .map_err(|error| format!("is no PostgreSQL URL: {error}"))?;
    Ok(PostgresUrl {
        config,
        tls,
        root_certificate,
    })
}

impl fmt::Display for DatabaseUrl {
    /// The place without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:///{}", path.display()),
            Self::Postgres(url) => {
                let host = match url.config.get_hosts().first() {
                    Some(tokio_postgres::config::Host::Tcp(name)) => name.clone(),
                    #[cfg(unix)]
                    Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
                    None => "localhost".to_owned(),
                };
                let name = url.config.get_dbname().unwrap_or_default();
                write!(f, "postgres://{host}/{name}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(text: &str) -> Option<String> {
        match DatabaseUrl::parse(text) {
            Ok(DatabaseUrl::Sqlite(path)) => Some(path.display().to_string()),
            _ => None,
        }
    }

    #[test]
    fn three_slashes_are_relative_and_four_absolute() {
        assert_eq!(sqlite("sqlite:///blog.db").as_deref(), Some("blog.db"));
        assert_eq!(
            sqlite("sqlite:////var/blog.db").as_deref(),
            Some("/var/blog.db")
        );
        for text in [
            "sqlite://",
            "sqlite:///",
            "sqlite://blog.db",
            "sqlite:///:memory:",
            "blog.db",
        ] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        for scheme in ["postgres", "postgresql", "postgresql+psycopg2"] {
            let url = DatabaseUrl::parse(&format!("{scheme}://me:hunter2@db:5433/blog")).unwrap();

            assert_eq!(format!("{url:?}"), "postgres://db/blog");
        }
        let error = DatabaseUrl::parse("mysql://me:hunter2@db/blog").unwrap_err();
        assert!(!error.contains("hunter2"));
    }

    #[test]
    fn tls_is_used_when_the_url_asks_for_it() {
        let tls = |text: &str| match DatabaseUrl::parse(text) {
            Ok(DatabaseUrl::Postgres(url)) => Some(url.tls),
            _ => None,
        };
        assert_eq!(tls("postgres://db/blog"), Some(false));
        assert_eq!(tls("postgres://db/blog?sslmode=require"), Some(true));
        assert_eq!(
            tls("postgres://db/blog?sslmode=verify-full&sslrootcert=/ca.pem"),
            Some(true)
        );
        assert_eq!(tls("postgres://db/blog?sslmode=maybe"), None);
    }
}
