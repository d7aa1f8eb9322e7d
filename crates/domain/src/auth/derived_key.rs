//! Keys made from `SECRET_KEY`, a different one for each purpose (HKDF, RFC 5869): what leaks of
//! one tells nothing of another.

use ring::hkdf::{HKDF_SHA256, KeyType, Okm, Salt};

/// What a key is for; the text must never change, since keys follow from it.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Seals the private halves of signing keys.
    SigningKeys,
    /// Authenticates refresh tokens.
    RefreshTokens,
    /// Seals the secrets of second factors.
    SecondFactors,
    /// Seals the audit log.
    AuditSeals,
    /// Stands for names that nobody has, in the audit log.
    AuditNames,
}

impl Purpose {
    const fn text(self) -> &'static [u8] {
        match self {
            Self::SigningKeys => b"signing keys, 1",
            Self::RefreshTokens => b"refresh tokens, 1",
            Self::SecondFactors => b"second factors, 1",
            Self::AuditSeals => b"audit seals, 1",
            Self::AuditNames => b"audit names, 1",
        }
    }
}

/// Makes a key of the type that `length` stands for.
pub(crate) fn derive<L, K>(secret: &[u8], purpose: Purpose, length: L) -> Option<K>
where
    L: KeyType,
    K: for<'a> From<Okm<'a, L>>,
{
    let pseudorandom = Salt::new(HKDF_SHA256, b"inkgate").extract(secret);
    let purpose = [purpose.text()];
    let key = pseudorandom.expand(&purpose, length).ok()?;
    Some(key.into())
}
