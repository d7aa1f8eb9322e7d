//! `inkgate backup`, `backup verify`, `restore`: copies of an SQLite database.

use std::path::{Path, PathBuf};

use store::{DatabaseUrl, TableDigest};

use super::print;
use crate::cli::{BackupArgs, BackupCommand};
use crate::config::Environment;
use crate::config_secrets;
use crate::failure::{Failure, Result};

pub(super) fn backup(environment: Environment, arguments: &BackupArgs) -> Result<()> {
    match (&arguments.command, &arguments.file) {
        (Some(BackupCommand::Verify { file }), _) => {
            report(&store::verify(file)?)?;
            print(&format!(
                "{} is whole: it was restored, checked and counted",
                file.display()
            ))
        }
        (None, Some(file)) => {
            report(&store::back_up(&sqlite(environment)?, file)?)?;
            print(&format!("written to {}", file.display()))
        }
        (None, None) => Err(Failure::refused("name the file to write")),
    }
}

pub(super) fn restore(environment: Environment, file: &Path) -> Result<()> {
    let database = sqlite(environment)?;
    report(&store::restore(file, &database)?)?;
    print(&format!("restored into {}", database.display()))
}

fn sqlite(environment: Environment) -> Result<PathBuf> {
    match config_secrets::database(environment)? {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => Err(Failure::refused(
            "DATABASE_URL is PostgreSQL: use pg_dump and pg_restore",
        )),
    }
}

fn report(digests: &[TableDigest]) -> Result<()> {
    for TableDigest {
        table,
        rows,
        sha256,
    } in digests
    {
        print(&format!("{table}\t{rows} rows\tsha256 {sha256}"))?;
    }
    Ok(())
}
