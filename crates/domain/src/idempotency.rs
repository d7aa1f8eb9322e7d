//! Doing once what a client has given a key (draft-ietf-httpapi-idempotency-key-header).
//!
//! The key is stored in the list of the write that it stands for, so that neither is there without
//! the other. The answer is stored after that; where it is missing, it is made anew.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use model::{IdempotencyKey, NewIdempotencyKey, StoredAnswer, StoredIdempotencyKey};
use sha2::{Digest, Sha256};

use crate::{Actor, Domain, Error, Result};

/// What runs on this node: hashes of keys, each with the hash of its body.
type Running = Mutex<HashMap<[u8; 32], [u8; 32]>>;

/// On what terms something is changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// The version that it must have; `None`: any.
    pub version: Option<i64>,
    /// What is stored with the change, so that it is made once.
    pub key: Option<NewIdempotencyKey>,
}

#[derive(Default)]
pub(crate) struct RunningKeys(Arc<Running>);

/// A key that is this request's alone on this node, until it is dropped.
pub struct ClaimedKey {
    key: NewIdempotencyKey,
    running: Arc<Running>,
}

impl ClaimedKey {
    /// What to store with what is done.
    pub const fn key(&self) -> &NewIdempotencyKey {
        &self.key
    }
}

impl Drop for ClaimedKey {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.key.key_hash);
    }
}

impl RunningKeys {
    fn claim(&self, key: NewIdempotencyKey) -> Result<ClaimedKey> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match running.entry(key.key_hash) {
            Entry::Occupied(other) if *other.get() == key.body_hash => {
                Err(Error::IdempotencyInProgress)
            }
            Entry::Occupied(_) => Err(Error::IdempotencyMismatch),
            Entry::Vacant(vacant) => {
                vacant.insert(key.body_hash);
                let running = Arc::clone(&self.0);
                Ok(ClaimedKey { key, running })
            }
        }
    }
}

impl Domain {
    /// Claims a key for a request of `actor`'s to `route` with this body.
    ///
    /// # Errors
    /// [`Error::IdempotencyInProgress`] while another request has it, and
    /// [`Error::IdempotencyMismatch`] where that has another body.
    pub fn claim_key(
        &self,
        actor: &Actor,
        route: &str,
        key: &IdempotencyKey,
        body: &[u8],
    ) -> Result<ClaimedKey> {
        let now = self.clock.now();
        // Neither a number nor a path holds a NUL, so that no two meet in one text.
        let whole = format!("{}\0{route}\0{}", actor.id, key.as_str());
        self.running_keys.claim(NewIdempotencyKey {
            key_hash: Sha256::digest(whole).into(),
            user_id: actor.id,
            body_hash: Sha256::digest(body).into(),
            now,
            expires_at: now.after(IdempotencyKey::REMEMBERED),
        })
    }

    /// What was done under a key already, if something was.
    ///
    /// # Errors
    /// [`Error::IdempotencyMismatch`] where it came with another body.
    pub async fn done_already(&self, claimed: &ClaimedKey) -> Result<Option<StoredIdempotencyKey>> {
        let NewIdempotencyKey {
            key_hash,
            body_hash,
            now,
            ..
        } = &claimed.key;
        let stored = self.store.idempotency_key(key_hash, *now).await?;
        if stored
            .as_ref()
            .is_some_and(|stored| stored.body_hash != *body_hash)
        {
            return Err(Error::IdempotencyMismatch);
        }
        Ok(stored)
    }

    /// Remembers how a request was answered. What it has done is on disk already: that the answer
    /// is not is no reason to refuse it.
    pub async fn remember_answer(&self, claimed: &ClaimedKey, answer: &StoredAnswer) {
        let stored = self.store.store_answer(&claimed.key, answer);
        if let Err(error) = stored.await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "an answer is not remembered for its idempotency key");
        }
    }
}
