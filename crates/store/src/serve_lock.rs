//! One server to an SQLite file: the cache of a second one would show what the first has changed.

use std::fs::{File, OpenOptions, TryLockError};

use crate::url::refuse_no_file;
use crate::{DatabaseUrl, Error, Result};

/// Held for as long as a server runs; the operating system lets go of it even after a crash.
#[derive(Debug)]
pub struct ServeLock {
    _file: Option<File>,
}

impl ServeLock {
    /// Takes the lock of an SQLite file; PostgreSQL serves many and needs none.
    ///
    /// # Errors
    /// [`Error::Locked`] when another server holds it.
    pub fn take(url: &DatabaseUrl) -> Result<Self> {
        let DatabaseUrl::Sqlite(path) = url else {
            return Ok(Self { _file: None });
        };
        refuse_no_file(path)?;
        let mut name = path.clone().into_os_string();
        name.push(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(name)
            .map_err(|error| Error::Unavailable(error.into()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked),
            Err(TryLockError::Error(error)) => Err(Error::Unavailable(error.into())),
        }
    }
}
