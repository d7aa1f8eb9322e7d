//! Jobs: claimed by whichever server is free, tried again later when they fail, and in the end laid
//! aside for somebody to look at.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use model::{ClaimedJob, Job, JobAccount, JobCounts, JobId, NewJob};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Domain, Error, Noun, Result};

/// How many jobs a server runs at once.
const AT_ONCE: usize = 4;
/// When others are looked for while some are under way.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long a job may take: no longer than requests may when the server stops.
const PATIENCE: Duration = Duration::from_secs(30);
/// When others may run a job whose server has died over it.
const LEASE: Duration = Duration::from_mins(5);
/// How long a job waits that has failed once; each time after that twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_hours(6);
/// After so many attempts, half a day in all, a job is dead.
const ATTEMPTS: i64 = 12;
/// How much is kept of why a job has failed.
const ERROR_CHARS: usize = 300;

/// Why a job could not be done; nothing of it may be secret.
pub(crate) type Failure = String;

/// A failure of ours as one of a job.
pub(crate) fn because(error: impl Into<Error>) -> Failure {
    error.into().to_string()
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobKind {
    /// Asks whoever reads the mail of an address whether it is the account's own.
    VerifyEmail,
    /// Mails a link to set another password.
    ResetPassword,
    /// Tells whoever reads the mail of an address that it was replaced.
    EmailChanged,
}

impl JobKind {
    const ALL: [Self; 3] = [Self::VerifyEmail, Self::ResetPassword, Self::EmailChanged];

    /// The word for it in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "mail_verify",
            Self::ResetPassword => "mail_reset",
            Self::EmailChanged => "mail_email_changed",
        }
    }
}

impl Domain {
    /// Runs jobs that are due until none is or `go_on` says no, a few at once, and gives how many; a
    /// server calls this each second. What was begun is ended.
    pub async fn run_due_jobs(&self, go_on: impl Fn() -> bool) -> Result<usize> {
        // Whoever calls meanwhile finds done what was under way.
        let _turn = self.jobs_turn.lock().await;
        let (mut running, mut ended) = (FuturesUnordered::new(), 0);
        loop {
            while running.len() < AT_ONCE
                && go_on()
                && let Some(job) = self.claim_job().await?
            {
                running.push(self.run_job(job));
            }
            // One that takes long keeps no others waiting.
            tokio::select! {
                Some(done) = running.next() => {
                    done?;
                    ended += 1;
                }
                () = tokio::time::sleep(LOOK_AGAIN), if !running.is_empty() => {}
                else => return Ok(ended),
            }
        }
    }

    async fn claim_job(&self) -> Result<Option<ClaimedJob>> {
        let now = self.clock.now();
        let claim = self
            .store
            .claim_job(now, now.after(LEASE), self.random()?)
            .await;
        Ok(claim?)
    }

    async fn run_job(&self, job: ClaimedJob) -> Result<()> {
        let job = &job;
        let work = AssertUnwindSafe(self.do_job(job)).catch_unwind();
        let done = match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err("it panicked".to_owned()),
            Err(_) => Err("it took too long".to_owned()),
        };
        match done {
            Ok(()) => {
                self.store.finish_job(job).await?;
            }
            Err(failure) => self.put_back(job, &failure).await?,
        }
        Ok(())
    }

    async fn do_job(&self, job: &ClaimedJob) -> std::result::Result<(), Failure> {
        let mut kinds = JobKind::ALL.into_iter();
        let kind = kinds.find(|kind| kind.as_str() == job.kind);
        match kind.ok_or_else(|| format!("this version knows no job {:?}", job.kind))? {
            JobKind::VerifyEmail => self.send_verify_mail(job, &payload(job)?).await,
            JobKind::ResetPassword => self.send_reset_mail(job, &payload(job)?).await,
            JobKind::EmailChanged => self.send_email_changed_mail(job, &payload(job)?).await,
        }
    }

    /// A job to be enqueued.
    pub(crate) fn new_job(
        &self,
        kind: JobKind,
        account: JobAccount,
        payload: &impl Serialize,
    ) -> Result<NewJob> {
        let now = self.clock.now();
        let payload = serde_json::to_string(payload);
        Ok(NewJob {
            id: JobId::new(now, self.random()?),
            kind: kind.as_str(),
            account,
            payload: payload.map_err(|error| store::Error::Other(error.into()))?,
            created_at: now,
        })
    }

    async fn put_back(&self, job: &ClaimedJob, failure: &str) -> Result<()> {
        let (id, kind, attempt) = (job.id, &job.kind, job.attempt);
        let now = self.clock.now();
        let dead_at = (attempt >= ATTEMPTS).then_some(now);
        let next = if dead_at.is_some() {
            "nobody tries any more: see `inkgate jobs list`"
        } else {
            "it will be tried again"
        };
        // Why, the table says: it may name somebody's address.
        tracing::warn!(%id, kind, attempt, "a job has failed; {next}");
        let printable = failure.chars().filter(|char| !char.is_control());
        let shown: String = printable.take(ERROR_CHARS).collect();
        let run_at = now.after(wait_after(attempt));
        Ok(self.store.fail_job(job, run_at, dead_at, &shown).await?)
    }

    /// The next jobs after `after` by age, at most a batch; only the dead ones if `dead`.
    pub async fn jobs_after(&self, after: JobId, dead: bool) -> Result<Vec<Job>> {
        Ok(self.store.jobs_after(after, dead).await?)
    }

    /// Makes a job run now, with all its attempts.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for one that somebody runs at this moment.
    pub async fn retry_job(&self, id: JobId) -> Result<()> {
        if self.store.retry_job(id, self.clock.now()).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::Job))
        }
    }

    /// Makes every dead job run now, with all its attempts; gives how many there were.
    pub async fn retry_dead_jobs(&self) -> Result<u64> {
        Ok(self.store.retry_dead_jobs(self.clock.now()).await?)
    }

    /// How many jobs there are.
    pub async fn count_jobs(&self) -> Result<JobCounts> {
        Ok(self.store.count_jobs().await?)
    }
}

fn payload<T: DeserializeOwned>(job: &ClaimedJob) -> std::result::Result<T, Failure> {
    serde_json::from_str(&job.payload).map_err(|_| "this version cannot read the job".to_owned())
}

/// How long a job waits after so many attempts.
fn wait_after(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 20) - 1).unwrap_or_default();
    (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_as_long_up_to_six_hours() {
        assert_eq!(wait_after(1), Duration::from_secs(30));
        assert_eq!(wait_after(2), Duration::from_secs(60));
        assert_eq!(wait_after(10), Duration::from_secs(15_360));
        for attempt in [11, 12, 20, 1_000, i64::MAX] {
            assert_eq!(wait_after(attempt), LONGEST_WAIT);
        }
    }
}
