//! What is true of a parameter wherever it stands.

use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};

const UUID: &str = "0193e1a0-5b7c-7000-8000-000000000000";
const TIME: &str = "2026-01-01T00:00:00Z";

/// Whether `operation` has a parameter called `name`.
pub(super) fn has(operation: &Operation, name: &str) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(found) if found.name == name))
}

/// Adds what is missing to the parameters of `operation`.
pub(super) fn describe(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next().cloned();
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else {
            continue;
        };
        if parameter.parameter_in == ParameterIn::Path && parameter.description.is_none() {
            let description = meaning(&parameter.name, tag.as_deref());
            parameter.description = Some(description.to_owned());
        }
        let example = example(&parameter.name, tag.as_deref());
        if let Some(example) = example {
            let shown = ParameterBuilder::from(parameter.clone());
            *parameter = shown.example(Some(example)).build();
        }
    }
}

fn meaning(name: &str, tag: Option<&str>) -> &'static str {
    match (name, tag) {
        ("slug", _) => "The post's `slug`, or one that it had before",
        ("username", _) => "The user's name; case does not matter",
        (_, Some("auth")) => "The `id` that the list has",
        _ => "The `id`; what is no number is 404",
    }
}

fn example(name: &str, tag: Option<&str>) -> Option<Value> {
    Some(match name {
        "id" if tag == Some("auth") => json!(UUID),
        "after" | "before" if tag == Some("audit") => json!(TIME),
        "id" | "user_id" => json!(1),
        "limit" => json!(20),
        "after" => json!(0),
        "fields" => json!("id,title"),
        "include" => json!("html"),
        "author" | "username" => json!("alice"),
        "category" => json!("general"),
        "tag" => json!(["rust"]),
        "language" => json!("en"),
        "slug" => json!("my-post"),
        "published_after" => json!(TIME),
        "total" => json!(true),
        "If-Match" | "If-None-Match" => json!("\"3-9f2c51d07be3a846\""),
        "Idempotency-Key" => json!("8e03978e-40d5-43dd-bc93-6894a57f9324"),
        _ => return None,
    })
}
