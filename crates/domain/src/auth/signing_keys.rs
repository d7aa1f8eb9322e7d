//! The life of the keys that sign v2 tokens: next, active, retired. There is always one that
//! signs, and one that is published so that everybody knows it by the time it does.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use model::{AuditKind, KeyState, Secret, SigningKey};

use super::derived_key::Purpose;
use super::key_ring::{KeyRing, generate, open};
use super::sealed::SealingKey;
use crate::audit::By;
use crate::{Domain, Error, Noun, Result};

/// How long a key signs.
const ACTIVE: Duration = Duration::from_hours(24 * 90);
/// How long a key is kept that does not sign any more: longer than any token that it has signed.
const RETIRED: Duration = Duration::from_hours(1);

/// The keys in memory, and what opens their private halves.
pub(crate) struct SigningKeys {
    ring: RwLock<(Vec<SigningKey>, Arc<KeyRing>)>,
    /// The first seals, all open.
    seals: Vec<SealingKey>,
}

impl SigningKeys {
    /// No keys yet; seals follow from these secrets.
    pub(crate) fn new(current: &Secret<Vec<u8>>, previous: &[Secret<Vec<u8>>]) -> Option<Self> {
        let seal =
            |secret: &Secret<Vec<u8>>| SealingKey::new(secret.reveal(), Purpose::SigningKeys);
        let seals = std::iter::once(current).chain(previous).map(seal);
        let seals = seals.collect::<Option<Vec<_>>>()?;
        let ring = RwLock::new((Vec::new(), Arc::new(KeyRing::new(&[], &seals, None))));
        Some(Self { ring, seals })
    }

    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    fn hold(&self, keys: Vec<SigningKey>) {
        if keys != self.ring.read().unwrap_or_else(PoisonError::into_inner).0 {
            let ring = Arc::new(KeyRing::new(&keys, &self.seals, Some(&self.ring())));
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = (keys, ring);
        }
    }
}

impl Domain {
    /// Takes away keys that open under none of our secrets, so that others take their place. A server
    /// calls this at its start alone: later, one that does not open was sealed by a server that
    /// has a newer secret already.
    pub async fn replace_lost_signing_keys(&self) -> Result<()> {
        let keys = self.store.signing_keys().await?;
        let lost = |key: &&SigningKey| key.state != KeyState::Retired && !self.opens(key);
        for key in keys.iter().filter(lost) {
            tracing::warn!(
                kid = key.kid,
                "a signing key opens under none of SECRET_KEY and SECRET_KEY_PREVIOUS: it is replaced"
            );
            let entry = self.entry(AuditKind::SigningKeyRevoked, By::Server);
            let entry = entry.about("signing_key", &key.kid);
            self.store.delete_signing_key(&key.kid, &[entry]).await?;
        }
        self.follow_signing_keys().await
    }

    /// Takes the stored keys into memory, and makes those that are missing. A server calls this
    /// often, so that it follows other nodes and the command line.
    pub async fn follow_signing_keys(&self) -> Result<()> {
        let mut keys = self.store.signing_keys().await?;
        let find = |state| keys.iter().find(|key| key.state == state);
        let (active, next) = (find(KeyState::Active), find(KeyState::Next));
        if active.is_none() || next.is_none() {
            let now = self.clock.now();
            match (active, next) {
                // Whoever keeps our public keys knows the next one already.
                (None, Some(next)) => self.store.activate_signing_key(&next.kid, now).await?,
                (None, None) => self.insert_new_key(KeyState::Active).await?,
                (Some(_), _) => {}
            }
            self.insert_new_key(KeyState::Next).await?;
            keys = self.store.signing_keys().await?;
        }
        self.signing_keys.hold(keys);
        Ok(())
    }

    /// Rotates keys whose time has come, forgets those that nothing depends on any more, and seals
    /// under today's secret what was sealed under one of before.
    pub async fn tidy_signing_keys(&self) -> Result<()> {
        let now = self.clock.now();
        let keys = self.store.signing_keys().await?;
        let active = keys.iter().find(|key| key.state == KeyState::Active);
        let since = active.and_then(|key| key.activated_at).unwrap_or(now);
        if now.since(since) >= ACTIVE {
            self.rotate(By::Server).await?;
        }
        self.store.purge_signing_keys(now.before(RETIRED)).await?;
        self.reseal(&keys).await
    }

    /// The public halves of the keys, as a JWK set (RFC 7517, section 5).
    pub fn jwks(&self) -> Bytes {
        self.signing_keys.ring().jwks()
    }

    /// Every key, oldest first.
    pub async fn list_signing_keys(&self) -> Result<Vec<SigningKey>> {
        Ok(self.store.signing_keys().await?)
    }

    /// From the command line, lets the next key sign from now on, and makes a new next one. Tokens of before stay good.
    ///
    /// Where there are no keys yet, or none that opens, this makes them, as a server does at its
    /// start.
    pub async fn rotate_signing_keys(&self) -> Result<()> {
        self.rotate(By::CommandLine).await
    }

    async fn rotate(&self, by: By<'_>) -> Result<()> {
        self.replace_lost_signing_keys().await?;
        let keys = self.store.signing_keys().await?;
        let kid = |state| {
            keys.iter()
                .find(|key| key.state == state)
                .map(|key| &key.kid)
        };
        if let (Some(active), Some(next)) = (kid(KeyState::Active), kid(KeyState::Next)) {
            let new = self.new_key(KeyState::Next)?;
            let entry = self.entry(AuditKind::SigningKeyRotated, by);
            let entry = entry.about("signing_key", &next);
            // If that fails, another node has done it just now.
            self.store
                .rotate_signing_keys(active, next, &new, &entry)
                .await?;
        }
        self.follow_signing_keys().await
    }

    /// From the command line, takes a key away at once: every token that it has signed is refused from now on.
    pub async fn revoke_signing_key(&self, kid: &str) -> Result<()> {
        let entry = self.entry(AuditKind::SigningKeyRevoked, By::CommandLine);
        let entry = entry.about("signing_key", &kid);
        if !self.store.delete_signing_key(kid, &[entry]).await? {
            return Err(Error::NotFound(Noun::SigningKey));
        }
        self.follow_signing_keys().await
    }

    async fn insert_new_key(&self, state: KeyState) -> Result<()> {
        let new = self.new_key(state)?;
        Ok(self.store.insert_signing_key(&new).await?)
    }

    /// Seals under today's secret what was sealed under one of before.
    async fn reseal(&self, keys: &[SigningKey]) -> Result<()> {
        let Some((current, _)) = self.signing_keys.seals.split_first() else {
            return Ok(());
        };
        for key in keys {
            let sealed = &key.sealed_private_key;
            if current.open(sealed, &key.kid).is_none()
                && let Some(private) = open(key, &self.signing_keys.seals)
                && let Some(anew) = current.seal(&private, &key.kid, self.random()?)
            {
                self.store
                    .reseal_signing_key(&key.kid, sealed, &anew)
                    .await?;
            }
        }
        Ok(())
    }

    fn new_key(&self, state: KeyState) -> Result<SigningKey> {
        let seal = &self.signing_keys.seals[0];
        generate(state, seal, self.random()?, self.clock.now()).ok_or_else(|| {
            Error::Unexpected(store::Error::Other(
                "a signing key could not be made".into(),
            ))
        })
    }

    fn opens(&self, key: &SigningKey) -> bool {
        open(key, &self.signing_keys.seals).is_some()
    }
}
