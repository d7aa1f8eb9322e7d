//! Personal access tokens as text: `ink_pat_<id>_<secret>_<checksum>`, in base62.

use model::{PersonalTokenId, Secret};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "ink_pat_";
/// How many digits 128 bits have.
const DIGITS: usize = 22;
/// How many digits 32 bits have.
const CHECK_DIGITS: usize = 6;

/// A token as it came; whether it is genuine, the hash of its secret tells.
#[derive(Debug)]
pub(crate) struct PersonalTokenText {
    pub(crate) id: PersonalTokenId,
    secret: Secret<[u8; 32]>,
}

impl PersonalTokenText {
    /// A token of this id and secret.
    pub(crate) const fn new(id: PersonalTokenId, secret: [u8; 32]) -> Self {
        Self {
            id,
            secret: Secret::new(secret),
        }
    }

    /// Reads a token; `None` for what is none, or another spelling of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(PREFIX)?.split('_');
        let (id, secret, _) = (parts.next()?, parts.next()?, parts.next()?);
        let (high, low) = secret.split_at_checked(DIGITS)?;
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&base62::decode(high).ok()?.to_be_bytes());
        bytes[16..].copy_from_slice(&base62::decode(low).ok()?.to_be_bytes());
        let id = PersonalTokenId(Uuid::from_u128(base62::decode(id).ok()?));
        let token = Self::new(id, bytes);
        // The checksum is compared with it: whoever types a token wrong is no guesser.
        (*token.text().reveal() == text).then_some(token)
    }

    /// What its owner is shown, once.
    pub(crate) fn text(&self) -> Secret<String> {
        let half = |half: usize| {
            let bytes = self.secret.reveal()[half..half + 16].iter();
            let number = bytes.fold(0, |number, byte| number << 8 | u128::from(*byte));
            digits(number, DIGITS)
        };
        let id = digits(self.id.0.as_u128(), DIGITS);
        let body = format!("{PREFIX}{id}_{}{}", half(0), half(16));
        let hash = Sha256::digest(&body);
        let check = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        Secret::new(format!("{body}_{}", digits(check.into(), CHECK_DIGITS)))
    }

    /// What is stored of the secret. It has 256 random bits: nothing slower is needed.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.reveal()).into()
    }

    /// Whether this is the token of which `hash` was stored; compared in constant time.
    pub(crate) fn is_genuine(&self, hash: &[u8]) -> bool {
        self.hash().as_slice().ct_eq(hash).into()
    }
}

fn digits(number: u128, width: usize) -> String {
    format!("{:0>width$}", base62::encode(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(id: u128, secret: [u8; 32]) -> PersonalTokenText {
        PersonalTokenText::new(PersonalTokenId(Uuid::from_u128(id)), secret)
    }

    #[test]
    fn a_token_does_not_show_its_secret() {
        let shown = format!("{:?}", token(1, [171; 32]));

        assert!(shown.contains("[redacted]"), "{shown}");
        assert!(!shown.contains("171"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_token_comes_back(id: u128, secret: [u8; 32]) {
            let text = token(id, secret).text();
            let again = PersonalTokenText::parse(text.reveal()).unwrap();

            prop_assert_eq!(again.id.0.as_u128(), id);
            prop_assert!(again.is_genuine(&token(id, secret).hash()));
            prop_assert_eq!(text.reveal().len(), 8 + 22 + 1 + 44 + 1 + 6);
        }

        #[test]
        fn a_changed_character_is_no_token(id: u128, at in 8usize..82, to in "[0-9A-Za-z_]") {
            let text = token(id, [7; 32]).text();
            let mut changed = text.reveal().clone();
            changed.replace_range(at..=at, &to);

            prop_assume!(&changed != text.reveal());
            prop_assert!(PersonalTokenText::parse(&changed).is_none());
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,100}") {
            prop_assert!(PersonalTokenText::parse(&text).is_none());
            let prefixed = format!("{PREFIX}{text}");
            prop_assert!(PersonalTokenText::parse(&prefixed).is_none());
        }
    }
}
