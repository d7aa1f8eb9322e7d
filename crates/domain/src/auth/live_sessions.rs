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

    /// What is known of a session or, where that is nothing or not to be `trusted`, what `ask`
    /// answers: how it stands, and when it ends by itself.
    pub(super) async fn known_or_asked<E>(
        &self,
        key: Key,
        (epochs, now): (&Epochs, Timestamp),
        trusted: bool,
        ask: impl Future<Output = Result<Option<(SessionState, Timestamp)>, E>>,
    ) -> Result<Option<SessionState>, E> {
        if trusted && let Some(known) = self.get(&key, epochs, now) {
            return Ok(Some(known));
        }
        // Before asking: what changes while the answer is on its way makes it old.
        let read_in = epochs.of_account(key.0);
        let Some((state, ends_at)) = ask.await? else {
            return Ok(None);
        };
        self.keep(key, &state, ends_at, read_in);
        Ok(Some(state))
    }

    /// What is known of a session, unless that is too old or the session has ended by itself.
    fn get(&self, key: &Key, epochs: &Epochs, now: Timestamp) -> Option<SessionState> {
        let kept = self.0.get(key)?;
        let counts = kept.read_in == epochs.of_account(key.0) && now < kept.expires_at;
        counts.then(|| kept.state.clone())
    }

    /// Keeps what was read of a session that was alive; `read_in` is the epoch before reading.
    fn keep(&self, key: Key, state: &SessionState, expires_at: Timestamp, read_in: Epoch) {
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

    #[tokio::test]
    async fn a_session_that_ends_while_it_is_read_is_not_known_as_alive() {
        let (sessions, epochs) = (LiveSessions::new(), Epochs::default());
        let alive = || Ok::<_, ()>(Some((state(), at(10))));
        let slow = async {
            epochs.advance(Change::Account(USER));
            alive()
        };

        let clock = (&epochs, at(0));
        let read = sessions.known_or_asked(key(1), clock, true, slow).await;

        assert!(read.unwrap().is_some(), "it was alive when it was read");
        let over = async { Ok::<_, ()>(None) };
        let again = sessions.known_or_asked(key(1), clock, true, over).await;
        assert!(again.unwrap().is_none());
        // What nothing has changed is asked once, unless memory is not to be trusted.
        let asked = sessions.known_or_asked(key(1), clock, true, async { alive() });
        assert!(asked.await.unwrap().is_some());
        let unasked = async { panic!("asked twice") };
        let known = sessions.known_or_asked::<()>(key(1), clock, true, unasked);
        assert!(known.await.unwrap().is_some());
        let over = async { Ok::<_, ()>(None) };
        let distrusted = sessions.known_or_asked(key(1), clock, false, over).await;
        assert!(distrusted.unwrap().is_none());
    }
}
