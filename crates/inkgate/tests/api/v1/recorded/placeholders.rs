//! What stands in the recording for what changes: tokens of users, tokens to mint, times.

use serde_json::{Value, json};

use crate::support::{SECRET_KEY, TestApp};
use crate::v1::tokens::{mint, now};

/// An `Authorization` with its placeholder filled in: `{token of NAME}` is what log-in gave,
/// `{jwt ...}` a token to mint.
pub(super) fn authorization(app: &TestApp, tokens: &[(&str, String)], text: &str) -> String {
    if let Some((scheme, jwt)) = text.split_once("{jwt ") {
        return format!("{scheme}{}", minted(app, jwt.strip_suffix('}').unwrap()));
    }
    tokens.iter().fold(text.to_owned(), |text, (name, token)| {
        text.replace(&format!("{{token of {name}}}"), token)
    })
}

/// Mints `{"alg","claims","key"}`, in whose claims `{"now": n}` is n seconds from now.
fn minted(app: &TestApp, description: &str) -> String {
    let mut description: Value = serde_json::from_str(description).unwrap();
    for claim in description["claims"].as_object_mut().unwrap().values_mut() {
        if let Some(seconds) = claim.get("now").and_then(Value::as_i64) {
            *claim = json!(now(app) + seconds);
        }
    }
    let key = match description["key"].as_str().unwrap() {
        "SECRET_KEY" => SECRET_KEY,
        other => other,
    };
    let algorithm = description["alg"].as_str().unwrap();
    mint(algorithm, key, &description["claims"])
}

/// A body with every time, which must have the recorded form, and every token replaced.
#[track_caller]
pub(super) fn normalised(text: &str) -> String {
    let times = replaced(text, "\"created_at\":\"", "<time>", is_time);
    replaced(&times, "\"token\":\"", "<jwt>", |token| {
        token.split('.').count() == 3
    })
}

#[track_caller]
fn replaced(text: &str, before: &str, by: &str, is_right: fn(&str) -> bool) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (value, rest) = part.split_once('"').unwrap();
        assert!(is_right(value), "{before}{value}");
        out.extend([before, by, "\"", rest]);
    }
    out
}

/// `2026-11-23T19:00:00.123456`: UTC, six digits of microseconds, no zone letter.
fn is_time(text: &str) -> bool {
    let form: String = text
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    form == "0000-00-00T00:00:00.000000"
}
