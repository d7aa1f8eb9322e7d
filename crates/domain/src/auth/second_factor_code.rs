//! Codes as people type them: six digits from an app, or a recovery code.

use model::{Invalid, Secret};
use zeroize::Zeroizing;

use super::RecoveryCode;

/// A code as it came; whether it is right is asked later.
#[derive(Debug)]
pub struct SecondFactorCode(Kind);

#[derive(Debug)]
pub(crate) enum Kind {
    Totp(Secret<[u8; 6]>),
    Recovery(RecoveryCode),
    /// Wrong, whatever it is compared with.
    Neither,
}

impl SecondFactorCode {
    const MAX_BYTES: usize = 64;

    /// Reads a code; blanks and hyphens are nothing, and case does not matter.
    ///
    /// # Errors
    /// When it is empty or longer than 64 bytes. What is not written like a code is a wrong one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.len() > Self::MAX_BYTES {
            let must = format!("must have 1 to {} bytes", Self::MAX_BYTES);
            return Err(Invalid::new(must));
        }
        let kept = text.chars().filter(|char| !matches!(char, ' ' | '-'));
        let kept = kept.map(|char| char.to_ascii_uppercase());
        let kept: Zeroizing<String> = kept.collect::<String>().into();
        Ok(Self(Kind::of(&kept)))
    }

    pub(crate) const fn kind(&self) -> &Kind {
        &self.0
    }
}

impl Kind {
    fn of(text: &str) -> Self {
        if let Ok(digits) = <[u8; 6]>::try_from(text.as_bytes())
            && digits.iter().all(u8::is_ascii_digit)
        {
            return Self::Totp(Secret::new(digits));
        }
        RecoveryCode::parse(text).map_or(Self::Neither, Self::Recovery)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(text: &str) -> Kind {
        SecondFactorCode::parse(text).unwrap().0
    }

    #[test]
    fn six_digits_are_read_however_an_app_shows_them() {
        for text in ["012345", "012 345", "012-345", " 012345 "] {
            let Kind::Totp(digits) = kind(text) else {
                panic!("{text}");
            };
            assert_eq!(digits.reveal(), b"012345");
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_code() {
        for text in [
            "12345",
            "1234567",
            "12345a",
            "１２３４５６",
            "+12345",
            "-",
            "ABCD-EFGH-IJKL-MNO",
            "ABCD-EFGH-IJKL-MNO1",
            "ABCD_EFGH_IJKL_MNOP",
            "12345\u{0}",
        ] {
            assert!(matches!(kind(text), Kind::Neither), "{text}");
        }
    }

    #[test]
    fn a_code_has_1_to_64_bytes() {
        assert!(SecondFactorCode::parse("").is_err());
        assert!(SecondFactorCode::parse(&"1".repeat(65)).is_err());
        assert!(SecondFactorCode::parse(&"1".repeat(64)).is_ok());
    }

    #[test]
    fn a_code_does_not_show_itself() {
        for text in ["012345", "ABCD-EFGH-IJKL-MNOP"] {
            let shown = format!("{:?}", SecondFactorCode::parse(text).unwrap());
            assert!(shown.contains("[redacted]"), "{shown}");
            assert!(
                !shown.contains("012345") && !shown.contains("ABCD"),
                "{shown}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_recovery_code_comes_back_in_any_dress(bytes: [u8; 10]) {
            let code = RecoveryCode::new(bytes);
            let text = code.text();
            prop_assert_eq!(text.reveal().len(), 19);

            let dresses = [
                text.reveal().clone(),
                text.reveal().to_lowercase(),
                text.reveal().replace('-', ""),
                text.reveal().replace('-', " "),
            ];
            for dress in dresses {
                let Kind::Recovery(read) = kind(&dress) else {
                    panic!("{dress}");
                };
                prop_assert_eq!(read.hash(), code.hash());
            }
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,70}") {
            drop(SecondFactorCode::parse(&text));
        }
    }
}
