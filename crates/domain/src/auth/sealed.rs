//! Secrets at rest: encrypted and authenticated under a key that follows from `SECRET_KEY`, so
//! that a stolen database signs nothing.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::derived_key::{Purpose, derive};

/// Seals and opens what is kept under one purpose.
pub(super) struct SealingKey(LessSafeKey);

impl SealingKey {
    pub(super) fn new(secret: &[u8], purpose: Purpose) -> Option<Self> {
        let key: UnboundKey = derive(secret, purpose, &CHACHA20_POLY1305)?;
        Some(Self(LessSafeKey::new(key)))
    }

    /// Seals `plain`; it opens under the same `name` alone, so that two sealed texts cannot be
    /// exchanged. `nonce` must be random.
    pub(super) fn seal(&self, plain: &[u8], name: &str, nonce: [u8; NONCE_LEN]) -> Option<Vec<u8>> {
        let mut sealed = Zeroizing::new(plain.to_vec());
        let sealing = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(sealing, Aad::from(name), &mut sealed)
            .ok()?;
        Some([&nonce, sealed.as_slice(), tag.as_ref()].concat())
    }

    /// Opens what [`SealingKey::seal`] gave; `None` under another key or name, or when a bit of it
    /// was changed.
    pub(super) fn open(&self, sealed: &[u8], name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let length = self
            .0
            .open_in_place(nonce, Aad::from(name), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &[u8]) -> SealingKey {
        SealingKey::new(secret, Purpose::SigningKeys).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_under_its_own_key_and_name_alone() {
        let sealed = key(b"secret").seal(b"private", "k1", [7; 12]).unwrap();

        assert_eq!(
            key(b"secret").open(&sealed, "k1").unwrap().as_slice(),
            b"private"
        );
        assert!(key(b"secret").open(&sealed, "k2").is_none());
        assert!(key(b"other").open(&sealed, "k1").is_none());
        assert!(!sealed.windows(7).any(|window| window == b"private"));
    }

    #[test]
    fn a_changed_bit_opens_nothing() {
        let sealed = key(b"secret").seal(b"private", "k1", [7; 12]).unwrap();

        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key(b"secret").open(&changed, "k1").is_none(), "{place}");
        }
        for length in 0..sealed.len() {
            assert!(key(b"secret").open(&sealed[..length], "k1").is_none());
        }
    }
}
