//! The fields of a JSON object, taken one by one; what is wrong with them is gathered and told at
//! once.

use std::collections::BTreeMap;
use std::fmt;

use model::{FieldError, Invalid};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::{Error, Result};

/// How many unknown fields are told at most: a body has room for a million, and an answer that
/// names each would be far larger than the body.
const UNKNOWN_FIELDS: usize = 100;

/// The fields of a body that nobody has taken yet.
pub(crate) struct Fields {
    object: Option<BTreeMap<String, Value>>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Reads JSON; a name that stands twice in an object is as wrong as a missing bracket.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let Strict(value) = serde_json::from_slice(bytes).map_err(|_| Error::MalformedJson)?;
        let object = match value {
            Value::Object(object) => Some(object.into_iter().collect()),
            _ => None,
        };
        Ok(Self {
            object,
            errors: Vec::new(),
        })
    }

    /// Whether the body was an object at all.
    pub(crate) const fn is_object(&self) -> bool {
        self.object.is_some()
    }

    /// The fields as JSON.
    pub(crate) fn json(&self) -> String {
        // Values have string keys, so that they can be written.
        serde_json::to_string(&self.object).unwrap_or_default()
    }

    /// Whether the field `name` is there, and not taken yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object
            .as_ref()
            .is_some_and(|object| object.contains_key(name))
    }

    /// Takes a field as `read` understands it: `None` when it is absent or wrong.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> std::result::Result<T, Invalid>,
    ) -> Option<T> {
        let value = self.object.as_mut()?.remove(name)?;
        read(&value)
            .map_err(|invalid| self.errors.push(invalid.of(name)))
            .ok()
    }

    /// Takes a field that must be there.
    pub(crate) fn require<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> std::result::Result<T, Invalid>,
    ) -> Option<T> {
        if !self.has(name) {
            self.errors.push(Invalid::new("is missing").of(name));
        }
        self.take(name, read)
    }

    /// Fails if a field was wrong; leaves fields that nobody knows alone.
    pub(crate) fn finish(self) -> Result<()> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Error::Domain(domain::Error::Invalid(self.errors)))
        }
    }

    /// Fails if a field was wrong, or nobody knows it: typos are not swallowed.
    pub(crate) fn finish_strictly(mut self) -> Result<()> {
        let Some(object) = self.object.take() else {
            return Err(Error::NotAnObject);
        };
        let unknown = object.into_keys().take(UNKNOWN_FIELDS);
        let unknown = unknown.map(|field| FieldError {
            code: "unknown_field",
            message: "is not a field that can be set here".to_owned(),
            field,
        });
        self.errors.extend(unknown);
        self.finish()
    }
}

/// Reads a text, which `parse` then checks.
pub(crate) fn text<T>(
    parse: impl FnOnce(&str) -> std::result::Result<T, Invalid>,
) -> impl FnOnce(&Value) -> std::result::Result<T, Invalid> {
    |value| match value {
        Value::String(text) => parse(text),
        _ => Err(Invalid::new("must be a string")),
    }
}

/// Reads true or false, and nothing that somebody may take for it.
pub(crate) fn boolean(value: &Value) -> std::result::Result<bool, Invalid> {
    value
        .as_bool()
        .ok_or_else(|| Invalid::new("must be true or false"))
}

/// Reads an integer of up to 64 bits.
pub(crate) fn integer(value: &Value) -> std::result::Result<i64, Invalid> {
    value
        .as_i64()
        .ok_or_else(|| Invalid::new("must be an integer of up to 64 bits"))
}

/// Reads what `read` understands, or null for none.
pub(crate) fn nullable<T>(
    read: impl FnOnce(&Value) -> std::result::Result<T, Invalid>,
) -> impl FnOnce(&Value) -> std::result::Result<Option<T>, Invalid> {
    |value| {
        if value.is_null() {
            Ok(None)
        } else {
            read(value).map(Some)
        }
    }
}

/// A JSON value in which no object has a name twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use model::Title;
    use proptest::prelude::*;

    use super::*;

    fn fields(json: &str) -> Fields {
        Fields::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn every_error_is_told_at_once() {
        let mut fields = fields(r#"{"title":5,"completed":"yes","tilte":"x"}"#);
        assert!(fields.take("title", text(Title::parse)).is_none());
        assert!(fields.take("completed", boolean).is_none());
        assert!(fields.require("content", text(Title::parse)).is_none());

        let Err(Error::Domain(domain::Error::Invalid(errors))) = fields.finish_strictly() else {
            panic!("refused");
        };
        let names: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(names, ["title", "completed", "content", "tilte"]);
    }

    #[test]
    fn a_name_that_stands_twice_is_malformed_at_any_depth() {
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"[{"a":1,"a":1}]"#,
        ] {
            assert!(Fields::parse(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn nothing_passes_for_a_boolean_or_an_integer() {
        for value in ["1", "0", "\"true\"", "null", "[]"] {
            assert!(boolean(&value.parse().unwrap()).is_err(), "{value}");
        }
        for value in ["1.0", "\"1\"", "true", "null", "9223372036854775808", "1e3"] {
            assert!(integer(&value.parse().unwrap()).is_err(), "{value}");
        }
        assert_eq!(
            integer(&"-9223372036854775808".parse().unwrap()),
            Ok(i64::MIN)
        );
    }

    proptest! {
        #[test]
        fn no_body_is_a_panic(bytes: Vec<u8>) {
            drop(Fields::parse(&bytes));
        }

        #[test]
        fn deep_nesting_is_refused(depth in 128usize..5000) {
            let json = "[".repeat(depth);
            prop_assert!(Fields::parse(json.as_bytes()).is_err());
        }
    }
}
