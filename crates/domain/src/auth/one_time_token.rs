//! One-time tokens as text: `ink_reset_...` or `ink_verify_...`, with 256 random bits in base64url.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{OneTimeKind, Secret};
use sha2::{Digest, Sha256};

/// A token as it came, or as it is mailed.
#[derive(Debug)]
pub(crate) struct OneTimeTokenText {
    kind: OneTimeKind,
    secret: Secret<[u8; 32]>,
}

impl OneTimeTokenText {
    /// A token of this kind and secret.
    pub(crate) const fn new(kind: OneTimeKind, secret: [u8; 32]) -> Self {
        let secret = Secret::new(secret);
        Self { kind, secret }
    }

    /// Reads a token of this kind; `None` for what is none, or another spelling of one.
    pub(crate) fn parse(kind: OneTimeKind, text: &str) -> Option<Self> {
        let secret = text.strip_prefix(&prefix(kind))?;
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).ok()?;
        Some(Self::new(kind, secret.try_into().ok()?))
    }

    /// What is mailed.
    pub(crate) fn text(&self) -> Secret<String> {
        let secret = BASE64_URL_SAFE_NO_PAD.encode(self.secret.reveal());
        Secret::new(prefix(self.kind) + &secret)
    }

    /// What is stored of the secret. It has 256 random bits: nothing slower is needed.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.reveal()).into()
    }
}

fn prefix(kind: OneTimeKind) -> String {
    format!("ink_{}_", kind.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_comes_back_as_its_own_kind_alone(secret: [u8; 32]) {
            let token = OneTimeTokenText::new(OneTimeKind::Reset, secret);
            let text = token.text();
            let again = OneTimeTokenText::parse(OneTimeKind::Reset, text.reveal()).unwrap();

            prop_assert_eq!(again.hash(), token.hash());
            prop_assert!(OneTimeTokenText::parse(OneTimeKind::Verify, text.reveal()).is_none());
            prop_assert_eq!(text.reveal().len(), 10 + 43);
            let shown = format!("{token:?}");
            prop_assert!(shown.contains("[redacted]"));
        }

        #[test]
        fn a_changed_character_is_another_token_or_none(at in 0usize..53, to in "[0-9A-Za-z_=+/-]") {
            let token = OneTimeTokenText::new(OneTimeKind::Reset, [7; 32]);
            let mut changed = token.text().reveal().clone();
            changed.replace_range(at..=at, &to);

            prop_assume!(&changed != token.text().reveal());
            let other = OneTimeTokenText::parse(OneTimeKind::Reset, &changed);
            prop_assert!(other.is_none_or(|other| other.hash() != token.hash()));
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,100}") {
            prop_assert!(OneTimeTokenText::parse(OneTimeKind::Reset, &text).is_none());
        }
    }
}
