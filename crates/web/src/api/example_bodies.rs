//! What bodies look like, for the documents: made of the examples that stand at the fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// The time that examples have.
const TIME: &str = "2026-11-23T19:00:00.123Z";

/// The schemas that a document refers to.
pub(super) struct Schemas(BTreeMap<String, Value>);

/// Whose body it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Only what must be there or has an example of its own: the rest is left to the reader.
    Request,
    /// Everything that is there.
    Response,
}

impl Schemas {
    pub(super) fn of(document: &OpenApi) -> Self {
        let components = document.components.as_ref();
        let schemas = components.into_iter().flat_map(|all| &all.schemas);
        let value = |schema| serde_json::to_value(schema).unwrap_or_default();
        Self(schemas.map(|(name, schema)| (name.clone(), value(schema))).collect())
    }

    /// A value that `schema` allows.
    pub(super) fn example(&self, schema: &RefOr<Schema>, of: Of) -> Value {
        self.value(&serde_json::to_value(schema).unwrap_or_default(), of)
    }

    fn value(&self, schema: &Value, of: Of) -> Value {
        if let Some(example) = own_example(schema) {
            return example;
        }
        if let Some(to) = schema["$ref"].as_str() {
            let name = to.rsplit('/').next().unwrap_or_default();
            return self.0.get(name).map_or(Value::Null, |to| self.value(to, of));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.value(part, of));
            return parts.fold(json!({}), joined);
        }
        let choices = ["oneOf", "anyOf"].map(|name| schema[name].as_array());
        if let Some(first) = choices.into_iter().flatten().flatten().next() {
            return self.value(first, of);
        }
        self.of_type(schema, of)
    }

    fn of_type(&self, schema: &Value, of: Of) -> Value {
        match schema["type"].as_str() {
            Some("object") => Value::Object(self.object(schema, of)),
            Some("array") => json!([self.value(&schema["items"], of)]),
            Some("integer" | "number") => match &schema["minimum"] {
                Value::Null => json!(1),
                minimum => minimum.clone(),
            },
            Some("boolean") => json!(false),
            Some("string") if schema["format"] == "date-time" => json!(TIME),
            Some("string") => json!("..."),
            // It may be null, or anything.
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, of: Of) -> Map<String, Value> {
        let required = schema["required"].as_array();
        let is_required = |name: &str| {
            let mut names = required.into_iter().flatten();
            names.any(|required| required == name)
        };
        let properties = schema["properties"].as_object().into_iter().flatten();
        let shown = properties.filter(|(name, property)| {
            of == Of::Response || is_required(name) || own_example(property).is_some()
        });
        shown
            .map(|(name, property)| (name.clone(), self.value(property, of)))
            .collect()
    }
}

fn own_example(schema: &Value) -> Option<Value> {
    let list = |name: &str| schema[name].as_array().and_then(|values| values.first());
    let own = schema.get("example").or_else(|| schema.get("default"));
    own.or_else(|| list("examples")).or_else(|| list("enum")).cloned()
}

/// Both parts of a whole.
fn joined(whole: Value, part: Value) -> Value {
    match (whole, part) {
        (Value::Object(mut whole), Value::Object(part)) => {
            whole.extend(part);
            Value::Object(whole)
        }
        (whole, _) => whole,
    }
}
