//! Identifiers: given out by the database, never reused, and never mixed up with one another.

use std::fmt;
use std::str::FromStr;

use uuid::{Builder, Uuid};

use crate::{Cursor, Invalid, Timestamp};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id! {
    /// A user's number, the same in every version of the API.
    UserId
}
number_id! {
    /// A post's number, the same in every version of the API.
    PostId
}
number_id! {
    /// A todo's number, the same in every version of the API.
    TodoId
}
number_id! {
    /// A comment's number.
    CommentId
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A version 7 UUID (RFC 9562, section 5.7).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Builds an identifier that sorts by `now` and cannot be guessed.
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
                Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Reads an identifier as it is stored: 16 bytes.
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }

            /// Its place in a list that is sorted by identifier: one half in each part of the cursor.
            pub fn as_cursor(self) -> Cursor {
                let (key, id) = self.0.as_u64_pair();
                Cursor::of(key.cast_signed(), id.cast_signed())
            }

            /// The identifier at this place.
            pub fn at_cursor(cursor: &Cursor) -> Self {
                let (high, low) = (cursor.key.int().cast_unsigned(), cursor.id.cast_unsigned());
                Self(Uuid::from_u64_pair(high, low))
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            /// Reads the one spelling that it is shown in: lower case, with hyphens.
            fn from_str(text: &str) -> Result<Self, Invalid> {
                let id = Uuid::try_parse(text).ok().map(Self);
                id.filter(|id| id.to_string() == text).ok_or_else(|| {
                    Invalid::new("must be an id such as 0193e1a0-5b7c-7000-8000-000000000000")
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }
    };
}

uuid_id! {
    /// A session's identifier.
    SessionId
}
uuid_id! {
    /// A personal access token's identifier.
    PersonalTokenId
}
uuid_id! {
    /// A job's identifier.
    JobId
}

impl JobId {
    /// Smaller than every identifier.
    pub const FIRST: Self = Self(Uuid::nil());
}
