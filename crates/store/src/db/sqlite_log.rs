//! Keeps SQLite's write-ahead log short without making the writer or a reader wait.
//!
//! A checkpoint moves pages from the log into the file. It is taken on a connection and a thread
//! of its own (PASSIVE: it waits for nobody). Under writes without pause that alone would let the
//! log grow, since it only starts over when all of it was moved; past a bound the writer
//! therefore takes one itself, which waits for the short reads of the moment.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::sqlite::{BUSY_TIMEOUT, unavailable};
use crate::{Error, Result};

/// A checkpoint is worth its while for this many new pages (of 4 KiB): 8 MiB. Each one sorts the
/// whole log and waits for the disk, beside the writer.
const PAGES_TO_MOVE: i32 = 2_000;
/// The writer stops for one from this many pages on: 64 MiB.
const PAGES_AT_MOST: i32 = 16_000;
/// How long it then waits for readers before it goes on and tries again later.
const WAIT_FOR_READERS: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct LogKeeper {
    wake: Mutex<Option<SyncSender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The length of the log, as the writer sees it after each commit.
pub(super) struct LogLength {
    pages: Arc<AtomicI32>,
    wake: SyncSender<()>,
    seen: i32,
    next_wake: i32,
    next_stop: i32,
}

impl LogKeeper {
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("sqlite-log".to_owned())
            .spawn(move || run(&connection, &woken))
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self {
            wake: Mutex::new(Some(wake)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Watches what `writer` commits. This also turns off SQLite's own checkpoints, which would
    /// run inside a commit.
    pub(super) fn watch(&self, writer: &mut Connection) -> Result<LogLength> {
        let pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&pages);
        writer
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, length| {
                seen.store(length, Ordering::Relaxed);
                Ok(())
            }))
            .map_err(unavailable)?;
        let wake = self
            .wake
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let wake = wake.ok_or_else(|| Error::Unavailable("the database is closed".into()))?;
        Ok(LogLength {
            pages,
            wake,
            seen: 0,
            next_wake: PAGES_TO_MOVE,
            next_stop: PAGES_AT_MOST,
        })
    }

    pub(super) fn close(&self) {
        self.wake
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that takes SQLite's checkpoints had panicked");
        }
    }
}

impl LogLength {
    /// Called by the writer between two commits.
    pub(super) fn keep_short(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.seen {
            // The log has started over.
            self.next_wake = PAGES_TO_MOVE;
            self.next_stop = PAGES_AT_MOST;
        }
        self.seen = pages;
        if pages >= self.next_wake {
            self.next_wake = pages + PAGES_TO_MOVE;
            if let Err(TrySendError::Disconnected(())) = self.wake.try_send(()) {
                tracing::error!("the thread that takes SQLite's checkpoints is gone");
            }
        }
        if pages >= self.next_stop {
            let before = writer.busy_timeout(WAIT_FOR_READERS);
            checkpoint(writer, "RESTART");
            drop(before.and_then(|()| writer.busy_timeout(BUSY_TIMEOUT)));
            // If somebody reads for long, do not stop for them at every commit.
            self.next_stop = pages + PAGES_TO_MOVE * 2;
        }
    }
}

fn run(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        checkpoint(connection, "PASSIVE");
    }
}

fn checkpoint(connection: &Connection, mode: &str) {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    if let Err(error) = connection.query_row(&sql, [], |_| Ok(())) {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a checkpoint failed"
        );
    }
}
