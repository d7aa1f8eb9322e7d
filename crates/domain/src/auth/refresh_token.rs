//! Refresh tokens: which session, which of its turns, and proof that both come from here. The
//! database keeps a counter and a nonce for each session, never a token.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{Secret, SessionId};
use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use sha2::{Digest, Sha256};

use super::derived_key::{Purpose, derive};

pub(super) const PREFIX: &str = "ink_rt_";
/// Session, counter and code.
pub(super) const BYTES: usize = 16 + 8 + 32;
/// A checksum follows: scanners for leaked secrets tell a token from noise by it.
const CHECK: usize = 4;

/// The keys for refresh tokens: the first makes, all verify.
pub(crate) struct RefreshKeys(Vec<Key>);

/// A token as it came; whether it is genuine, [`RefreshKeys::made`] tells.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    /// Which turn of the session it stands for, from 0 up.
    pub(crate) counter: i64,
    code: Secret<[u8; 32]>,
}

impl RefreshKeys {
    /// Keys that follow from these secrets.
    pub(crate) fn new(current: &Secret<Vec<u8>>, previous: &[Secret<Vec<u8>>]) -> Option<Self> {
        let key =
            |secret: &Secret<Vec<u8>>| derive(secret.reveal(), Purpose::RefreshTokens, HMAC_SHA256);
        let keys = std::iter::once(current).chain(previous).map(key);
        keys.collect::<Option<_>>().map(Self)
    }

    /// The token for a session's turn; the same each time.
    pub(crate) fn make(&self, session: SessionId, counter: i64, nonce: &[u8]) -> Secret<String> {
        let code = sign(&self.0[0], &signed(session, counter, nonce));
        let mut bytes = Vec::with_capacity(BYTES + CHECK);
        bytes.extend_from_slice(session.0.as_bytes());
        bytes.extend_from_slice(&counter.to_be_bytes());
        bytes.extend_from_slice(code.as_ref());
        bytes.extend_from_slice(&checksum(&bytes));
        Secret::new(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes)))
    }

    /// Whether `token` was made here for a session with this nonce; compared in constant time.
    pub(crate) fn made(&self, token: &RefreshToken, nonce: &[u8]) -> bool {
        let message = signed(token.session, token.counter, nonce);
        self.0
            .iter()
            .any(|key| verify(key, &message, token.code.reveal()).is_ok())
    }
}

impl RefreshToken {
    /// Reads a token; `None` for what is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(PREFIX)?;
        let mut bytes = [0; BYTES + CHECK];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        let (bytes, check) = bytes.split_at(BYTES);
        if checksum(bytes) != check {
            return None;
        }
        let counter = i64::from_be_bytes(bytes[16..24].try_into().ok()?);
        Some(Self {
            session: SessionId::from_bytes(&bytes[..16])?,
            counter: (counter >= 0).then_some(counter)?,
            code: Secret::new(bytes[24..].try_into().ok()?),
        })
    }
}

fn signed(session: SessionId, counter: i64, nonce: &[u8]) -> Vec<u8> {
    [session.0.as_bytes(), &counter.to_be_bytes()[..], nonce].concat()
}

pub(super) fn checksum(bytes: &[u8]) -> [u8; CHECK] {
    let hash = Sha256::new_with_prefix(PREFIX)
        .chain_update(bytes)
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const NONCE: &[u8] = &[9; 16];

    fn keys(current: &str, previous: &[&str]) -> RefreshKeys {
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
        let previous: Vec<_> = previous.iter().copied().map(secret).collect();
        RefreshKeys::new(&secret(current), &previous).unwrap()
    }

    fn session() -> SessionId {
        SessionId::new(Timestamp::from_micros(1_800_000_000_000_000), [3; 10])
    }

    #[test]
    fn a_token_says_what_went_in_and_is_genuine() {
        let text = keys("a", &[]).make(session(), 5, NONCE);

        let token = RefreshToken::parse(text.reveal()).unwrap();

        assert_eq!((token.session, token.counter), (session(), 5));
        assert!(keys("a", &[]).made(&token, NONCE));
        assert!(keys("b", &["a"]).made(&token, NONCE));
    }

    #[test]
    fn a_token_does_not_show_its_code() {
        let text = keys("a", &[]).make(session(), 5, NONCE);

        let shown = format!("{:?}", RefreshToken::parse(text.reveal()).unwrap());

        assert!(shown.contains("code: [redacted]"), "{shown}");
    }

    #[test]
    fn another_key_nonce_turn_or_session_makes_it_false() {
        let parse = |counter, key| {
            RefreshToken::parse(keys(key, &[]).make(session(), counter, NONCE).reveal()).unwrap()
        };
        let token = parse(5, "a");
        let moved = RefreshToken {
            counter: 6,
            ..parse(5, "a")
        };
        let other = SessionId::new(Timestamp::from_micros(0), [4; 10]);
        let stolen = RefreshToken {
            session: other,
            ..parse(5, "a")
        };

        assert!(!keys("b", &[]).made(&token, NONCE));
        assert!(!keys("a", &[]).made(&token, &[8; 16]));
        assert!(!keys("a", &[]).made(&moved, NONCE));
        assert!(!keys("a", &[]).made(&stolen, NONCE));
    }

    /// A text whose checksum is right.
    fn checked(counter: i64) -> Vec<u8> {
        let session = *session().0.as_bytes();
        let bytes = [&session[..], &counter.to_be_bytes(), &[7; 32]].concat();
        [&bytes[..], &checksum(&bytes)].concat()
    }

    fn parsed(bytes: &[u8]) -> Option<RefreshToken> {
        RefreshToken::parse(&format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    #[test]
    fn a_turn_before_the_first_is_no_token() {
        assert!(parsed(&checked(0)).is_some());
        assert!(parsed(&checked(-1)).is_none());
        assert!(parsed(&checked(i64::MIN)).is_none());
    }

    #[test]
    fn a_token_without_a_zero_at_its_end_is_another_spelling_and_none() {
        let bytes = (0..).map(checked).find(|bytes| bytes.ends_with(&[0]));
        let bytes = bytes.unwrap();

        assert!(parsed(&bytes).is_some());
        assert!(parsed(&bytes[..bytes.len() - 1]).is_none());
    }

    proptest! {
        #[test]
        fn a_changed_character_is_no_token(at in 0usize..87, to in "[A-Za-z0-9_-]") {
            let text = keys("a", &[]).make(session(), 5, NONCE);
            let mut changed = text.reveal().clone();
            changed.replace_range(at..=at, &to);

            prop_assume!(&changed != text.reveal());
            prop_assert!(RefreshToken::parse(&changed).is_none());
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,120}") {
            prop_assert!(RefreshToken::parse(&text).is_none());
            let prefixed = format!("{PREFIX}{text}");
            prop_assert!(RefreshToken::parse(&prefixed).is_none());
        }
    }
}
