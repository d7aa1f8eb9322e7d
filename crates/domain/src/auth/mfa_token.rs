//! Tokens for log-ins that wait for a code: 256 random bits, of which a hash is stored.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::Secret;
use sha2::{Digest, Sha256};

const PREFIX: &str = "ink_mfa_";

/// A token; whether a log-in waits for it, its hash tells.
#[derive(Debug)]
pub(crate) struct MfaToken(Secret<[u8; 32]>);

impl MfaToken {
    /// A token of these random bytes.
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Reads a token; `None` for what is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let text = text.strip_prefix(PREFIX)?;
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (length == bytes.len()).then(|| Self::new(bytes))
    }

    /// What a client is given, once.
    pub(crate) fn text(&self) -> Secret<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.encode(self.0.reveal());
        Secret::new(format!("{PREFIX}{bytes}"))
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.reveal()).into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_comes_back_and_has_one_spelling(bytes: [u8; 32], at in 8usize..51, to in "[A-Za-z0-9_-]") {
            let token = MfaToken::new(bytes);
            let text = token.text();

            prop_assert_eq!(MfaToken::parse(text.reveal()).unwrap().hash(), token.hash());
            let mut changed = text.reveal().clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(&changed != text.reveal());
            let changed = MfaToken::parse(&changed);
            prop_assert!(changed.is_none_or(|changed| changed.hash() != token.hash()));
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,80}") {
            drop(MfaToken::parse(&text));
            drop(MfaToken::parse(&format!("{PREFIX}{text}")));
        }
    }
}
