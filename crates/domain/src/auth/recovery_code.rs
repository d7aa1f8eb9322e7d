//! Recovery codes: each stands in for a second factor once, when the device is gone.

use data_encoding::BASE32_NOPAD;
use model::Secret;
use sha2::{Digest, Sha256};

/// How many a user gets.
pub(crate) const COUNT: usize = 10;
const BYTES: usize = 10;
/// How many characters stand together, so that a code can be copied by hand.
const GROUP: usize = 4;

/// A code of 80 random bits: too many to be guessed, from a hash too.
#[derive(Debug)]
pub(crate) struct RecoveryCode(Secret<[u8; BYTES]>);

impl RecoveryCode {
    /// A code of these random bytes.
    pub(crate) const fn new(bytes: [u8; BYTES]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Reads a code in capitals and without hyphens; `None` for what is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE32_NOPAD.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self::new)
    }

    /// What its owner is shown, once: base32 (RFC 4648, section 6) in groups of four.
    pub(crate) fn text(&self) -> Secret<String> {
        let digits = BASE32_NOPAD.encode(self.0.reveal());
        let mut text = String::with_capacity(digits.len() + digits.len() / GROUP);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(digit);
        }
        Secret::new(text)
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.reveal()).into()
    }
}
