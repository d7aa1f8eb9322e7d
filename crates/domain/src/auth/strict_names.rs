//! A look at JSON before it is read into a type: an object, no name twice, no null at the top.
//!
//! serde keeps the last of two equal names that a type does not know, and takes null for absent.
//! Two readers who disagree on that disagree on what was signed.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What was seen of an object.
pub(super) struct StrictNames {
    /// Whether a value at the top is null.
    pub(super) has_null: bool,
}

impl<'de> Deserialize<'de> for StrictNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let has_null = deserializer.deserialize_map(TopVisitor)?;
        Ok(Self { has_null })
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        read_map(map)
    }
}

/// A value of any kind; true if it is null.
struct Seen(bool);

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while seq.next_element::<Seen>()?.is_some() {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        read_map(map)?;
        Ok(false)
    }
}

/// Reads an object; true if one of its values is null.
fn read_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<bool, A::Error> {
    let (mut names, mut has_null) = (BTreeSet::new(), false);
    while let Some((name, Seen(is_null))) = map.next_entry::<String, Seen>()? {
        has_null |= is_null;
        if !names.insert(name) {
            return Err(A::Error::custom("a name stands twice"));
        }
    }
    Ok(has_null)
}
