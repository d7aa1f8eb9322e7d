//! What happens too often to be written each time: counted in memory by key, and written once a
//! minute. A crash loses the counts of one minute, never an entry of another kind.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::{AuditAccount, AuditActor, AuditEntry, Timestamp};
use serde_json::{Value, json};

/// Keys counted apart in one minute; what is beyond them is counted together.
const KEYS: usize = 1_000;
/// Failed log-ins that a server writes one by one in a minute; what is beyond them is counted.
const FAILURES: u32 = 600;
const MINUTE: i64 = 60_000_000;

/// What was counted and not yet written.
#[derive(Default)]
pub(crate) struct Gathered(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    hits: HashMap<(&'static str, u64), Hit>,
    failures: (i64, u32),
}

struct Hit {
    first: AuditEntry,
    count: u64,
}

impl Gathered {
    /// Counts one more refusal of the limit `limit` under `key`.
    pub(crate) fn hit(&self, limit: &'static str, key: u64, entry: AuditEntry) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.count((limit, key), entry);
    }

    /// Gives a failed log-in back to be written, unless there are too many in this minute.
    pub(crate) fn failure(&self, entry: AuditEntry) -> Option<AuditEntry> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = minute_of(entry.at);
        if inner.failures.0 != minute {
            inner.failures = (minute, 0);
        }
        if inner.failures.1 < FAILURES {
            inner.failures.1 += 1;
            return Some(entry);
        }
        inner.count(("", 0), anonymous(entry));
        None
    }

    /// The entries for the minutes that are over at `now`, each with its count.
    pub(crate) fn take_over(&self, now: Timestamp) -> Vec<AuditEntry> {
        self.take(|at| minute_of(at) != minute_of(now))
    }

    /// All that was counted.
    pub(crate) fn take_all(&self) -> Vec<AuditEntry> {
        self.take(|_| true)
    }

    fn take(&self, is_over: impl Fn(Timestamp) -> bool) -> Vec<AuditEntry> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = inner.hits.extract_if(|_, hit| is_over(hit.first.at));
        over.map(|((limit, _), Hit { first, count })| told(first, limit, count))
            .collect()
    }
}

impl Inner {
    fn count(&mut self, key: (&'static str, u64), entry: AuditEntry) {
        let full = self.hits.len() >= KEYS && !self.hits.contains_key(&key);
        let (key, first) = if full {
            ((key.0, u64::MAX), anonymous(entry))
        } else {
            (key, entry)
        };
        let hit = self.hits.entry(key).or_insert(Hit { first, count: 0 });
        hit.count += 1;
    }
}

/// An entry that speaks of several: of nobody in particular.
fn anonymous(entry: AuditEntry) -> AuditEntry {
    AuditEntry {
        actor: AuditActor::Nobody,
        account: AuditAccount::None,
        subject: None,
        client: None,
        ..entry
    }
}

/// An entry that says of how many it tells.
fn told(mut entry: AuditEntry, limit: &str, count: u64) -> AuditEntry {
    let add = |details: &str| {
        // Our own details are always an object.
        let mut details: Value = serde_json::from_str(details).unwrap_or_else(|_| json!({}));
        details["count"] = count.into();
        match limit {
            "" => details["reason"] = "gathered".into(),
            limit => details["limit"] = limit.into(),
        }
        details.to_string()
    };
    entry.details = add(&entry.details);
    if let AuditAccount::Named {
        details_if_nobody, ..
    }
    | AuditAccount::Mailed {
        details_if_nobody, ..
    } = &mut entry.account
    {
        *details_if_nobody = add(details_if_nobody);
    }
    entry
}

fn minute_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(MINUTE)
}

#[cfg(test)]
mod tests {
    use model::AuditKind;

    use super::*;

    fn entry(micros: i64, kind: AuditKind) -> AuditEntry {
        AuditEntry {
            at: Timestamp::from_micros(micros),
            kind,
            actor: AuditActor::Nobody,
            account: AuditAccount::None,
            subject: None,
            details: "{}".to_owned(),
            client: None,
        }
    }

    fn hit(gathered: &Gathered, key: u64, micros: i64) {
        gathered.hit("writes", key, entry(micros, AuditKind::LimitHit));
    }

    #[test]
    fn a_minute_of_one_key_is_one_entry() {
        let gathered = Gathered::default();
        for key in [1, 2, 2, 2] {
            hit(&gathered, key, 5);
        }

        assert!(
            gathered
                .take_over(Timestamp::from_micros(MINUTE - 1))
                .is_empty()
        );
        let mut told: Vec<_> = gathered
            .take_over(Timestamp::from_micros(MINUTE))
            .into_iter()
            .map(|entry| entry.details)
            .collect();
        told.sort();

        let one = r#"{"count":1,"limit":"writes"}"#;
        let three = r#"{"count":3,"limit":"writes"}"#;
        assert_eq!(told, [one, three]);
        assert!(gathered.take_all().is_empty());
    }

    #[test]
    fn a_flood_of_keys_is_a_bounded_number_of_entries_and_none_is_lost() {
        let gathered = Gathered::default();
        for key in 0..5_000 {
            hit(&gathered, key, 5);
        }

        let entries = gathered.take_all();

        assert_eq!(entries.len(), KEYS + 1);
        let rest = format!(r#"{{"count":{},"limit":"writes"}}"#, 5_000 - KEYS);
        assert!(entries.iter().any(|entry| entry.details == rest));
    }

    #[test]
    fn failures_beyond_a_number_in_a_minute_are_counted_together() {
        let gathered = Gathered::default();
        let fail = |micros| gathered.failure(entry(micros, AuditKind::LogInFailed));
        for _ in 0..FAILURES {
            assert!(fail(0).is_some());
        }
        assert!(fail(1).is_none() && fail(2).is_none());
        assert!(fail(MINUTE).is_some());

        let entries = gathered.take_all();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].details, r#"{"count":2,"reason":"gathered"}"#);
    }
}
