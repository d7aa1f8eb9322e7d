//! How often something may be tried: quotas, counted in memory on each node.
//!
//! The algorithm is GCRA, the "leaky bucket as a meter" (ITU-T I.371, annex A): one time per key,
//! no list of attempts. An attempt is counted before its outcome is known, so that a hundred at
//! once are counted as a hundred, and given back when it turns out not to count.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::Timestamp;

/// Keys kept at most, so that memory is bounded.
const KEYS: usize = 100_000;

/// So many in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub count: u32,
    /// In which time they come back.
    pub period: Duration,
}

impl Quota {
    /// `count` in `seconds` seconds.
    pub const fn new(count: u32, seconds: u64) -> Self {
        Self {
            count,
            period: Duration::from_secs(seconds),
        }
    }
}

impl FromStr for Quota {
    type Err = String;

    /// Reads `10/1m`: a count, and a period in seconds, minutes or hours.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no quota: write a count and a period, such as 10/1m");
        let (count, period) = text.split_once('/').ok_or_else(wrong)?;
        let unit = match period.chars().last() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            _ => return Err(wrong()),
        };
        let count: u32 = count.parse().map_err(|_| wrong())?;
        let units: u32 = period[..period.len() - 1].parse().map_err(|_| wrong())?;
        if count == 0 || units == 0 || units > 1_000 {
            return Err(wrong());
        }
        Ok(Self::new(count, u64::from(units) * unit))
    }
}

/// Every limit of Inkgate.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// Failed log-ins to one account from one address.
    pub login_of_account_from_address: Quota,
    /// Failed log-ins from one address.
    pub login_from_address: Quota,
    /// Failed log-ins to one account, from addresses that it was never used from.
    pub login_of_account: Quota,
    /// Registrations from one address.
    pub registration: Quota,
    /// Writes of one user.
    pub writes: Quota,
    /// Mails that are asked for to one address.
    pub mail_to_one: Quota,
    /// Mails that are asked for from one address of the network, or by one user.
    pub mail_from_one: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            login_of_account_from_address: Quota::new(10, 60),
            login_from_address: Quota::new(30, 600),
            login_of_account: Quota::new(100, 3600),
            registration: Quota::new(10, 3600),
            writes: Quota::new(300, 60),
            mail_to_one: Quota::new(5, 3600),
            mail_from_one: Quota::new(20, 3600),
        }
    }
}

/// A quota that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Which one it is.
    pub name: &'static str,
    /// How much it allows.
    pub quota: Quota,
    /// When the next attempt is allowed.
    pub retry_after: Duration,
}

/// The attempts at one kind of thing, by key.
pub(crate) struct Meter {
    name: &'static str,
    quota: Quota,
    // For each key the time by which all that was counted is settled, in microseconds.
    settled_at: Mutex<HashMap<u64, i64>>,
}

impl Meter {
    pub(crate) fn new(name: &'static str, quota: Quota) -> Self {
        Self {
            name,
            quota,
            settled_at: Mutex::default(),
        }
    }

    /// Says whether an attempt would be one too many, and counts none.
    pub(crate) fn check(&self, key: u64, now: Timestamp) -> Result<(), Exceeded> {
        let settled_at = self
            .settled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now = now.as_micros();
        let settled = settled_at.get(&key).copied().unwrap_or(now);
        self.next(settled, now).map(drop)
    }

    /// Counts an attempt, or says that it is one too many.
    pub(crate) fn take(&self, key: u64, now: Timestamp) -> Result<(), Exceeded> {
        let now = now.as_micros();
        let mut settled_at = self
            .settled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if settled_at.len() >= KEYS {
            make_room(&mut settled_at, now);
        }
        let settled = settled_at.entry(key).or_insert(now);
        *settled = self.next(*settled, now)?;
        Ok(())
    }

    /// When one attempt more would be settled, if it is allowed.
    fn next(&self, settled: i64, now: i64) -> Result<i64, Exceeded> {
        let (period, next) = (micros(self.quota.period), settled.max(now) + self.cost());
        if next - now <= period {
            return Ok(next);
        }
        let wait = u64::try_from(next - now - period).unwrap_or_default();
        Err(Exceeded {
            name: self.name,
            quota: self.quota,
            retry_after: Duration::from_micros(wait),
        })
    }

    /// Takes back one that was counted.
    pub(crate) fn give_back(&self, key: u64) {
        let mut settled_at = self
            .settled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(settled) = settled_at.get_mut(&key) {
            *settled -= self.cost();
        }
    }

    fn cost(&self) -> i64 {
        micros(self.quota.period) / i64::from(self.quota.count)
    }
}

/// Forgets what is settled, and if that is not enough the half that will be settled first: many
/// keys with one attempt each do not make a used-up quota forgotten.
fn make_room(settled_at: &mut HashMap<u64, i64>, now: i64) {
    settled_at.retain(|_, settled| *settled > now);
    if settled_at.len() >= KEYS {
        let mut times: Vec<i64> = settled_at.values().copied().collect();
        let (_, median, _) = times.select_nth_unstable(KEYS / 2);
        settled_at.retain(|_, settled| *settled > *median);
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn meter() -> Meter {
        Meter::new("test", Quota::new(3, 60))
    }

    #[test]
    fn the_count_is_exact_and_comes_back_bit_by_bit() {
        let meter = meter();
        for _ in 0..3 {
            assert!(meter.take(1, NOW).is_ok());
        }

        let exceeded = meter.take(1, NOW).unwrap_err();
        assert_eq!(exceeded.retry_after, Duration::from_secs(20));
        assert!(meter.take(2, NOW).is_ok(), "another key has its own");

        let later = NOW.after(exceeded.retry_after);
        assert!(meter.take(1, later).is_ok());
        assert!(meter.take(1, later).is_err());
    }

    #[test]
    fn asking_does_not_count() {
        let meter = meter();
        for _ in 0..3 {
            assert!(meter.check(1, NOW).is_ok());
            assert!(meter.take(1, NOW).is_ok());
        }

        let asked = meter.check(1, NOW);
        assert!(asked.is_err());
        assert_eq!(asked, meter.take(1, NOW));
    }

    #[test]
    fn what_is_given_back_does_not_count() {
        let meter = meter();
        for _ in 0..100 {
            assert!(meter.take(1, NOW).is_ok());
            meter.give_back(1);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let meter = meter();
        for key in 0..(KEYS as u64 * 2) {
            meter.take(key, NOW).unwrap();
        }

        assert!(meter.settled_at.lock().unwrap().len() <= KEYS);
    }

    #[test]
    fn a_flood_of_keys_does_not_make_a_used_up_quota_forgotten() {
        let meter = meter();
        for _ in 0..3 {
            meter.take(u64::MAX, NOW).unwrap();
        }

        for key in 0..(KEYS as u64 * 2) {
            meter.take(key, NOW).unwrap();
        }

        assert!(meter.take(u64::MAX, NOW).is_err());
    }

    #[test]
    fn a_quota_is_a_count_and_a_period() {
        assert_eq!("10/1m".parse(), Ok(Quota::new(10, 60)));
        assert_eq!("100/2h".parse(), Ok(Quota::new(100, 7200)));
        for text in ["", "10", "0/1m", "10/0m", "10/m", "x/1m", "10/1d", "10/é"] {
            assert!(text.parse::<Quota>().is_err(), "{text}");
        }
    }
}
