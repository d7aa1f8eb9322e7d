//! Cursors: a place in one list, opaque to clients.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::xxh3_64;

use crate::Invalid;

/// Which list, with which filters, a cursor belongs to.
///
/// It is a fingerprint, not a signature: a cursor shows nothing that its list would not, so
/// forging one gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListName(u64);

impl ListName {
    /// The name of a list: its path and everything that selects or orders its rows.
    pub fn of(description: &str) -> Self {
        Self(xxh3_64(description.as_bytes()))
    }
}

/// The last row of a page: its sort key, and its id where keys are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The value that the list is sorted by.
    pub key: i64,
    /// The row's id.
    pub id: i64,
}

impl Cursor {
    /// Before every row of a list that is sorted downwards.
    pub const NEWEST: Self = Self {
        key: i64::MAX,
        id: i64::MAX,
    };

    /// Before every row of a list that is sorted upwards.
    pub const OLDEST: Self = Self {
        key: i64::MIN,
        id: i64::MIN,
    };

    /// The text to hand to a client.
    pub fn encode(self, list: ListName) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.key.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.id.to_be_bytes());
        let check = list.check(&bytes[..16]);
        bytes[16..].copy_from_slice(&check.to_be_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a text that [`Cursor::encode`] made for the same list.
    ///
    /// # Errors
    /// `invalid_cursor` for anything else.
    pub fn decode(text: &str, list: ListName) -> Result<Self, Invalid> {
        let invalid = || Invalid {
            code: "invalid_cursor",
            message: "must be a next_cursor of this list with these filters".to_owned(),
        };
        let mut bytes = [0; 24];
        let length = BASE64_URL_SAFE_NO_PAD
            .decode_slice(text, &mut bytes)
            .map_err(|_| invalid())?;
        let number = |range: std::ops::Range<usize>| {
            bytes[range]
                .try_into()
                .map(i64::from_be_bytes)
                .map_err(|_| invalid())
        };
        let check = number(16..24)?.cast_unsigned();
        if length != bytes.len() || check != list.check(&bytes[..16]) {
            return Err(invalid());
        }
        Ok(Self {
            key: number(0..8)?,
            id: number(8..16)?,
        })
    }
}

impl ListName {
    fn check(self, place: &[u8]) -> u64 {
        xxhash_rust::xxh3::xxh3_64_with_seed(place, self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back(key: i64, id: i64, name in ".*") {
            let (cursor, list) = (Cursor { key, id }, ListName::of(&name));

            prop_assert_eq!(Cursor::decode(&cursor.encode(list), list), Ok(cursor));
        }

        #[test]
        fn another_list_refuses_it(key: i64, id: i64) {
            let text = Cursor { key, id }.encode(ListName::of("posts"));

            prop_assert!(Cursor::decode(&text, ListName::of("posts?user_id=1")).is_err());
        }

        #[test]
        fn a_tampered_one_is_refused(key: i64, id: i64, at in 0usize..32, to in "[A-Za-z0-9_-]") {
            let list = ListName::of("posts");
            let text = Cursor { key, id }.encode(list);
            let mut tampered = text.clone();
            tampered.replace_range(at..=at, &to);

            prop_assume!(tampered != text);
            prop_assert!(Cursor::decode(&tampered, list).is_err());
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,64}") {
            drop(Cursor::decode(&text, ListName::of("posts")));
        }
    }
}
