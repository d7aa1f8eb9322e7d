//! From the seed's ids to ours. Where we refuse what the seed took, all later ids differ: they
//! are learned from the answers to creates, and recorded paths and bodies are rewritten.

use std::collections::BTreeMap;

use serde_json::Value;

/// Which row of ours stands for which of the seed's; a row that we refused has none.
#[derive(Default)]
pub(super) struct Ids {
    ours: BTreeMap<(String, i64), i64>,
}

impl Ids {
    /// Takes down that our row `ours` stands for the seed's row `theirs`.
    pub(super) fn learn(&mut self, noun: &str, theirs: i64, ours: i64) {
        let mut given = self.ours.iter().filter(|((other, _), _)| other == noun);
        assert!(
            given.all(|(_, &id)| id != ours),
            "{noun} {ours} was given out before"
        );
        self.ours.insert((noun.to_owned(), theirs), ours);
    }

    pub(super) fn ours(&self, noun: &str, theirs: i64) -> Option<i64> {
        self.ours.get(&(noun.to_owned(), theirs)).copied()
    }

    /// A path with our id; what is none of the seed's ids stays as it is.
    pub(super) fn path(&self, path: &str) -> String {
        let id = path.rsplit('/').next().unwrap_or_default();
        let id = id.trim_start_matches('0');
        let ours = id.parse().ok().and_then(|id| self.ours(noun(path), id));
        match ours {
            Some(ours) => format!("{}{ours}", path.strip_suffix(id).unwrap()),
            None => path.to_owned(),
        }
    }

    /// A body with our ids; rows of lists that we refused to make are left out.
    pub(super) fn body(&self, noun: &str, body: &Value) -> Value {
        let Value::Object(object) = body else {
            return body.clone();
        };
        let rewritten = object.iter().map(|(name, value)| {
            let value = match (name.as_str(), value) {
                ("id", id) => self.number(noun, id),
                ("user_id", id) => self.number("users", id),
                (noun, Value::Array(rows)) => {
                    let made =
                        |row: &&Value| self.ours(noun, row["id"].as_i64().unwrap()).is_some();
                    let rows = rows.iter().filter(made).map(|row| self.body(noun, row));
                    rows.collect()
                }
                (_, value) => value.clone(),
            };
            (name.clone(), value)
        });
        Value::Object(rewritten.collect())
    }

    fn number(&self, noun: &str, theirs: &Value) -> Value {
        let ours = theirs.as_i64().and_then(|id| self.ours(noun, id));
        ours.map_or_else(|| theirs.clone(), Value::from)
    }
}

/// What a path is about.
pub(super) fn noun(path: &str) -> &str {
    let rest = path.split('/').nth(3).unwrap_or_default();
    match rest.split('?').next().unwrap_or_default() {
        "me" | "login" => "users",
        noun => noun,
    }
}
