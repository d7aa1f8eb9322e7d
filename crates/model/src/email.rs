//! E-mail addresses, and the key by which they are unique.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::Invalid;
use crate::name::is_visible;

/// An e-mail address of up to 254 bytes: what stands before the one `@` as typed, the domain in
/// ASCII and lower case (RFC 5321, RFC 5891). Quoted parts and addresses of machines are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    text: String,
    key: String,
}

impl Email {
    /// The most bytes that an address may have.
    pub const MAX_BYTES: usize = 254;
    /// The most bytes before the `@`.
    const MAX_LOCAL_BYTES: usize = 64;

    /// Cuts the blanks around `text` and checks what is left; the work grows with its length only.
    ///
    /// # Errors
    /// What cannot be an address, or is longer than any.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        // First of all: nothing below is done with what is long.
        if text.len() > Self::MAX_BYTES {
            let message = format!("must have at most {} bytes", Self::MAX_BYTES);
            return Err(Invalid::new(message));
        }
        Self::read(text)
            .ok_or_else(|| Invalid::new("must be an e-mail address such as alice@example.org"))
    }

    fn read(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let nfc = ComposingNormalizerBorrowed::new_nfc();
        let local = nfc.normalize(local);
        let domain = idna::domain_to_ascii_strict(domain).ok()?;
        let text = format!("{local}@{domain}");
        let fits = text.len() <= Self::MAX_BYTES && local.len() <= Self::MAX_LOCAL_BYTES;
        if !fits || !is_local(&local) || !is_domain(&domain) {
            return None;
        }
        let lower = local.to_lowercase();
        let key = format!("{}@{domain}", nfc.normalize(&lower));
        Some(Self { text, key })
    }

    /// The address, as mail is sent to it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key by which it is unique: in lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Dot-separated atoms (RFC 5322, section 3.2.3), or letters beyond ASCII (RFC 6531).
fn is_local(local: &str) -> bool {
    let is_atom = |character: char| {
        character.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(character)
            || (!character.is_ascii() && is_visible(character) && !character.is_whitespace())
    };
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_atom);
    local.split('.').all(is_word)
}

/// Several labels, of which the last is no number: else it would be the address of a machine.
fn is_domain(domain: &str) -> bool {
    let last = domain.rsplit_once('.').map(|(_, last)| last);
    last.is_some_and(|last| !last.is_empty() && !last.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_has_one_spelling_of_its_domain_and_one_key() {
        for (text, shown, key) in [
            (
                "alice@example.org",
                "alice@example.org",
                "alice@example.org",
            ),
            (
                " Alice@Example.ORG ",
                "Alice@example.org",
                "alice@example.org",
            ),
            (
                "a.b+c@x.example.org",
                "a.b+c@x.example.org",
                "a.b+c@x.example.org",
            ),
            (
                "j\u{f6}rg@b\u{fc}cher.example",
                "jörg@xn--bcher-kva.example",
                "jörg@xn--bcher-kva.example",
            ),
            // Letters that are put together, and the sign for Kelvin.
            ("jo\u{308}rg@a.org", "jörg@a.org", "jörg@a.org"),
            ("mi\u{212a}e@a.org", "miKe@a.org", "mike@a.org"),
            ("a@ＥＸＡＭＰＬＥ.org", "a@example.org", "a@example.org"),
        ] {
            let email = Email::parse(text).unwrap();
            assert_eq!((email.as_str(), email.key()), (shown, key), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@",
            "alice",
            "@example.org",
            "alice@",
            "a@b@example.org",
            "alice@example",
            "alice@example.org.",
            "alice@.org",
            "alice@example..org",
            "alice@-x.org",
            "alice@x_y.org",
            "alice@192.0.2.1",
            "alice@[192.0.2.1]",
            ".a@example.org",
            "a.@example.org",
            "a..b@example.org",
            "a b@example.org",
            "a\u{a0}b@example.org",
            "\"a\"@example.org",
            "a,b@example.org",
            "a@example.org,b@example.org",
            "a@example.org>",
            "a\r\nbcc:b@example.org",
            "a@example.org\nbcc: b",
            "a\0@example.org",
            "a\u{200b}@example.org",
            "a\u{202e}@example.org",
            "a@exa\u{200b}mple.org\u{202e}",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_limits_count_bytes() {
        assert!(Email::parse(&format!("{}@a.org", "a".repeat(64))).is_ok());
        assert!(Email::parse(&format!("{}@a.org", "a".repeat(65))).is_err());
        let label = format!("{}.", "a".repeat(62));
        assert!(Email::parse(&format!("a@{}org", label.repeat(3))).is_ok());
        assert!(Email::parse(&format!("a@{}org", label.repeat(4))).is_err());
        assert!(Email::parse(&format!("a@{}", "a.".repeat(50_000))).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic_and_an_address_is_its_own(text in "\\PC{1,20}@\\PC{1,20}") {
            if let Ok(email) = Email::parse(&text) {
                let again = Email::parse(email.as_str()).unwrap();
                prop_assert_eq!(&again, &email);
                prop_assert!(!email.as_str().contains(['\r', '\n', ' ', ',', '<', '>']));
            }
        }
    }
}
