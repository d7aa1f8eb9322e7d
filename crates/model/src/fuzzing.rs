//! What must hold for every name, address and cursor that somebody can send. The tests ask it of
//! some hundred random ones, the targets in `fuzz` of as many as there is time for; the program has
//! none of this.

use crate::{Cursor, Email, ListName, Username};

/// A cursor has one spelling, and is good for one list.
pub fn cursor(text: &str) {
    for name in [ListName::of, ListName::by_text] {
        let (posts, todos) = (name("/posts?"), name("/todos?"));
        if let Ok(cursor) = Cursor::decode(text, posts) {
            assert_eq!(cursor.encode(posts), text);
            assert!(Cursor::decode(text, todos).is_err(), "{text}");
        }
    }
}

/// An address that is read again is the same, with the same key; so is its key.
pub fn email(text: &str) {
    if let Ok(email) = Email::parse(text) {
        assert!(email.as_str().len() <= Email::MAX_BYTES);
        assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
        assert_eq!(email.as_str().matches('@').count(), 1, "{text}");
        assert!(!email.as_str().contains(char::is_control), "{text}");
        if let Ok(lower) = Email::parse(email.key()) {
            assert_eq!(lower.key(), email.key());
        }
    }
}

/// A name that is read again is the same, and who types its key means its owner.
pub fn username(text: &str) {
    if let Ok(name) = Username::parse(text) {
        assert_eq!(Username::parse(name.as_str()), Ok(name.clone()));
        assert!(name.as_str().chars().count() <= Username::MAX_CHARS);
        assert!(!name.as_str().contains(char::is_control), "{text}");
        // The key of a name of 50 characters may have more: one letter can fold to three.
        if let Ok(by_key) = Username::parse(name.key()) {
            assert_eq!(by_key.key(), name.key(), "{text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_breaks_a_cursor(text in "[A-Za-z0-9_=-]{32}|.{0,40}", key: i64, id: i64) {
            cursor(&text);
            cursor(&Cursor::of(key, id).encode(ListName::of("/posts?")));
            cursor(&Cursor::of(text, id).encode(ListName::by_text("/posts?")));
        }

        #[test]
        fn no_text_breaks_an_address(text in "\\PC{1,12}@\\PC{1,8}\\.[a-z]{2,3}|.{0,60}") {
            email(&text);
        }

        #[test]
        fn no_text_breaks_a_name(text in ".{0,60}|\\PC{1,50}") {
            username(&text);
        }
    }
}
