//! Following what other processes write, so that nothing is kept in memory that they have changed.
//!
//! On PostgreSQL every such change writes a row to `events`, by triggers. A transaction that began
//! early may commit late, so that its rows appear behind others: each look takes all rows since
//! the oldest transaction that was still running at the look before, and passes over what it has
//! seen already. SQLite has a number that changes with every write of somebody else.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use model::{PostId, UserId};

use crate::db::{Db, Row, Statement, params, statements};
use crate::{Change, Result, Store};

/// Events are kept for an hour. Whoever has not looked for this long takes none for granted.
const LONGEST_GAP: Duration = Duration::from_mins(30);
/// Whoever finds more than this lets everything go instead of reading on.
const MOST: u32 = 10_000;

statements! {
    DATA_VERSION = { sqlite: "PRAGMA data_version", postgres: "SELECT 0::bigint" };
    EVENTS = {
        sqlite: "SELECT 0 WHERE $1 > $2",
        postgres: "SELECT now.xmin::text::bigint, e.id, (e.xid >= now.xmin)::int::bigint, e.kind, e.subject
            FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin) AS now
            LEFT JOIN events e ON e.xid >= ($1::bigint)::text::xid8 LIMIT $2"
    };
    FORGET = { sqlite: "SELECT 1 WHERE 1 = 0", postgres: "DELETE FROM events
        WHERE created_at < now() - interval '1 hour'" };
}

/// How far a node has followed.
#[derive(Debug, Default)]
pub struct Position {
    /// `PRAGMA data_version`, or the oldest transaction that was running at the last look.
    at: Option<i64>,
    /// Events since then that were seen already.
    seen: HashSet<i64>,
    /// When the last look was.
    looked: Option<Instant>,
}

struct Event {
    xmin: i64,
    id: Option<i64>,
    /// Whether the next look will find it again.
    comes_again: bool,
    change: Option<Change>,
}

impl Store {
    /// Takes note of what other processes have changed since `position`.
    pub async fn follow(&self, position: &mut Position) -> Result<()> {
        let began = Instant::now();
        match self.db {
            Db::Sqlite(_) => self.follow_file(position).await?,
            Db::Postgres(_) => self.follow_events(position).await?,
        }
        position.looked = Some(began);
        Ok(())
    }

    /// Hears at once when another node has changed something, and tells others of our own changes.
    /// Never ends. Without this nodes find out at their next look.
    pub async fn stay_in_touch(&self) {
        match &self.db {
            Db::Sqlite(_) => std::future::pending().await,
            Db::Postgres(db) => db.stay_in_touch().await,
        }
    }

    /// Waits until somebody says that there is something to look at.
    pub async fn news(&self) {
        match &self.db {
            Db::Sqlite(_) => std::future::pending().await,
            Db::Postgres(db) => db.news().await,
        }
    }

    /// Forgets events that every node has seen that will.
    pub async fn purge_events(&self) -> Result<u64> {
        Ok(self
            .db
            .write(Statement::new(&FORGET, vec![]))
            .await?
            .changed)
    }

    async fn follow_file(&self, position: &mut Position) -> Result<()> {
        // On the writer's connection: on any other, our own writes would count too.
        let outcome = self.db.write(Statement::new(&DATA_VERSION, vec![])).await?;
        let version = outcome.row(|row| row.int(0))?;
        if position.at != version {
            self.epochs.advance(Change::All);
        }
        position.at = version;
        Ok(())
    }

    async fn follow_events(&self, position: &mut Position) -> Result<()> {
        let since = position.at.unwrap_or(i64::MAX);
        let params = params![since, MOST];
        let events = self.db.rows(&EVENTS, &params, event).await?;
        let Some(xmin) = events.first().map(|event| event.xmin) else {
            return Ok(());
        };
        let lost = position.looked.is_none_or(|at| at.elapsed() > LONGEST_GAP)
            || position.at.is_none_or(|at| at > xmin)
            || events.len() >= MOST as usize;
        if lost {
            self.epochs.advance(Change::All);
        }
        let mut seen = HashSet::new();
        for event in events {
            let Some(id) = event.id else { continue };
            if !lost && !position.seen.contains(&id) {
                self.epochs.advance(event.change.unwrap_or(Change::All));
            }
            if event.comes_again {
                seen.insert(id);
            }
        }
        position.at = Some(xmin);
        position.seen = seen;
        Ok(())
    }
}

fn event(row: &Row<'_>) -> Result<Event> {
    let subject = row.opt_int(4)?;
    let change = match (row.opt_text(3)?, subject) {
        (Some("account"), Some(id)) => Some(Change::Account(UserId(id))),
        (Some("post"), Some(id)) => Some(Change::Post(PostId(id))),
        (Some("posts"), _) => Some(Change::Posts),
        // A newer program may tell of more than this one knows.
        _ => None,
    };
    Ok(Event {
        xmin: row.int(0)?,
        id: row.opt_int(1)?,
        comes_again: row.opt_int(2)? == Some(1),
        change,
    })
}
