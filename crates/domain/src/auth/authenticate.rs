//! From a token to somebody: the token must verify, and what it stands for must be alive.

use std::time::Duration;

use model::{Role, SessionId, SessionState, Timestamp, UserId};

use super::jws::{Parts, Refused};
use super::key_ring::KeyRing;
use super::v1_token::{TokenError, V1Claims};
use super::{Actor, Caller, ClientAddress, Credential, v2_token};
use crate::{AuthFailure, Domain, Error, Result};

/// The longest that a token of the seed's may still run.
const SEED_TOKEN_LIFE: Duration = Duration::from_hours(24);

impl Domain {
    /// Recognises the caller by a v1 token.
    pub async fn authenticate_v1(&self, token: &str) -> Result<Actor> {
        let token = self
            .v1_keys
            .verify(token, self.clock.now())
            .map_err(|error| match error {
                TokenError::Expired => Error::Unauthenticated(AuthFailure::ExpiredToken),
                TokenError::Invalid(reason) => token_refused(reason),
            })?;
        let state = match token.claims.session {
            Some((session, generation)) => {
                self.state_of_session(token.claims.user_id, session, generation)
                    .await?
            }
            None => {
                self.state_of_seed_token(&token.claims, token.signed_by_current)
                    .await?
            }
        };
        actor_of(state)
    }

    /// Recognises the caller by any token that stands in an `Authorization` header.
    pub async fn authenticate(&self, token: &str, address: &ClientAddress) -> Result<Caller> {
        if token.starts_with("ink_") {
            return self.authenticate_personal(token, address).await;
        }
        self.follow_keys_if_behind().await?;
        let (ring, now) = (self.signing_keys.ring(), self.clock.now());
        // Only v1 and its own rules know what a token is that no key of ours has signed.
        let Some(parts) = Parts::of(token).ok().filter(|token| ring.knows(token)) else {
            return Ok(Caller {
                actor: self.authenticate_v1(token).await?,
                credential: Credential::V1Token,
            });
        };
        self.caller_of_session(&ring, &parts, now).await
    }

    /// Recognises the caller by an access token of v2, and by no other.
    pub async fn authenticate_session(&self, token: &str) -> Result<Caller> {
        self.follow_keys_if_behind().await?;
        let (ring, now) = (self.signing_keys.ring(), self.clock.now());
        let parts = Parts::of(token).map_err(|Refused(reason)| token_refused(reason))?;
        self.caller_of_session(&ring, &parts, now).await
    }

    async fn caller_of_session(
        &self,
        ring: &KeyRing,
        parts: &Parts<'_>,
        now: Timestamp,
    ) -> Result<Caller> {
        let issuer = &self.settings.public_url;
        let claims = v2_token::verify(ring, issuer, parts, now)
            .map_err(|Refused(reason)| token_refused(reason))?;
        let state = self
            .state_of_session(claims.user_id, claims.session, claims.generation)
            .await?;
        Ok(Caller {
            actor: actor_of(state)?,
            credential: Credential::Session(claims.session),
        })
    }

    /// A server that does not know what others have written asks the database each time: for the
    /// keys here, and for everything else where it is needed.
    async fn follow_keys_if_behind(&self) -> Result<()> {
        if self.is_current() {
            return Ok(());
        }
        self.follow_signing_keys().await
    }

    async fn state_of_session(
        &self,
        user_id: UserId,
        session: SessionId,
        generation: i64,
    ) -> Result<SessionState> {
        let now = self.clock.now();
        let asking = async { self.store.session_state(session, user_id, now).await };
        let clock = (self.store.epochs(), now);
        let state = self
            .live_sessions
            .known_or_asked((user_id, session), clock, self.is_current(), asking)
            .await?;
        let state = state.ok_or_else(|| token_refused("the session is over"))?;
        if generation != state.generation {
            return Err(token_refused("the account's tokens were revoked"));
        }
        Ok(state)
    }

    /// The seed's own tokens stand for no session: they cannot be ended one by one, and are
    /// therefore taken only from accounts that could not do much harm and were never revoked.
    async fn state_of_seed_token(&self, claims: &V1Claims, current: bool) -> Result<SessionState> {
        if !self.settings.accept_seed_tokens {
            return Err(token_refused("tokens without a session are not accepted"));
        }
        let latest = self.clock.now().after(SEED_TOKEN_LIFE).as_seconds();
        if !current || claims.expires_at > latest {
            return Err(token_refused(
                "the token runs too long, or the key was replaced",
            ));
        }
        let state = self.store.account_state(claims.user_id).await?;
        let state = state.ok_or_else(|| token_refused("there is no such user"))?;
        if state.generation != 0 || state.role >= Role::Editor {
            return Err(token_refused("the account demands tokens with a session"));
        }
        Ok(state)
    }
}

pub(crate) fn actor_of(state: SessionState) -> Result<Actor> {
    if state.suspended {
        return Err(token_refused("the account is suspended"));
    }
    Ok(Actor {
        id: state.user_id,
        username: state.username,
        role: state.role,
    })
}

/// Callers get one answer whatever the reason, which goes to the log.
pub(crate) fn token_refused(reason: &'static str) -> Error {
    tracing::debug!(reason, "a token was refused");
    Error::Unauthenticated(AuthFailure::InvalidToken)
}
