//! The keys that sign v2 tokens, as they are stored.

use std::str::FromStr;

use crate::Timestamp;

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, and not used yet.
    Next,
    /// Signs.
    Active,
    /// Verifies what it has signed, until that has expired.
    Retired,
}

impl KeyState {
    /// The word for it in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

impl FromStr for KeyState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "next" => Ok(Self::Next),
            "active" => Ok(Self::Active),
            "retired" => Ok(Self::Retired),
            _ => Err(format!("{text:?} is no state of a key")),
        }
    }
}

/// A pair of Ed25519 keys (RFC 8032).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// Its name: the thumbprint of the public half (RFC 7638).
    pub kid: String,
    /// Where it stands in its life.
    pub state: KeyState,
    /// The public half, 32 bytes.
    pub public_key: Vec<u8>,
    /// The private half (PKCS #8), encrypted.
    pub sealed_private_key: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs, or signed.
    pub activated_at: Option<Timestamp>,
    /// Since when it does not sign any more.
    pub retired_at: Option<Timestamp>,
}
