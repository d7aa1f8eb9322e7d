//! Jobs: what is done after the request that wanted it was answered, and tried again if it fails.

use crate::{JobId, Timestamp, UserId};

/// A job about to be enqueued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its identifier.
    pub id: JobId,
    /// What to do: a word.
    pub kind: &'static str,
    /// For whose account. The job goes when the account does.
    pub account: JobAccount,
    /// What there is to know, as JSON; never a secret.
    pub payload: String,
    /// When it is enqueued; it runs as soon as it can.
    pub created_at: Timestamp,
}

/// For whose account a job is.
#[derive(Clone, Debug)]
pub enum JobAccount {
    /// Nobody's, or nobody knows yet.
    None,
    /// This one.
    Of(UserId),
    /// The one of this key, which has its name by the time that the job is written.
    Named(String),
}

/// A job that was handed to somebody who runs it.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    /// Its identifier.
    pub id: JobId,
    /// What to do: a word, perhaps one of another version.
    pub kind: String,
    /// For whose account.
    pub user_id: Option<UserId>,
    /// What there is to know, as JSON.
    pub payload: String,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// Tells this claim from any other of the same job.
    pub lease: [u8; 16],
}

/// A job as whoever runs the server sees it.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its identifier.
    pub id: JobId,
    /// What it does: a word.
    pub kind: String,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it runs next.
    pub run_at: Timestamp,
    /// How often it was begun.
    pub attempts: i64,
    /// Until when somebody has it who runs it.
    pub leased_until: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Since when nobody tries any more.
    pub dead_at: Option<Timestamp>,
}

/// How many jobs there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobCounts {
    /// Those that wait or run.
    pub waiting: i64,
    /// Those that nobody tries any more.
    pub dead: i64,
    /// When the oldest of those that wait was enqueued.
    pub oldest: Option<Timestamp>,
}
