//! Cursors: a place in one list, opaque to clients.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::Invalid;

/// Which list a cursor belongs to: with which filters, sorted by what.
///
/// It is a fingerprint, not a signature: a cursor shows nothing that its list would not, so
/// forging one gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListName {
    fingerprint: u64,
    by_text: bool,
}

impl ListName {
    /// The name of a list that is sorted by numbers: its path and everything that selects or
    /// orders its rows.
    pub fn of(description: &str) -> Self {
        Self {
            fingerprint: xxh3_64(description.as_bytes()),
            by_text: false,
        }
    }

    /// The same of a list that is sorted by texts.
    pub fn by_text(description: &str) -> Self {
        let by_text = true;
        Self {
            by_text,
            ..Self::of(description)
        }
    }

    fn check(self, place: &[u8]) -> u64 {
        xxh3_64_with_seed(place, self.fingerprint)
    }
}

/// What a list is sorted by, of one of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number, such as a time in microseconds.
    Int(i64),
    /// A text without NUL, compared byte by byte.
    Text(String),
}

impl Key {
    /// The number; 0 of a text, which no list that is sorted by numbers meets.
    pub const fn int(&self) -> i64 {
        match self {
            Self::Int(number) => *number,
            Self::Text(_) => 0,
        }
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The last row of a page: its sort key, and its id where keys are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The value that the list is sorted by.
    pub key: Key,
    /// The row's id.
    pub id: i64,
}

impl Cursor {
    /// Before every row of a list of numbers that is sorted downwards.
    pub const HIGHEST: Self = Self {
        key: Key::Int(i64::MAX),
        id: i64::MAX,
    };

    /// Before every row of a list of numbers that is sorted upwards.
    pub const LOWEST: Self = Self {
        key: Key::Int(i64::MIN),
        id: i64::MIN,
    };

    /// Before every row of a list of texts that is sorted upwards.
    pub const FIRST_TEXT: Self = Self {
        key: Key::Text(String::new()),
        id: i64::MIN,
    };

    /// Before every row of a list that shows the newest first.
    pub const NEWEST: Self = Self::HIGHEST;

    /// The place of a row.
    pub fn of(key: impl Into<Key>, id: i64) -> Self {
        Self {
            key: key.into(),
            id,
        }
    }

    /// The text to hand to a client: the id, the key and a checksum.
    pub fn encode(&self, list: ListName) -> String {
        let mut bytes = self.id.to_be_bytes().to_vec();
        match &self.key {
            Key::Int(number) => bytes.extend(number.to_be_bytes()),
            Key::Text(text) => bytes.extend(text.as_bytes()),
        }
        bytes.extend(list.check(&bytes).to_be_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a text that [`Cursor::encode`] made for the same list.
    ///
    /// # Errors
    /// `invalid_cursor` for anything else.
    pub fn decode(text: &str, list: ListName) -> Result<Self, Invalid> {
        Self::read(text, list).ok_or_else(|| Invalid {
            code: "invalid_cursor",
            message: "must be a next_cursor of this list with these filters and this order"
                .to_owned(),
        })
    }

    fn read(text: &str, list: ListName) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (place, check) = bytes.split_last_chunk()?;
        if u64::from_be_bytes(*check) != list.check(place) {
            return None;
        }
        let (id, key) = place.split_first_chunk()?;
        let key = if list.by_text {
            let text = str::from_utf8(key).ok()?;
            // PostgreSQL takes no text with a NUL, not even to compare it.
            Key::Text((!text.contains('\0')).then(|| text.to_owned())?)
        } else {
            Key::Int(i64::from_be_bytes(key.try_into().ok()?))
        };
        let id = i64::from_be_bytes(*id);
        Some(Self { key, id })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<i64>().prop_map(Key::Int),
            "[^\0]*".prop_map(Key::Text)
        ]
    }

    fn list(name: &str, key: &Key) -> ListName {
        match key {
            Key::Int(_) => ListName::of(name),
            Key::Text(_) => ListName::by_text(name),
        }
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back(key in key(), id: i64, name in ".*") {
            let list = list(&name, &key);
            let cursor = Cursor { key, id };

            prop_assert_eq!(Cursor::decode(&cursor.encode(list), list), Ok(cursor));
        }

        #[test]
        fn another_list_refuses_it(key in key(), id: i64) {
            let other = list("posts?user_id=1", &key);
            let text = Cursor { key: key.clone(), id }.encode(list("posts", &key));

            prop_assert!(Cursor::decode(&text, other).is_err());
        }

        #[test]
        fn a_tampered_one_is_refused(key in key(), id: i64, at: prop::sample::Index, to in "[A-Za-z0-9_-]") {
            let list = list("posts", &key);
            let text = Cursor { key, id }.encode(list);
            let mut tampered = text.clone();
            let at = at.index(text.len());
            tampered.replace_range(at..=at, &to);

            prop_assume!(tampered != text);
            prop_assert!(Cursor::decode(&tampered, list).is_err());
        }

        /// Whoever forges one gets a key of the kind that the list is sorted by, or nothing.
        #[test]
        fn a_list_never_meets_a_key_of_another_kind(key: Vec<u8>, id: i64, by_text: bool) {
            let list = if by_text { ListName::by_text("posts") } else { ListName::of("posts") };
            let mut bytes = [&id.to_be_bytes()[..], &key[..]].concat();
            bytes.extend(list.check(&bytes).to_be_bytes());

            match Cursor::decode(&BASE64_URL_SAFE_NO_PAD.encode(bytes), list) {
                Ok(Cursor { key: Key::Int(_), .. }) => prop_assert!(!by_text),
                Ok(Cursor { key: Key::Text(text), .. }) => {
                    prop_assert!(by_text && !text.contains('\0'));
                }
                Err(error) => prop_assert_eq!(error.code, "invalid_cursor"),
            }
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,64}") {
            drop(Cursor::decode(&text, ListName::of("posts")));
            drop(Cursor::decode(&text, ListName::by_text("posts")));
        }
    }
}
