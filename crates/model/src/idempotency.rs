//! What a client gives a name, so that it is done once however often it is asked for.

use std::time::Duration;

use crate::{Timestamp, UserId};

/// The name that a client gave to something that it wants done once: 1 to 255 printable ASCII
/// characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters of a key.
    pub const MAX: usize = 255;

    /// For how long a key is remembered.
    pub const REMEMBERED: Duration = Duration::from_hours(24);

    /// Reads a key as it stands in a header.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let printable = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let fits = !bytes.is_empty() && bytes.len() <= Self::MAX;
        let text = str::from_utf8(bytes).ok()?;
        (printable && fits).then(|| Self(text.to_owned()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key to be stored with what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewIdempotencyKey {
    /// SHA-256 of whose key it is, of the route, and of the key.
    pub key_hash: [u8; 32],
    /// Whose key it is.
    pub user_id: UserId,
    /// SHA-256 of the body that it came with.
    pub body_hash: [u8; 32],
    /// When it came.
    pub now: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// What is remembered of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredIdempotencyKey {
    /// SHA-256 of the body that it came with.
    pub body_hash: [u8; 32],
    /// What was made, if something was.
    pub resource_id: Option<i64>,
    /// How it was answered; nothing if the server ended before it had stored that.
    pub answer: Option<StoredAnswer>,
}

/// An answer, to be given again byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Its status.
    pub status: u16,
    /// Its `Location`.
    pub location: Option<String>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its body, JSON unless it is empty.
    pub body: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_printable_ascii_of_limited_length() {
        let longest = [b'k'; IdempotencyKey::MAX];
        for key in [&b"k"[..], b"\"8e03978e-40d5\"", b"a b~!", &longest] {
            assert!(IdempotencyKey::parse(key).is_some(), "{key:?}");
        }
        let longer = [b'k'; IdempotencyKey::MAX + 1];
        for key in [
            &b""[..],
            "ü".as_bytes(),
            b"\xff",
            b"a\tb",
            b"\0",
            b"\x7f",
            &longer,
        ] {
            assert!(IdempotencyKey::parse(key).is_none(), "{key:?}");
        }
    }
}
