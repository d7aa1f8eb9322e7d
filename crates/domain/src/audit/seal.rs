//! Sealing: each second, what is new gets a place in the chain.

use model::AuditSeal;

use super::verify::NO_SEAL;
use crate::{Domain, Result};

/// How many events one seal vouches for at most.
pub(super) const EVENTS: u32 = 256;

impl Domain {
    /// Writes what was counted in the minutes that are over, and seals what is new; a server calls
    /// this each second.
    pub async fn tend_audit_log(&self) -> Result<()> {
        let gathered = self.gathered.take_over(self.clock.now());
        self.write_gathered(&gathered).await?;
        self.seal_audit_log().await
    }

    /// Writes all that was counted, and seals what is new; a server calls this at its end.
    pub async fn finish_audit_log(&self) -> Result<()> {
        let gathered = self.gathered.take_all();
        self.write_gathered(&gathered).await?;
        self.seal_audit_log().await
    }

    async fn write_gathered(&self, entries: &[model::AuditEntry]) -> Result<()> {
        // In short lists: others write too.
        for entries in entries.chunks(100) {
            self.store.insert_audit_entries(entries).await?;
        }
        Ok(())
    }

    /// Gives every event that has none a place in the chain.
    pub async fn seal_audit_log(&self) -> Result<()> {
        // Until none waits: what another node was faster to seal left others behind.
        while self.seal_once().await? > 0 {}
        Ok(())
    }

    /// Adds a seal for the events that wait, if there are any; gives how many there were. If
    /// another node has been faster, nothing is done: what it left still waits.
    async fn seal_once(&self) -> Result<usize> {
        let waiting = self.store.audit_events_waiting(EVENTS).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let last = self.store.last_audit_seal().await?;
        let (number, before) = last.map_or((0, NO_SEAL.to_vec()), |seal| (seal.number, seal.mac));
        let key = self.audit_keys.current();
        let events: Vec<_> = waiting
            .iter()
            .map(|event| (event.id, key.sign_event(event)))
            .collect();
        let mut seal = AuditSeal {
            number: number + 1,
            at: self.clock.now(),
            key_id: key.id.clone(),
            events: i64::from(u32::try_from(events.len()).unwrap_or(EVENTS)),
            mac: Vec::new(),
        };
        let codes = events.iter().map(|(_, mac)| mac.as_slice());
        seal.mac = key.sign_seal(&seal, &before, codes);
        self.store.insert_audit_seal(&seal, &events).await?;
        Ok(events.len())
    }
}
