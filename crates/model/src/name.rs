//! Usernames, and the two keys by which they are unique.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use unicode_security::confusable_detection::skeleton;

use crate::Invalid;

/// A name to log in with: 1 to 50 characters that one can see, blanks inside allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    shown: String,
    key: String,
    skeleton: String,
}

impl Username {
    /// The most characters that a name may have.
    pub const MAX_CHARS: usize = 50;

    /// Cuts the blanks around `text` and checks what is left.
    ///
    /// # Errors
    /// Names that are empty, over-long, or hold a character that nobody sees.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let shown = text.trim();
        let length = shown.chars().count();
        if length == 0 || length > Self::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters",
                Self::MAX_CHARS
            )));
        }
        if let Some(hidden) = shown.chars().find(|&character| !is_visible(character)) {
            let code = u32::from(hidden);
            return Err(Invalid::new(format!(
                "must not hold control, invisible or unassigned characters (U+{code:04X})"
            )));
        }
        let key = fold(shown).trim().to_owned();
        if key.is_empty() {
            return Err(Invalid::new("must hold a character that one can see"));
        }
        let skeleton = fold(&skeleton(&key).collect::<String>());
        Ok(Self {
            shown: shown.to_owned(),
            key,
            skeleton,
        })
    }

    /// The name as it was typed.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The key to log in by: NFKC with case folding, so that `Alice` is `alice`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the name looks like (Unicode UTS 39, section 4), so that no two look alike.
    pub fn skeleton(&self) -> &str {
        &self.skeleton
    }
}

fn fold(text: &str) -> String {
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    // Folding can undo the normal form (U+0345 becomes an iota), hence twice.
    let once = CaseMapper::new()
        .fold_string(&nfkc.normalize(text))
        .into_owned();
    nfkc.normalize(&once).into_owned()
}

pub(crate) fn is_visible(character: char) -> bool {
    let hidden = matches!(
        CodePointMapData::<GeneralCategory>::new().get(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    );
    !hidden && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Username {
        Username::parse(text).unwrap()
    }

    #[test]
    fn case_width_and_blanks_around_make_no_other_name() {
        for text in ["ADMIN", " admin ", "ＡＤＭＩＮ", "aDmin\u{a0}", "ᴬdmin"] {
            assert_eq!(name(text).key(), "admin", "{text:?}");
        }
        assert_eq!(name("ﬁ").key(), name("FI").key());
        assert_eq!(name("straße").key(), name("STRASSE").key());
    }

    #[test]
    fn names_that_look_alike_share_a_skeleton() {
        for (one, other) in [
            ("admin", "аdmin"),
            ("ı", "i"),
            ("paypal", "pаypаl"),
            ("O0", "oo"),
        ] {
            let (one, other) = (name(one), name(other));

            assert_ne!(one.key(), other.key());
            assert_eq!(one.skeleton(), other.skeleton());
        }
    }

    #[test]
    fn what_nobody_sees_is_refused() {
        for text in [
            "",
            "  ",
            "a\0b",
            "admin\u{200b}",
            "a\u{202e}b",
            "\u{3164}",
            "a\u{fe0f}",
            "\u{e000}",
            "\u{378}",
            "a\nb",
        ] {
            assert!(Username::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters() {
        assert!(Username::parse(&"小".repeat(50)).is_ok());
        assert!(Username::parse(&"小".repeat(51)).is_err());
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "\\PC{1,50}") {
            if let Ok(name) = Username::parse(&text)
                && let Ok(again) = Username::parse(name.key())
            {
                prop_assert_eq!(name.key(), again.key());
                prop_assert_eq!(name.skeleton(), again.skeleton());
            }
        }
    }
}
