//! Which passwords are too weak to take. The length that any password must have is `model`'s.

use std::sync::LazyLock;

use model::{FieldError, Password, Username};

use crate::PasswordProfile;

/// The fewest characters where weak passwords are refused.
const fn min_chars(profile: PasswordProfile) -> usize {
    match profile {
        PasswordProfile::Standard => 8,
        PasswordProfile::Hardened => 15,
    }
}

/// The 10,000 most common passwords of at least 8 characters, in lower case and sorted: taken
/// from the list of zxcvbn 4.4.2 (MIT, its licence stands beside the file).
static COMMON: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Refuses a password that somebody would guess.
pub(crate) fn refuse_weak(
    username: &Username,
    password: &Password,
    profile: PasswordProfile,
) -> Result<(), FieldError> {
    let text = password.reveal();
    let lower = text.to_lowercase();
    let min_chars = min_chars(profile);
    let too_short = format!("must have at least {min_chars} characters");
    let weakness = if text.chars().count() < min_chars {
        too_short.as_str()
    } else if COMMON.binary_search(&lower.as_str()).is_ok() {
        "must not be one of the 10,000 most common passwords"
    } else if lower == username.as_str().to_lowercase() || lower == username.key() {
        "must not be the username"
    } else {
        return Ok(());
    };
    let (field, message) = ("password".to_owned(), weakness.to_owned());
    Err(FieldError {
        field,
        code: "weak_password",
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> bool {
        refused_by(PasswordProfile::Standard, password)
    }

    fn refused_by(profile: PasswordProfile, password: &str) -> bool {
        let username = Username::parse("Wilhelmina").unwrap();
        refuse_weak(&username, &Password::parse(password).unwrap(), profile).is_err()
    }

    #[test]
    fn the_hardened_profile_wants_fifteen_characters() {
        assert!(refused_by(PasswordProfile::Hardened, "fourteen chars"));
        assert!(!refused_by(PasswordProfile::Hardened, "fifteen charact"));
    }

    #[test]
    fn what_anybody_would_guess_is_refused() {
        for password in [
            "1234",
            "seven77",
            "password",
            "PassWord",
            "qwertyuiop",
            "wilhelmina",
        ] {
            assert!(refused(password), "{password}");
        }
        assert!(!refused("correct horse battery staple"));
        assert!(!refused("wilhelmina's"));
    }

    #[test]
    fn the_list_is_whole_and_sorted() {
        assert_eq!(COMMON.len(), 10_000);
        assert!(COMMON.is_sorted());
    }
}
