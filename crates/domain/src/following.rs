//! How far this node has followed what other processes write: what it keeps in memory is worth as
//! much as its last look.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use store::Position;
use tokio::sync::Mutex;

use crate::{Domain, Error, Result};

/// How long after a look what is in memory may be trusted. A revocation on another node may follow
/// upon that look at once, and must hold within a second: together with the time for an answer this
/// is less. It is real time and not the clock's: a clock that is set must not stretch it.
const TRUSTED: Duration = Duration::from_millis(900);

/// How long a look may take. The next one goes by another connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// When the last look began.
pub(crate) struct Following {
    position: Mutex<Position>,
    started: Instant,
    /// Microseconds from `started`; 0 is never.
    looked: AtomicU64,
}

impl Following {
    pub(crate) fn new() -> Self {
        Self {
            position: Mutex::default(),
            started: Instant::now(),
            looked: AtomicU64::new(0),
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.started).as_micros();
        u64::try_from(since).unwrap_or(u64::MAX).max(1)
    }

    /// Whether what is in memory may be trusted.
    fn is_current(&self) -> bool {
        let looked = self.looked.load(Ordering::Acquire);
        let trusted = u64::try_from(TRUSTED.as_micros()).unwrap_or_default();
        looked != 0 && self.micros(Instant::now()) < looked.saturating_add(trusted)
    }
}

impl Domain {
    /// Takes note of what other processes have written: a server calls this twice a second, and
    /// when there are news.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer within two seconds.
    pub async fn follow(&self) -> Result<()> {
        let look = tokio::time::timeout(PATIENCE, async {
            let mut position = self.following.position.lock().await;
            self.look(&mut position).await
        });
        look.await
            .map_err(|late| Error::Unavailable(store::Error::Unavailable(late.into())))?
    }

    /// Whether what is in memory may be used without asking.
    pub(crate) fn is_current(&self) -> bool {
        self.following.is_current()
    }

    async fn look(&self, position: &mut Position) -> Result<()> {
        let began = Instant::now();
        self.follow_signing_keys().await?;
        self.store.follow(position).await?;
        let began = self.following.micros(began);
        self.following.looked.store(began, Ordering::Release);
        Ok(())
    }

    /// Waits until another node says that there is something to look at.
    pub async fn news(&self) {
        self.store.news().await;
    }

    /// Hears at once what other nodes write, and tells them of this one's writes; never ends.
    pub async fn stay_in_touch(&self) {
        self.store.stay_in_touch().await;
    }
}
