//! Sessions in memory, each with the account behind it: most requests come with a token that was
//! seen a moment ago.

use std::sync::Arc;

use model::{SessionId, SessionState, Timestamp, UserId};
use quick_cache::sync::Cache;
use store::{Epoch, Epochs};

/// How many are kept; beyond that those go that are used least.
const MOST: usize = 131_072;

/// A session, and whose it must be.
pub(super) type Key = (UserId, SessionId);

pub(crate) struct LiveSessions(Cache<Key, Arc<Kept>>);

struct Kept {
    state: SessionState,
    expires_at: Timestamp,
    read_in: Epoch,
}

impl LiveSessions {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// What is known of a session, unless that is too old or the session has ended by itself.
    pub(super) fn get(&self, key: &Key, epochs: &Epochs, now: Timestamp) -> Option<SessionState> {
        let kept = self.0.get(key)?;
        let counts = kept.read_in == epochs.of_account(key.0) && now < kept.expires_at;
        counts.then(|| kept.state.clone())
    }

    /// Keeps what was read of a session that was alive; `read_in` is the epoch before reading.
    pub(super) fn keep(
        &self,
        key: Key,
        state: &SessionState,
        expires_at: Timestamp,
        read_in: Epoch,
    ) {
        let state = state.clone();
        self.0.insert(
            key,
            Arc::new(Kept {
                state,
                expires_at,
                read_in,
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use model::Role;
    use store::Change;

    use super::*;

    const USER: UserId = UserId(1);

    fn state() -> SessionState {
        SessionState {
            user_id: USER,
            username: "alice".to_owned(),
            role: Role::Author,
            generation: 0,
            suspended: false,
        }
    }

    fn key(number: u8) -> Key {
        (USER, SessionId::new(at(0), [number; 10]))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_session_is_known_until_it_ends_or_its_account_changes() {
        let (sessions, epochs) = (LiveSessions::new(), Epochs::default());
        sessions.keep(key(1), &state(), at(10), epochs.of_account(USER));

        assert!(sessions.get(&key(1), &epochs, at(9)).is_some());
        assert!(sessions.get(&key(1), &epochs, at(10)).is_none());
        assert!(sessions.get(&key(2), &epochs, at(9)).is_none());
        let of_another = (UserId(2), key(1).1);
        assert!(sessions.get(&of_another, &epochs, at(9)).is_none());
        epochs.advance(Change::Account(UserId(2)));
        assert!(sessions.get(&key(1), &epochs, at(9)).is_some());
        epochs.advance(Change::Account(USER));
        assert!(sessions.get(&key(1), &epochs, at(9)).is_none());
    }

    #[test]
    fn a_slow_reader_brings_no_session_back() {
        let (sessions, epochs) = (LiveSessions::new(), Epochs::default());
        let read_in = epochs.of_account(USER);

        epochs.advance(Change::Account(USER));
        sessions.keep(key(1), &state(), at(10), read_in);

        assert!(sessions.get(&key(1), &epochs, at(0)).is_none());
    }
}
