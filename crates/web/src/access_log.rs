//! One line per request. Requests only append to a list; a thread writes it out.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use model::Timestamp;

use crate::request_id::RequestId;

/// How many lines may wait to be written; those beyond are counted and lost rather than waited for.
const WAITING: usize = 32_768;
const INTERVAL: Duration = Duration::from_millis(100);

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// The access log.
#[derive(Debug)]
pub struct AccessLog {
    format: LogFormat,
    pending: Mutex<Pending>,
    stopped: AtomicBool,
}

#[derive(Debug, Default)]
struct Pending {
    entries: Vec<Entry>,
    lost: u64,
}

/// What is told of a request: never its raw path, a query, a body or an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) time: Timestamp,
    pub(crate) id: RequestId,
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) duration: Duration,
}

impl AccessLog {
    /// An empty log; somebody must call [`AccessLog::write_until_stopped`] on a thread.
    pub fn new(format: LogFormat) -> Self {
        Self {
            format,
            pending: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn record(&self, entry: Entry) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.entries.len() < WAITING {
            pending.entries.push(entry);
        } else {
            pending.lost += 1;
        }
    }

    /// Writes lines to `out` as they come, until [`AccessLog::stop`] was called.
    pub fn write_until_stopped(&self, mut out: impl Write) {
        let (mut lines, mut written) = (Vec::new(), Vec::new());
        loop {
            let stopped = self.stopped.load(Ordering::SeqCst);
            let lost = {
                let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
                // The two lists change places, so that neither has to grow again.
                std::mem::swap(&mut pending.entries, &mut written);
                std::mem::take(&mut pending.lost)
            };
            for entry in written.drain(..) {
                self.push_line(&mut lines, &entry);
            }
            // Where nobody reads the log any more there is nobody to tell.
            drop(out.write_all(&lines));
            lines.clear();
            if lost > 0 {
                tracing::warn!(
                    lost,
                    "lines of the access log were lost: its reader is too slow"
                );
            }
            if stopped {
                return;
            }
            std::thread::park_timeout(INTERVAL);
        }
    }

    fn push_line(&self, lines: &mut Vec<u8>, entry: &Entry) {
        let mut status = itoa::Buffer::new();
        let mut micros = itoa::Buffer::new();
        let (status, micros) = (
            status.format(entry.status.as_u16()),
            micros.format(entry.duration.as_micros()),
        );
        let id = entry.id.digits();
        let id = str::from_utf8(&id).unwrap_or_default();
        let (method, route) = (entry.method, entry.route);
        // Appended piece by piece: to go through a format string would take twice as long.
        let mut push = |pieces: &[&str]| {
            for piece in pieces {
                lines.extend_from_slice(piece.as_bytes());
            }
        };
        let mut time = Vec::with_capacity(24);
        entry.time.push_rfc3339(&mut time);
        let time = str::from_utf8(&time).unwrap_or_default();
        match self.format {
            LogFormat::Human => push(&[
                time,
                "  INFO ",
                method,
                " ",
                route,
                " ",
                status,
                " ",
                micros,
                "us request_id=",
                id,
                "\n",
            ]),
            LogFormat::Json => push(&[
                "{\"timestamp\":\"",
                time,
                "\",\"level\":\"INFO\",\"message\":\"request\",\"method\":\"",
                method,
                "\",\"route\":\"",
                route,
                "\",\"status\":",
                status,
                ",\"duration_us\":",
                micros,
                ",\"request_id\":\"",
                id,
                "\"}\n",
            ]),
        }
    }

    /// Ends the writing, once what was recorded is out.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}
