//! Questions about jobs. One is enqueued in the list of the write that wants it.

use model::{AuditEntry, ClaimedJob, Job, JobAccount, JobCounts, JobId, NewJob, Timestamp, UserId};

use crate::audit::audited;
use crate::db::{Row, Statement, params, statements};
use crate::{BATCH_ROWS, Error, Result, Store};

/// How many jobs may wait; one more is told to come back.
const MOST: u32 = 10_000;

/// The oldest job that is due; the rest of the text follows.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET attempts = attempts + 1, leased_until = $2, lease = $3
            WHERE id = (SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= $1
                AND coalesce(leased_until, 0) <= $1 ORDER BY run_at, id LIMIT 1",
            $lock,
            ") RETURNING id, kind, user_id, payload, created_at, attempts"
        )
    };
}

/// A question for jobs; the rest of the text follows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, created_at, run_at, attempts, leased_until, last_error, dead_at
            FROM jobs WHERE ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO jobs (id, kind, user_id, payload, created_at, run_at)
        VALUES ($1, $2, coalesce($3, (SELECT id FROM users WHERE name_key = $4)), $5, $6, $6)";
    ROOM = "SELECT waiting FROM (SELECT count(*) AS waiting FROM
        (SELECT 1 FROM jobs WHERE dead_at IS NULL LIMIT $1) AS first_ones) AS counted WHERE waiting < $1";
    SUPERSEDE = "DELETE FROM jobs WHERE user_id = $1 AND kind = $2";
    // SQLite has one writer. On PostgreSQL those who claim at once pass over each other's rows.
    CLAIM = { sqlite: (claim!("")), postgres: (claim!(" FOR UPDATE SKIP LOCKED")) };
    FINISH = "DELETE FROM jobs WHERE id = $1 AND lease = $2";
    FAIL = "UPDATE jobs SET run_at = $3, dead_at = $4, last_error = $5, leased_until = NULL,
            lease = NULL
        WHERE id = $1 AND lease = $2";
    OLDEST = (select!("id > $1 ORDER BY id LIMIT $2"));
    OLDEST_DEAD = (select!("id > $1 AND dead_at IS NOT NULL ORDER BY id LIMIT $2"));
    // One that somebody runs at this moment is left to them.
    RETRY = "UPDATE jobs SET run_at = $2, dead_at = NULL, attempts = 0
        WHERE id = $1 AND coalesce(leased_until, 0) <= $2";
    RETRY_DEAD = "UPDATE jobs SET run_at = $1, dead_at = NULL, attempts = 0
        WHERE dead_at IS NOT NULL";
    COUNT = "SELECT (SELECT count(*) FROM jobs WHERE dead_at IS NULL),
        (SELECT count(*) FROM jobs WHERE dead_at IS NOT NULL),
        (SELECT min(created_at) FROM jobs WHERE dead_at IS NULL)";
    PURGE = "DELETE FROM jobs WHERE id IN
        (SELECT id FROM jobs WHERE dead_at IS NOT NULL AND dead_at < $1 LIMIT $2)";
}

impl Store {
    /// Enqueues a job that rides along with no other write; one for an account takes the place of
    /// those of its kind that were to do the same before.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait.
    pub async fn insert_job(&self, new: &NewJob, audit: &[AuditEntry]) -> Result<()> {
        let room = Statement::new(&ROOM, params![MOST].into()).expect_rows(1);
        let older = match new.account {
            JobAccount::Of(user_id) => Some(supersede(user_id, new.kind)),
            JobAccount::None | JobAccount::Named(_) => None,
        };
        let statements = [Some(room), older, Some(enqueue(new))];
        let statements = audited(statements.into_iter().flatten().collect(), audit);
        match self.db.atomic(statements).await {
            Err(Error::RowCount { .. }) => Err(Error::Overloaded),
            other => other.map(drop),
        }
    }

    /// Claims the job that has been due longest; `None`: none is. Whoever dies over it leaves it to
    /// others once `until` has passed, so every job must be safe to run twice.
    pub async fn claim_job(
        &self,
        now: Timestamp,
        until: Timestamp,
        lease: [u8; 16],
    ) -> Result<Option<ClaimedJob>> {
        let params = params![now, until, lease.as_slice()];
        let outcome = self.db.write(Statement::new(&CLAIM, params.into())).await?;
        outcome.row(|row| {
            Ok(ClaimedJob {
                id: id(row, 0)?,
                kind: row.text(1)?.to_owned(),
                user_id: row.opt_int(2)?.map(UserId),
                payload: row.text(3)?.to_owned(),
                created_at: row.time(4)?,
                attempt: row.int(5)?,
                lease,
            })
        })
    }

    /// Takes away a job that is done. False: somebody else has claimed it meanwhile.
    pub async fn finish_job(&self, job: &ClaimedJob) -> Result<bool> {
        let params = params![job.id, job.lease.as_slice()];
        let outcome = self
            .db
            .write(Statement::new(&FINISH, params.into()))
            .await?;
        Ok(outcome.changed == 1)
    }

    /// Puts a job back that has failed, to be run at `run_at`, or not any more if it is `dead_at`.
    pub async fn fail_job(
        &self,
        job: &ClaimedJob,
        run_at: Timestamp,
        dead_at: Option<Timestamp>,
        error: &str,
    ) -> Result<()> {
        let params = params![job.id, job.lease.as_slice(), run_at, dead_at, error];
        self.db
            .write(Statement::new(&FAIL, params.into()))
            .await
            .map(drop)
    }

    /// The next jobs after `after` by id, which is by age; only the dead ones if `dead`.
    pub async fn jobs_after(&self, after: JobId, dead: bool) -> Result<Vec<Job>> {
        let sql = if dead { &OLDEST_DEAD } else { &OLDEST };
        self.db.rows(sql, &params![after, BATCH_ROWS], job).await
    }

    /// Makes a job run now, with all its attempts. False: there is none of this id, or somebody
    /// runs it at this moment.
    pub async fn retry_job(&self, id: JobId, now: Timestamp) -> Result<bool> {
        let retry = Statement::new(&RETRY, params![id, now].into());
        Ok(self.db.write(retry).await?.changed == 1)
    }

    /// Makes every dead job run now, with all its attempts; gives how many there were.
    pub async fn retry_dead_jobs(&self, now: Timestamp) -> Result<u64> {
        let retry = Statement::new(&RETRY_DEAD, params![now].into());
        Ok(self.db.write(retry).await?.changed)
    }

    /// How many jobs there are.
    pub async fn count_jobs(&self) -> Result<JobCounts> {
        let counts = self.db.row(&COUNT, &[], |row| {
            Ok(JobCounts {
                waiting: row.int(0)?,
                dead: row.int(1)?,
                oldest: row.opt_time(2)?,
            })
        });
        Ok(counts.await?.unwrap_or_default())
    }

    /// Takes one step of purging jobs that died before `before`; gives how many went.
    pub async fn purge_jobs(&self, before: Timestamp) -> Result<u64> {
        let purge = Statement::new(&PURGE, params![before, BATCH_ROWS].into());
        Ok(self.db.write(purge).await?.changed)
    }
}

/// Takes away the jobs of a kind that wait for an account; rides along with what makes them pointless.
pub(crate) fn supersede(user_id: UserId, kind: &str) -> Statement {
    Statement::new(&SUPERSEDE, params![user_id, kind].into())
}

/// Enqueues a job; rides along with the write that wants it.
pub(crate) fn enqueue(new: &NewJob) -> Statement {
    let (user_id, key) = match &new.account {
        JobAccount::None => (None, None),
        JobAccount::Of(id) => (Some(*id), None),
        JobAccount::Named(key) => (None, Some(key.as_str())),
    };
    let params = params![
        new.id,
        new.kind,
        user_id,
        key,
        new.payload.as_str(),
        new.created_at,
    ];
    Statement::new(&INSERT, params.into())
}

fn job(row: &Row<'_>) -> Result<Job> {
    Ok(Job {
        id: id(row, 0)?,
        kind: row.text(1)?.to_owned(),
        created_at: row.time(2)?,
        run_at: row.time(3)?,
        attempts: row.int(4)?,
        leased_until: row.opt_time(5)?,
        last_error: row.opt_text(6)?.map(str::to_owned),
        dead_at: row.opt_time(7)?,
    })
}

fn id(row: &Row<'_>, column: usize) -> Result<JobId> {
    JobId::from_bytes(row.bytes(column)?)
        .ok_or_else(|| Error::Other("a column is not a UUID".into()))
}
