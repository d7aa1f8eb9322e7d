//! Threads that hash passwords: few, at the lowest priority, with short queues, so that a storm of
//! log-ins slows nobody but those who log in.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::password::{HashError, Hasher, Memory};
use crate::{Error, PasswordProfile};

/// How many log-ins may wait.
const LOGINS: usize = 64;
/// How many registrations may wait: they must not starve log-ins.
const REGISTRATIONS: usize = 16;
/// One job of so many is a registration, if both wait.
const TURN: u64 = 4;
/// When whoever was sent away should come back.
const RETRY_AFTER: Duration = Duration::from_secs(2);
const NICE: i32 = 19;

type Password = Zeroizing<Vec<u8>>;

/// What came of comparing a password.
pub(crate) struct Verified {
    pub(crate) matches: bool,
    /// A hash with the parameters of today, if the one compared had others.
    pub(crate) rehash: Option<String>,
}

/// The queues are full, or too slow.
#[derive(Debug)]
pub(crate) struct Overloaded;

impl From<Overloaded> for Error {
    fn from(_: Overloaded) -> Self {
        Self::Overloaded {
            retry_after: RETRY_AFTER,
        }
    }
}

enum Job {
    Verify {
        password: Password,
        hash: Option<String>,
        reply: oneshot::Sender<Verified>,
    },
    Hash {
        password: Password,
        reply: oneshot::Sender<String>,
    },
}

#[derive(Default)]
struct Queues {
    logins: VecDeque<Job>,
    registrations: VecDeque<Job>,
    taken: u64,
    closed: bool,
}

struct Shared {
    queues: Mutex<Queues>,
    woken: Condvar,
    hasher: Hasher,
    /// With which the passwords of unknown users are compared.
    nobody: String,
    hashes: AtomicU64,
}

pub(crate) struct HashThreads {
    shared: Arc<Shared>,
    /// How long somebody waits before being told to come back.
    patience: Duration,
    threads: Vec<JoinHandle<()>>,
}

impl HashThreads {
    pub(crate) fn start(
        profile: PasswordProfile,
        pepper: Option<Vec<u8>>,
        patience: Duration,
    ) -> std::io::Result<Self> {
        let other = |error: HashError| std::io::Error::other(error);
        let hasher = Hasher::new(profile, pepper).map_err(other)?;
        let nobody = hasher.nobodys_hash().map_err(other)?;
        let shared = Shared {
            queues: Mutex::default(),
            woken: Condvar::new(),
            hasher,
            nobody,
            hashes: AtomicU64::new(0),
        };
        let shared = Arc::new(shared);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..cores.saturating_sub(1).max(1)).map(|number| {
            let shared = Arc::clone(&shared);
            let name = format!("hash-{number}");
            std::thread::Builder::new()
                .name(name)
                .spawn(move || run(&shared))
        });
        let threads = threads.collect::<std::io::Result<_>>()?;
        Ok(Self {
            shared,
            patience,
            threads,
        })
    }

    /// Compares a password with a hash; with none the work is the same, and nothing matches.
    pub(crate) async fn verify(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<Verified, Overloaded> {
        let (reply, answer) = oneshot::channel();
        self.push(Job::Verify {
            password,
            hash,
            reply,
        })?;
        wait(answer, self.patience).await
    }

    /// Hashes a password for somebody who registers.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Overloaded> {
        let (reply, answer) = oneshot::channel();
        self.push(Job::Hash { password, reply })?;
        wait(answer, self.patience).await
    }

    /// How many hashes were computed.
    pub(crate) fn hashes_started(&self) -> u64 {
        self.shared.hashes.load(Ordering::Relaxed)
    }

    fn push(&self, job: Job) -> Result<(), Overloaded> {
        let mut queues = self
            .shared
            .queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (queue, room) = match job {
            Job::Verify { .. } => (&mut queues.logins, LOGINS),
            Job::Hash { .. } => (&mut queues.registrations, REGISTRATIONS),
        };
        // Who has given up holds no place.
        queue.retain(|job| !job.is_abandoned());
        if queue.len() >= room {
            return Err(Overloaded);
        }
        queue.push_back(job);
        self.shared.woken.notify_one();
        Ok(())
    }
}

impl Drop for HashThreads {
    fn drop(&mut self) {
        self.shared
            .queues
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.shared.woken.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that hashes passwords had panicked");
            }
        }
    }
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Verify { reply, .. } => reply.is_closed(),
            Self::Hash { reply, .. } => reply.is_closed(),
        }
    }
}

impl Queues {
    fn pop(&mut self) -> Option<Job> {
        self.taken += 1;
        if self.taken.is_multiple_of(TURN) {
            self.registrations
                .pop_front()
                .or_else(|| self.logins.pop_front())
        } else {
            self.logins
                .pop_front()
                .or_else(|| self.registrations.pop_front())
        }
    }
}

async fn wait<T>(answer: oneshot::Receiver<T>, patience: Duration) -> Result<T, Overloaded> {
    // A job whose answer never comes has failed, and was logged.
    tokio::time::timeout(patience, answer)
        .await
        .map_err(|_| Overloaded)?
        .map_err(|_| Overloaded)
}

fn run(shared: &Shared) {
    // On Linux this lowers the calling thread alone. Where it is not allowed, hashing is just as
    // right and less polite.
    #[cfg(target_os = "linux")]
    if rustix::process::setpriority_process(None, NICE).is_err() {
        tracing::debug!("the threads that hash passwords keep their priority");
    }
    let mut memory = Memory::new();
    while let Some(job) = next(shared) {
        if !job.is_abandoned()
            && let Err(error) = work(shared, job, &mut memory)
        {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a password was not hashed"
            );
        }
    }
}

fn next(shared: &Shared) -> Option<Job> {
    let mut queues = shared.queues.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if queues.closed {
            return None;
        }
        if let Some(job) = queues.pop() {
            return Some(job);
        }
        queues = shared
            .woken
            .wait(queues)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

fn work(shared: &Shared, job: Job, memory: &mut Memory) -> Result<(), HashError> {
    let hasher = &shared.hasher;
    shared.hashes.fetch_add(1, Ordering::Relaxed);
    match job {
        Job::Hash { password, reply } => {
            // Who asked may be gone by now.
            drop(reply.send(hasher.hash(&password, memory)?));
        }
        Job::Verify {
            password,
            hash,
            reply,
        } => {
            let compared = hash.as_deref().unwrap_or(&shared.nobody);
            let equal = hasher.matches(&password, compared, memory)?;
            let matches = equal & hash.is_some();
            let rehash = if matches && hasher.is_outdated(compared) {
                shared.hashes.fetch_add(1, Ordering::Relaxed);
                Some(hasher.hash(&password, memory)?)
            } else {
                None
            };
            drop(reply.send(Verified { matches, rehash }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads() -> HashThreads {
        patient(PasswordProfile::Standard)
    }

    /// However busy the machine is, nobody gives up.
    fn patient(profile: PasswordProfile) -> HashThreads {
        HashThreads::start(profile, None, Duration::from_hours(1)).unwrap()
    }

    fn password(text: &str) -> Password {
        text.as_bytes().to_vec().into()
    }

    #[tokio::test]
    async fn an_unknown_user_costs_what_a_known_one_does() {
        let threads = threads();
        let hash = threads.hash(password("right")).await.unwrap();
        let mut costs = Vec::new();

        for hash in [Some(hash), None] {
            let before = threads.hashes_started();
            assert!(
                !threads
                    .verify(password("wrong"), hash)
                    .await
                    .unwrap()
                    .matches
            );
            costs.push(threads.hashes_started() - before);
        }

        assert_eq!(costs, [1, 1]);
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_is_renewed() {
        let hardened = patient(PasswordProfile::Hardened);
        let hash = hardened.hash(password("right")).await.unwrap();

        let verified = threads()
            .verify(password("right"), Some(hash))
            .await
            .unwrap();

        assert!(verified.matches);
        assert!(verified.rehash.is_some_and(|hash| hash.contains("m=19456")));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_does_not_fit_the_queue_is_told_to_come_back() {
        let threads = threads();
        let jobs: Vec<_> = (0..200)
            .map(|_| threads.verify(password("x"), None))
            .collect();

        let answers = futures_util::future::join_all(jobs).await;

        let refused = answers.iter().filter(|answer| answer.is_err()).count();
        assert!((1..200).contains(&refused), "{refused}");
    }

    #[test]
    fn registrations_do_not_starve_logins_nor_the_reverse() {
        let mut queues = Queues::default();
        for _ in 0..6 {
            let (reply, _) = oneshot::channel();
            queues.logins.push_back(Job::Verify {
                password: password("x"),
                hash: None,
                reply,
            });
            let (reply, _) = oneshot::channel();
            queues.registrations.push_back(Job::Hash {
                password: password("x"),
                reply,
            });
        }

        let order: String = std::iter::from_fn(|| queues.pop())
            .map(|job| match job {
                Job::Verify { .. } => 'l',
                Job::Hash { .. } => 'r',
            })
            .collect();

        assert_eq!(order, "lllrlllrrrrr");
    }
}
