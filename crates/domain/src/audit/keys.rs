//! The keys of the audit log, which follow from `SECRET_KEY`.

use model::{AuditEvent, AuditSeal, Secret};
use ring::hmac::{HMAC_SHA256, Key, sign, verify};

use super::encoding;
use crate::auth::derived_key::{Purpose, derive};

/// How many bytes tell a key from others.
const KEY_ID: usize = 8;
/// How many bytes stand for a name that nobody has.
const NAME_CODE: usize = 8;

/// The keys: the first seals, all prove.
pub(crate) struct AuditKeys {
    seals: Vec<SealKey>,
    names: Key,
}

/// A key for seals, with what it is known by.
pub(super) struct SealKey {
    pub(super) id: Vec<u8>,
    key: Key,
}

impl AuditKeys {
    /// Keys that follow from these secrets.
    pub(crate) fn new(current: &Secret<Vec<u8>>, previous: &[Secret<Vec<u8>>]) -> Option<Self> {
        let seals = std::iter::once(current).chain(previous).map(SealKey::new);
        Some(Self {
            seals: seals.collect::<Option<_>>()?,
            names: derive(current.reveal(), Purpose::AuditNames, HMAC_SHA256)?,
        })
    }

    /// The key that seals.
    pub(super) fn current(&self) -> &SealKey {
        &self.seals[0]
    }

    /// The key that is known by `id`.
    pub(super) fn find(&self, id: &[u8]) -> Option<&SealKey> {
        self.seals.iter().find(|key| key.id == id)
    }

    /// What stands for a name that nobody has: nobody without the key can tell which it is.
    pub(super) fn code_of_name(&self, name: &str) -> String {
        hex(&sign(&self.names, name.as_bytes()).as_ref()[..NAME_CODE])
    }
}

impl SealKey {
    fn new(secret: &Secret<Vec<u8>>) -> Option<Self> {
        let key = derive(secret.reveal(), Purpose::AuditSeals, HMAC_SHA256)?;
        // No event and no seal is written like this.
        let id = sign(&key, b"which key this is").as_ref()[..KEY_ID].to_vec();
        Some(Self { id, key })
    }

    /// The code over an event.
    pub(super) fn sign_event(&self, event: &AuditEvent) -> Vec<u8> {
        sign(&self.key, &encoding::of_event(event))
            .as_ref()
            .to_vec()
    }

    /// Whether `mac` is the code over `event`; compared in constant time.
    pub(super) fn made_event(&self, event: &AuditEvent, mac: &[u8]) -> bool {
        verify(&self.key, &encoding::of_event(event), mac).is_ok()
    }

    /// The code over a seal that comes after the one of the code `before`.
    pub(super) fn sign_seal<'a>(
        &self,
        seal: &AuditSeal,
        before: &[u8],
        events: impl Iterator<Item = &'a [u8]>,
    ) -> Vec<u8> {
        let message = encoding::of_seal(seal, before, events);
        sign(&self.key, &message).as_ref().to_vec()
    }

    /// Whether the code of `seal` is right; compared in constant time.
    pub(super) fn made_seal<'a>(
        &self,
        seal: &AuditSeal,
        before: &[u8],
        events: impl Iterator<Item = &'a [u8]>,
    ) -> bool {
        let message = encoding::of_seal(seal, before, events);
        verify(&self.key, &message, &seal.mac).is_ok()
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
