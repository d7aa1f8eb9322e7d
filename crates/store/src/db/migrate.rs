//! Brings a schema up to date: numbered steps, each a pair of texts, applied under a lock.

use deadpool_postgres::ClientWrapper;
use rusqlite::{Connection, TransactionBehavior};

use super::sqlite::translate;
use crate::{Error, Result};

struct Step {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Pairs a step's two files; a step that lacks one does not compile.
macro_rules! steps {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Step {
            number: $number,
            sqlite: include_str!(concat!("../../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../../migrations/", $name, ".postgres.sql")),
        }),*]
    };
}

const STEPS: &[Step] = steps![
    1 "0001_foundation",
    2 "0002_accounts",
    3 "0003_personal_tokens",
    6 "0006_audit",
    7 "0007_events",
    8 "0008_second_factor",
    9 "0009_jobs",
    10 "0010_one_time_tokens",
    11 "0011_sessions_of_user",
    12 "0012_posts",
    13 "0013_idempotency",
    14 "0014_search",
    15 "0015_readers",
    16 "0016_post_editing",
    17 "0017_todos",
    18 "0018_posts_found_faster",
];

/// The newest schema that this program knows.
pub(crate) const NEWEST: i64 = STEPS[STEPS.len() - 1].number;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT PRIMARY KEY)";
/// Any number, the same in every program of ours: "inkgate" read as bytes.
const POSTGRES_LOCK: i64 = 0x69_6e_6b_67_61_74_65;

/// Refuses a file of another program; nothing is written to it.
pub(super) fn refuse_foreign_file(connection: &Connection) -> Result<()> {
    refuse_foreign(&sqlite_tables(connection)?)
}

/// Applies what is missing. Other processes wait meanwhile.
pub(super) fn sqlite(connection: &mut Connection) -> Result<()> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(translate)?;
    refuse_foreign_file(&transaction)?;
    transaction.execute_batch(TABLE).map_err(translate)?;
    let found: i64 = transaction
        .query_row(
            "SELECT coalesce(max(number), 0) FROM schema_migrations",
            [],
            |row| row.get(0),
        )
        .map_err(translate)?;
    for step in missing(found)? {
        transaction.execute_batch(step.sqlite).map_err(translate)?;
        transaction
            .execute(
                "INSERT INTO schema_migrations (number) VALUES (?1)",
                [step.number],
            )
            .map_err(translate)?;
    }
    transaction.commit().map_err(translate)
}

fn sqlite_tables(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";
    let mut statement = connection.prepare(sql).map_err(translate)?;
    let names = statement
        .query_map([], |row| row.get(0))
        .map_err(translate)?;
    names.collect::<rusqlite::Result<_>>().map_err(translate)
}

/// Applies what is missing. Other nodes wait meanwhile.
pub(super) async fn postgres(client: &mut ClientWrapper) -> Result<()> {
    let transaction = client.transaction().await.map_err(unavailable)?;
    let lock = "SELECT pg_advisory_xact_lock($1)";
    transaction
        .execute(lock, &[&POSTGRES_LOCK])
        .await
        .map_err(unavailable)?;
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
    let rows = transaction.query(sql, &[]).await.map_err(unavailable)?;
    let tables: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    refuse_foreign(&tables)?;
    // Asked beforehand: a NOTICE that the table is there already would be logged at every start.
    if tables.is_empty() {
        transaction
            .batch_execute(TABLE)
            .await
            .map_err(unavailable)?;
    }
    let sql = "SELECT coalesce(max(number), 0) FROM schema_migrations";
    let found: i64 = transaction
        .query_one(sql, &[])
        .await
        .map_err(unavailable)?
        .get(0);
    for step in missing(found)? {
        transaction
            .batch_execute(step.postgres)
            .await
            .map_err(unavailable)?;
        let sql = "INSERT INTO schema_migrations (number) VALUES ($1)";
        transaction
            .execute(sql, &[&step.number])
            .await
            .map_err(unavailable)?;
    }
    transaction.commit().await.map_err(unavailable)
}

fn missing(found: i64) -> Result<impl Iterator<Item = &'static Step>> {
    if found > NEWEST {
        return Err(Error::Newer {
            found,
            known: NEWEST,
        });
    }
    Ok(STEPS.iter().filter(move |step| step.number > found))
}

/// A database without our table of steps must be empty.
fn refuse_foreign(tables: &[String]) -> Result<()> {
    let has = |name: &str| tables.iter().any(|table| table == name);
    if tables.is_empty() || has("schema_migrations") {
        Ok(())
    } else if has("user") && (has("post") || has("todo")) {
        Err(Error::Flask)
    } else {
        Err(Error::Foreign(tables.join(", ")))
    }
}

fn unavailable(error: tokio_postgres::Error) -> Error {
    Error::Unavailable(error.into())
}
