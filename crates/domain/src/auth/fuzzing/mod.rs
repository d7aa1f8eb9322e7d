//! What must hold for every token that somebody can send. The tests ask it of some hundred random
//! ones, the targets in `fuzz` of as many as there is time for; the program has none of this.

mod signed;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{OneTimeKind, Secret};

pub(super) use signed::ed25519;
pub use signed::{v1_signed, v1_token, v2_signed, v2_token};

use super::refresh_token::{BYTES, PREFIX, checksum};
use super::{MfaToken, OneTimeTokenText, PersonalTokenText, RefreshKeys, RefreshToken};

/// No text is a genuine refresh token, its checksum right or not.
pub fn refresh_token(text: &str) {
    let keys = RefreshKeys::new(&Secret::new(b"a key that nobody knows".to_vec()), &[]);
    let keys = keys.expect("a key");
    let guessed = text.as_bytes().get(..BYTES).map(|bytes| {
        let bytes = [bytes, &checksum(bytes)].concat();
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    });
    for text in [
        text,
        &format!("{PREFIX}{text}"),
        &guessed.unwrap_or_default(),
    ] {
        if let Some(token) = RefreshToken::parse(text) {
            assert!(token.counter >= 0);
            assert!(!keys.made(&token, &[9; 16]), "{text}");
        }
    }
}

/// A personal access token has one spelling.
pub fn personal_token(text: &str) {
    for text in [text, &format!("ink_pat_{text}")] {
        if let Some(token) = PersonalTokenText::parse(text) {
            assert_eq!(token.text().reveal(), text);
        }
    }
}

/// A one-time token has one spelling, and is of one kind.
pub fn one_time_token(text: &str) {
    use OneTimeKind::{Reset, Verify};
    for (kind, other) in [(Reset, Verify), (Verify, Reset)] {
        for text in [text, &format!("ink_{}_{text}", kind.as_str())] {
            if let Some(token) = OneTimeTokenText::parse(kind, text) {
                assert_eq!(token.text().reveal(), text);
                assert!(OneTimeTokenText::parse(other, text).is_none());
            }
        }
    }
}

/// The token of a log-in that waits for a code has one spelling.
pub fn mfa_token(text: &str) {
    for text in [text, &format!("ink_mfa_{text}")] {
        if let Some(token) = MfaToken::parse(text) {
            assert_eq!(token.text().reveal(), text);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_breaks_a_token(text in "[0-9A-Za-z_-]{43}|[0-9A-Za-z_]{22}_[0-9A-Za-z]{44}_[0-9A-Za-z]{6}|.{0,100}") {
            refresh_token(&text);
            personal_token(&text);
            one_time_token(&text);
            mfa_token(&text);
        }
    }
}
