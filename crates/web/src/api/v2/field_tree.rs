//! Trees of fields, and JSON that is trimmed to them: what stays, stays byte for byte.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Names of fields; each with the names within it, or `None` for the whole of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree(pub(super) BTreeMap<String, Option<Tree>>);

impl Tree {
    /// Adds the field at `path`, or gives nothing where `known` has none.
    pub(super) fn add(&mut self, path: &str, known: &Self) -> Option<()> {
        let Some((name, rest)) = path.split_once('.') else {
            known.0.get(path)?;
            self.0.insert(path.to_owned(), None);
            return Some(());
        };
        let within = known.0.get(name)?.as_ref()?;
        let mut part = Self::default();
        part.add(rest, within)?;
        match self.0.get_mut(name) {
            None => drop(self.0.insert(name.to_owned(), Some(part))),
            Some(Some(some)) => some.add(rest, within)?,
            Some(None) => {}
        }
        Some(())
    }

    /// Removes the field at `path`.
    pub(super) fn remove(&mut self, path: &str) {
        match path.split_once('.') {
            None => drop(self.0.remove(path)),
            Some((name, rest)) => {
                if let Some(Some(within)) = self.0.get_mut(name) {
                    within.remove(rest);
                }
            }
        }
    }

    pub(super) fn paths(&self, before: &str, paths: &mut Vec<String>) {
        for (name, within) in &self.0 {
            match within {
                None => paths.push(format!("{before}{name}")),
                Some(within) => within.paths(&format!("{before}{name}."), paths),
            }
        }
    }
}

/// The members of an object in their order.
#[derive(Default)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

pub(super) fn members(object: &RawValue) -> Vec<(String, &RawValue)> {
    let members: serde_json::Result<Members<'_>> = serde_json::from_str(object.get());
    members.unwrap_or_default().0
}

pub(super) fn rewritten(body: &[u8], rewrite: impl FnOnce(&RawValue, &mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    // It is our own, so that it is JSON.
    if let Ok(value) = serde_json::from_slice(body) {
        rewrite(value, &mut out);
    }
    out
}

/// Writes what `tree` names of a value; of an array, of each of its values.
pub(super) fn trim(value: &RawValue, tree: &Tree, out: &mut Vec<u8>) {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members = members(value);
            let named = members.iter().filter(|(name, _)| tree.0.contains_key(name));
            write_object(named, out, |(name, value), out| match tree.0.get(name) {
                Some(Some(within)) => trim(value, within, out),
                _ => out.extend_from_slice(value.get().as_bytes()),
            });
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            out.push(b'[');
            for (place, value) in values.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                trim(value, tree, out);
            }
            out.push(b']');
        }
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

pub(super) fn write_object<'a, 'v: 'a>(
    members: impl Iterator<Item = &'a (String, &'v RawValue)>,
    out: &mut Vec<u8>,
    write: impl Fn(&(String, &RawValue), &mut Vec<u8>),
) {
    out.push(b'{');
    for (place, member) in members.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        // Names of ours hold nothing that must be escaped.
        out.extend_from_slice(format!("\"{}\":", member.0).as_bytes());
        write(member, out);
    }
    out.push(b'}');
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Self)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
