//! Every answer of a test, held against the OpenAPI documents.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};

use super::client::Answer;

/// What no document tells of: probes, pages, and the documents themselves.
const UNDOCUMENTED: [&str; 6] = [
    "/health",
    "/metrics",
    "/api/docs",
    "/api/v1/openapi.json",
    "/api/v2/openapi.json",
    "/account/",
];
/// Headers that an answer has only in the cases that their descriptions name.
const SOMETIMES: [&str; 3] = ["Link", "Idempotency-Replayed", "Set-Cookie"];

/// A request, as far as it decides what may be answered.
pub(crate) struct Asked {
    method: Method,
    url: Url,
    body: Vec<u8>,
}

impl Asked {
    pub(crate) fn of(request: &reqwest::Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Self {
            method: request.method().clone(),
            url: request.url().clone(),
            body: body.unwrap_or_default().to_vec(),
        }
    }

    /// Fails the test unless `answer` is what a document says of this request.
    pub(crate) fn check(&self, answer: &Answer) {
        if let Err(wrong) = self.compare(answer) {
            let (method, path, status) = (&self.method, self.url.path(), answer.status);
            panic!(
                "not as documented: {method} {path} {status}: {wrong}\n{}",
                answer.text()
            );
        }
    }

    fn compare(&self, answer: &Answer) -> Result<(), String> {
        let path = self.url.path();
        if self.method == Method::OPTIONS || UNDOCUMENTED.iter().any(|at| path.starts_with(at)) {
            return Ok(());
        }
        let found = DOCUMENTS.iter().find_map(|document| {
            let item = document.item(path)?;
            Some((document, item))
        });
        let Some((document, item)) = found else {
            return demand(answer.status == 404, || "is no documented path".to_owned());
        };
        let method = match &self.method {
            &Method::HEAD => "get".to_owned(),
            method => method.as_str().to_lowercase(),
        };
        let Some(operation) = item.get(&method) else {
            return demand(answer.status == 405, || "is no documented method".to_owned());
        };
        let told = &operation["responses"][answer.status.to_string()];
        demand(told.is_object(), || "the status is not documented".to_owned())?;
        headers(told, answer)?;
        self.content(document, told, answer)?;
        if answer.status < 300 {
            self.request(document, &operation["requestBody"])?;
        }
        Ok(())
    }

    fn content(&self, document: &Document, told: &Value, answer: &Answer) -> Result<(), String> {
        let Some(content) = told["content"].as_object() else {
            return demand(answer.body.is_empty(), || "has no documented body".to_owned());
        };
        let media_type = answer.header("content-type").split(';').next();
        let media_type = media_type.unwrap_or_default();
        let told = content
            .get(media_type)
            .ok_or_else(|| format!("{media_type} is not documented"))?;
        if self.method == Method::HEAD || !media_type.ends_with("json") {
            return Ok(());
        }
        let body = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        let trimmed = self.url.query_pairs().any(|(name, _)| name == "fields");
        document.validate(&told["schema"], &body, trimmed)
    }

    /// What was accepted must be what the document asks for.
    fn request(&self, document: &Document, told: &Value) -> Result<(), String> {
        let Ok(body) = serde_json::from_slice(&self.body) else {
            return Ok(());
        };
        let schema = &told["content"]["application/json"]["schema"];
        if !schema.is_object() {
            // Nobody reads it.
            return Ok(());
        }
        let checked = document.validate(schema, &body, false);
        checked.map_err(|wrong| format!("it accepted what is not documented: {wrong}: {body}"))
    }
}

fn demand(holds: bool, or: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(or()) }
}

fn headers(told: &Value, answer: &Answer) -> Result<(), String> {
    let names = told["headers"].as_object().into_iter().flatten();
    for (name, _) in names.filter(|(name, _)| !SOMETIMES.contains(&name.as_str())) {
        let is_there = answer.headers.contains_key(name.as_str());
        demand(is_there, || format!("the header {name} is missing"))?;
    }
    Ok(())
}

static DOCUMENTS: LazyLock<[Document; 2]> = LazyLock::new(|| {
    let told = |document| serde_json::to_value(document).unwrap();
    [
        Document::new(told(web::openapi_v1())),
        Document::new(told(web::openapi_v2())),
    ]
});

/// One of the two documents.
struct Document {
    told: Value,
    /// As `told` has them; objects have no other properties than those that are listed.
    schemas: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    fn new(told: Value) -> Self {
        let schemas = closed(&told["components"]["schemas"], &told);
        Self {
            told,
            schemas,
            validators: Mutex::default(),
        }
    }

    /// The item of the path that is most like `path`: a segment that is written out comes before
    /// one that is a parameter.
    fn item(&self, path: &str) -> Option<&Value> {
        let paths = self.told["paths"].as_object().unwrap();
        let fitting = paths.iter().filter(|(template, _)| fits(template, path));
        let found = fitting.min_by_key(|(template, _)| template.matches('{').count());
        found.map(|(_, item)| item)
    }

    fn validate(&self, schema: &Value, body: &Value, trimmed: bool) -> Result<(), String> {
        let key = format!("{trimmed} {schema}");
        let validator = {
            let mut validators = self.validators.lock().unwrap();
            let made = validators
                .entry(key)
                .or_insert_with(|| Arc::new(self.validator(schema, trimmed)));
            Arc::clone(made)
        };
        let wrong: Vec<_> = validator
            .iter_errors(body)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        demand(wrong.is_empty(), || wrong.join("; "))
    }

    fn validator(&self, schema: &Value, trimmed: bool) -> Validator {
        let mut root = closed(schema, &self.told);
        root["components"] = json!({"schemas": self.schemas});
        if trimmed {
            forgo_required(&mut root);
        }
        let options = jsonschema::options().with_draft(Draft::Draft202012);
        let options = options.should_validate_formats(true);
        options.build(&root).unwrap()
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(_)) if wanted.starts_with('{') => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
}

/// `schema` without room for properties that it does not list.
fn closed(schema: &Value, document: &Value) -> Value {
    let mut out = opened(schema, document);
    if let Some(object) = out.as_object_mut()
        && (is_map_of_properties(object) || object.contains_key("allOf"))
    {
        object.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    out
}

fn is_map_of_properties(object: &Map<String, Value>) -> bool {
    object.get("type").is_some() && object.contains_key("properties")
}

/// `schema` with all that stands below it closed, and itself open: a part of a whole.
fn opened(schema: &Value, document: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let members = object.iter().map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    ("allOf", Value::Array(parts)) => {
                        parts.iter().map(|part| part_of(part, document)).collect()
                    }
                    ("example" | "examples" | "enum", value) => value.clone(),
                    _ => closed(value, document),
                };
                (name.clone(), value)
            });
            Value::Object(members.collect())
        }
        Value::Array(values) => values.iter().map(|value| closed(value, document)).collect(),
        value => value.clone(),
    }
}

/// A part of `allOf`: what it refers to, open, because the whole has the other parts' properties.
fn part_of(part: &Value, document: &Value) -> Value {
    if let Some(reference) = part["$ref"].as_str() {
        let to = document.pointer(reference.trim_start_matches('#')).unwrap();
        return part_of(to, document);
    }
    let choices = ["oneOf", "anyOf"].map(|name| (name, part[name].as_array()));
    for (name, choices) in choices {
        if let Some(choices) = choices {
            let parts: Vec<_> = choices.iter().map(|part| part_of(part, document)).collect();
            return json!({name: parts});
        }
    }
    opened(part, document)
}

/// With `fields`, an answer has those that were asked for.
fn forgo_required(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("required").is_some_and(Value::is_array) {
                object.remove("required");
            }
            object.values_mut().for_each(forgo_required);
        }
        Value::Array(values) => values.iter_mut().for_each(forgo_required),
        _ => {}
    }
}
