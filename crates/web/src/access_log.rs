//! One line per request. Requests only append to a buffer; a thread writes it out.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use model::Timestamp;

use crate::request_id::RequestId;

/// What may wait to be written; lines beyond it are counted and lost rather than waited for.
const BUFFER_BYTES: usize = 1024 * 1024;
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
    lines: Vec<u8>,
    lost: u64,
}

/// What is told of a request: never its raw path, a query, a body or an address.
pub(crate) struct Entry<'a> {
    pub(crate) time: Timestamp,
    pub(crate) id: RequestId,
    pub(crate) method: &'static str,
    pub(crate) route: &'a str,
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

    pub(crate) fn record(&self, entry: &Entry<'_>) {
        let Entry {
            time,
            id,
            method,
            route,
            status,
            duration,
        } = entry;
        let (status, micros) = (status.as_u16(), duration.as_micros());
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.lines.len() > BUFFER_BYTES {
            pending.lost += 1;
            return;
        }
        let lines = &mut pending.lines;
        let start = lines.len();
        let written = match self.format {
            LogFormat::Human => {
                time.push_rfc3339(lines);
                writeln!(
                    lines,
                    "  INFO {method} {route} {status} {micros}us request_id={id}"
                )
            }
            LogFormat::Json => {
                lines.extend_from_slice(b"{\"timestamp\":\"");
                time.push_rfc3339(lines);
                writeln!(
                    lines,
                    "\",\"level\":\"INFO\",\"message\":\"request\",\"method\":\"{method}\",\"route\":\
                     \"{route}\",\"status\":{status},\"duration_us\":{micros},\"request_id\":\"{id}\"}}"
                )
            }
        };
        if written.is_err() {
            lines.truncate(start);
        }
    }

    /// Writes lines to `out` as they come, until [`AccessLog::stop`] was called.
    pub fn write_until_stopped(&self, mut out: impl Write) {
        loop {
            let stopped = self.stopped.load(Ordering::SeqCst);
            let Pending { lines, lost } =
                std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
            // Where nobody reads the log any more there is nobody to tell.
            drop(out.write_all(&lines));
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

    /// Ends the writing, once what was recorded is out.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}
