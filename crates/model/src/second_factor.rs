//! Second factors: time-based one-time passwords (RFC 6238), and recovery codes in their place.

use crate::{Timestamp, UserId};

/// What a check of a second factor needs to know of an account.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    /// Whose it is.
    pub user_id: UserId,
    /// How often the tokens of this account were revoked.
    pub generation: i64,
    /// The secret that codes follow from, sealed; offered or demanded.
    pub sealed_secret: Option<Vec<u8>>,
    /// Since when it is offered, and not confirmed yet.
    pub offered_at: Option<Timestamp>,
    /// Since when it is demanded.
    pub enabled_at: Option<Timestamp>,
    /// The last time step whose code was used up.
    pub last_step: i64,
    /// Since when attempts are counted.
    pub attempts_since: Timestamp,
}

/// A six-digit code about to be tried; it counts, right or wrong, until one was right.
#[derive(Clone, Copy, Debug)]
pub struct TotpAttempt {
    /// Whose code it is to be.
    pub user_id: UserId,
    /// How many may be tried in a window.
    pub most: i64,
    /// When.
    pub now: Timestamp,
    /// A window that began by then is over.
    pub over: Timestamp,
}

/// What a right code was, and what is used up with it.
#[derive(Clone, Debug)]
pub enum FactorProof {
    /// A time-based one: the codes up to this time step.
    Totp {
        /// The time step of the code.
        step: i64,
    },
    /// The recovery code of which this is the hash, if there is one.
    Recovery {
        /// SHA-256 of the code.
        hash: [u8; 32],
    },
}
