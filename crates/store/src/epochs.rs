//! How often what is kept in memory was changed, by this node or by others that it follows.
//!
//! Nothing is ever taken out of a memory when something changes. What is kept carries the epoch
//! that it was read in, and a change begins a new epoch: what is older does not count any more. A
//! reader takes the epoch before it reads; if a write comes between its reading and its filling
//! in, what it fills in is old already.

use std::sync::atomic::{AtomicU64, Ordering};

use model::{PostId, UserId};

/// Accounts share epochs, and posts do: a change of one lets a few others go as well.
const SHARES: usize = 4096;

/// What a write changes of what may be kept in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// What an account may do, or which of its sessions are alive.
    Account(UserId),
    /// A post was changed or taken away, and with it every list.
    Post(PostId),
    /// A post was added: every list.
    Posts,
    /// Anything.
    All,
}

/// The epoch in which somebody began to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u64);

/// The epochs of this node.
#[derive(Debug)]
pub struct Epochs {
    of_account: Vec<AtomicU64>,
    of_post: Vec<AtomicU64>,
    of_lists: AtomicU64,
    of_all: AtomicU64,
}

impl Default for Epochs {
    fn default() -> Self {
        let shared = || (0..SHARES).map(|_| AtomicU64::new(0)).collect();
        Self {
            of_account: shared(),
            of_post: shared(),
            of_lists: AtomicU64::new(0),
            of_all: AtomicU64::new(0),
        }
    }
}

impl Epochs {
    /// The epoch to remember before reading about an account and its sessions.
    pub fn of_account(&self, id: UserId) -> Epoch {
        self.with_all(share(&self.of_account, id.0))
    }

    /// The epoch to remember before reading a post.
    pub fn of_post(&self, id: PostId) -> Epoch {
        self.with_all(share(&self.of_post, id.0))
    }

    /// The epoch to remember before reading a list of posts.
    pub fn of_lists(&self) -> Epoch {
        self.with_all(&self.of_lists)
    }

    /// Begins new epochs for what was changed.
    pub fn advance(&self, change: Change) {
        let next = |epoch: &AtomicU64| epoch.fetch_add(1, Ordering::SeqCst);
        match change {
            Change::Account(id) => next(share(&self.of_account, id.0)),
            Change::Post(id) => {
                next(share(&self.of_post, id.0));
                next(&self.of_lists)
            }
            Change::Posts => next(&self.of_lists),
            Change::All => next(&self.of_all),
        };
    }

    fn with_all(&self, own: &AtomicU64) -> Epoch {
        // Both only grow, so that their sum is the same only if neither has changed.
        Epoch(own.load(Ordering::SeqCst) + self.of_all.load(Ordering::SeqCst))
    }
}

fn share(epochs: &[AtomicU64], id: i64) -> &AtomicU64 {
    &epochs[usize::try_from(id.rem_euclid(SHARES as i64)).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the epochs of account 1, post 1 and lists a change advances.
    fn advanced(change: Change) -> [bool; 3] {
        let epochs = Epochs::default();
        let all = || {
            [
                epochs.of_account(UserId(1)),
                epochs.of_post(PostId(1)),
                epochs.of_lists(),
            ]
        };
        let before = all();
        epochs.advance(change);
        let after = all();
        [0, 1, 2].map(|place| before[place] != after[place])
    }

    #[test]
    fn a_change_advances_what_depends_on_it() {
        assert_eq!(advanced(Change::Account(UserId(1))), [true, false, false]);
        assert_eq!(advanced(Change::Account(UserId(2))), [false, false, false]);
        assert_eq!(advanced(Change::Post(PostId(1))), [false, true, true]);
        assert_eq!(advanced(Change::Post(PostId(2))), [false, false, true]);
        assert_eq!(advanced(Change::Posts), [false, false, true]);
        assert_eq!(advanced(Change::All), [true, true, true]);
    }
}
