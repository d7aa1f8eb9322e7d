//! Reading the audit log: all of it for admins, one's own for everybody.

use model::{AuditFilter, AuditTrace, Cursor, Page, PageLimit};

use crate::auth::policy::{Action, may};
use crate::{Actor, Domain, Result};

impl Domain {
    /// Whether somebody may read the whole log; asked before the query is looked at.
    pub fn may_read_audit_log(&self, actor: &Actor) -> Result<()> {
        may(actor, Action::ReadAuditLog)
    }

    /// A page of the whole log, newest first. For admins.
    pub async fn newest_audit_events(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<AuditTrace>> {
        self.may_read_audit_log(actor)?;
        Ok(self
            .store
            .newest_audit_events(filter, before, limit)
            .await?)
    }

    /// A page of what happened to the caller's account and what the caller did, newest first. From
    /// where somebody else did it is not shown.
    pub async fn newest_activity(
        &self,
        actor: &Actor,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<AuditTrace>> {
        let filter = AuditFilter {
            user_id: Some(actor.id),
            ..AuditFilter::default()
        };
        let mut page = self
            .store
            .newest_audit_events(&filter, before, limit)
            .await?;
        for trace in &mut page.rows {
            if trace.event.actor_id.is_some_and(|id| id != actor.id.0) {
                trace.client = None;
            }
        }
        Ok(page)
    }
}
