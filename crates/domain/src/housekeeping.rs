//! What is done now and then, without anybody asking.

use std::time::Duration;

use crate::{Domain, Result};

/// How long an ended session is remembered: from its address the account was used before.
const SESSIONS_REMEMBERED: Duration = Duration::from_hours(24 * 90);

/// How long it is remembered where an event of the audit log came from.
const CLIENTS_REMEMBERED: Duration = Duration::from_hours(24 * 90);

/// How long a dead job is kept for somebody to look at.
const DEAD_JOBS_KEPT: Duration = Duration::from_hours(24 * 30);

/// How long a post stays in the trash.
const TRASH_KEPT: Duration = Duration::from_hours(24 * 30);

impl Domain {
    /// Purges, in small steps, deleted users with all that was theirs, sessions long over, log-ins
    /// that nobody finished, where old events came from, dead jobs, one-time tokens, idempotency keys,
    /// and what has been in the trash for 30 days; rotates
    /// the keys that sign tokens when their time has come. Gives how many rows went.
    pub async fn tidy(&self) -> Result<u64> {
        self.tidy_signing_keys().await?;
        self.reseal_totp_secrets().await?;
        let mut gone = self.store.purge_events().await?;
        let forgotten = self.clock.now().before(CLIENTS_REMEMBERED);
        loop {
            let before = self.clock.now().before(SESSIONS_REMEMBERED);
            let dead = self.clock.now().before(DEAD_JOBS_KEPT);
            let step = self.store.purge_deleted_users().await?
                + self.store.purge_sessions(before).await?
                + self.store.purge_pending_logins(self.clock.now()).await?
                + self.store.purge_audit_clients(forgotten).await?
                + self.store.purge_jobs(dead).await?
                + self
                    .store
                    .purge_trash(self.clock.now().before(TRASH_KEPT))
                    .await?
                + self.store.purge_one_time_tokens(self.clock.now()).await?
                + self.store.purge_preview_links(self.clock.now()).await?
                + self.store.purge_idempotency_keys(self.clock.now()).await?;
            if step == 0 {
                return Ok(gone);
            }
            gone += step;
        }
    }
}
