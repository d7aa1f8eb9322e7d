//! Copies of an SQLite database: taken while others write, proved by really restoring them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use crate::db::{Synchronous, migrate_file};
use crate::{DatabaseUrl, Error, Result, ServeLock};

/// How many rows a table has, and a hash over all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDigest {
    /// The table's name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 over every column of every row, in the order of the primary key.
    pub sha256: String,
}

/// Writes a consistent copy of the database at `database` to `file`, which must not exist. A
/// server may go on writing; nothing half-made is ever left under that name.
pub fn back_up(database: &Path, file: &Path) -> Result<Vec<TableDigest>> {
    if file.exists() {
        return Err(refuse(format!("{} exists already", file.display())));
    }
    let source = open_existing(database)?;
    source
        .busy_timeout(Duration::from_secs(10))
        .map_err(unavailable)?;
    let folder = folder_of(file);
    let draft = tempfile::Builder::new()
        .prefix(".inkgate-backup")
        .tempdir_in(&folder)
        .map_err(|error| refuse(format!("{}: {error}", folder.display())))?;
    let draft_file = draft.path().join("copy.db");
    let target = draft_file.to_string_lossy().into_owned();
    source
        .execute("VACUUM INTO ?1", [target])
        .map_err(unavailable)?;
    let digests = digest(&open_existing(&draft_file)?)?;
    put_in_place(&draft_file, file)?;
    Ok(digests)
}

/// Restores `file` into a temporary database, checks that for damage, and counts and hashes it.
pub fn verify(file: &Path) -> Result<Vec<TableDigest>> {
    let folder = tempfile::tempdir().map_err(|error| Error::Unavailable(error.into()))?;
    restore_to(file, &folder.path().join("restored.db"))
}

/// Restores `file` into the database at `database`, which must be missing or empty.
pub fn restore(file: &Path, database: &Path) -> Result<Vec<TableDigest>> {
    let _lock = ServeLock::take(&DatabaseUrl::Sqlite(database.to_owned()))?;
    if database.exists() && !is_empty(&open_existing(database)?)? {
        let database = database.display();
        return Err(refuse(format!(
            "{database} is not empty: restore into a new file"
        )));
    }
    let folder = folder_of(database);
    let draft = tempfile::Builder::new()
        .prefix(".inkgate-restore")
        .tempdir_in(&folder)
        .map_err(|error| refuse(format!("{}: {error}", folder.display())))?;
    let draft_file = draft.path().join("copy.db");
    let digests = restore_to(file, &draft_file)?;
    for suffix in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        drop(fs::remove_file(PathBuf::from(name)));
    }
    put_in_place(&draft_file, database)?;
    Ok(digests)
}

/// Copies page by page, then checks the copy: damage, references, schema, and every row against
/// the file that it came from.
fn restore_to(file: &Path, target: &Path) -> Result<Vec<TableDigest>> {
    let source = open_existing(file)?;
    let mut copy = Connection::open(target).map_err(unavailable)?;
    Backup::new(&source, &mut copy)
        .and_then(|backup| backup.run_to_completion(1_000, Duration::ZERO, None))
        .map_err(unavailable)?;
    let verdict: String = copy
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(unavailable)?;
    if verdict != "ok" {
        return Err(refuse(format!("{} is damaged: {verdict}", file.display())));
    }
    if copy
        .prepare("PRAGMA foreign_key_check")
        .and_then(|mut check| check.exists([]))
        .map_err(unavailable)?
    {
        return Err(refuse(format!(
            "{} holds rows that refer to nothing",
            file.display()
        )));
    }
    let ours = "SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'";
    if !copy
        .prepare(ours)
        .and_then(|mut check| check.exists([]))
        .map_err(unavailable)?
    {
        return Err(refuse(format!(
            "{} is no backup of an Inkgate database",
            file.display()
        )));
    }
    let digests = digest(&copy)?;
    if digests != digest(&source)? {
        return Err(refuse(format!(
            "{} changed while it was read",
            file.display()
        )));
    }
    drop(copy);
    migrate_file(target, Synchronous::Full)?;
    Ok(digests)
}

fn digest(connection: &Connection) -> Result<Vec<TableDigest>> {
    // What is searched is kept in tables of FTS5's own, which are copied like all, and have no keys.
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
        AND name NOT LIKE 'search~_words%' ESCAPE '~' ORDER BY name";
    let mut names = connection.prepare(sql).map_err(unavailable)?;
    let names = names.query_map([], |row| row.get(0)).map_err(unavailable)?;
    let names: Vec<String> = names
        .collect::<rusqlite::Result<_>>()
        .map_err(unavailable)?;
    names
        .into_iter()
        .map(|table| digest_table(connection, table))
        .collect()
}

fn digest_table(connection: &Connection, table: String) -> Result<TableDigest> {
    // Every table of ours has its primary key in the first column.
    let sql = format!(
        "SELECT * FROM \"{}\" ORDER BY 1",
        table.replace('"', "\"\"")
    );
    let mut statement = connection.prepare(&sql).map_err(unavailable)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(unavailable)?;
    let (mut count, mut hash) = (0, Sha256::new());
    while let Some(row) = rows.next().map_err(unavailable)? {
        count += 1;
        for column in 0..columns {
            match row.get_ref(column).map_err(unavailable)? {
                ValueRef::Null => hash.update([0]),
                ValueRef::Integer(number) => {
                    hash.update([&[1][..], &number.to_be_bytes()].concat());
                }
                ValueRef::Real(number) => {
                    hash.update([&[2][..], &number.to_be_bytes()].concat());
                }
                ValueRef::Text(bytes) => hash_bytes(&mut hash, 3, bytes),
                ValueRef::Blob(bytes) => hash_bytes(&mut hash, 4, bytes),
            }
        }
    }
    let sha256 = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(TableDigest {
        table,
        rows: count,
        sha256,
    })
}

fn hash_bytes(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn is_empty(connection: &Connection) -> Result<bool> {
    let digests = digest(connection)?;
    Ok(digests
        .iter()
        .all(|digest| digest.table == "schema_migrations" || digest.rows == 0))
}

fn put_in_place(draft: &Path, file: &Path) -> Result<()> {
    let done = (|| {
        let copy = File::options().write(true).open(draft)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            copy.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
        copy.sync_all()?;
        fs::rename(draft, file)?;
        File::open(folder_of(file))?.sync_all()
    })();
    done.map_err(|error: std::io::Error| refuse(format!("{}: {error}", file.display())))
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn open_existing(file: &Path) -> Result<Connection> {
    if !file.is_file() {
        return Err(refuse(format!("{} does not exist", file.display())));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let readable = Connection::open_with_flags(file, flags).and_then(|connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    });
    readable.map_err(|error| refuse(format!("{} is no SQLite database: {error}", file.display())))
}

fn refuse(reason: String) -> Error {
    Error::Refused(reason)
}

fn unavailable(error: rusqlite::Error) -> Error {
    Error::Unavailable(error.into())
}
