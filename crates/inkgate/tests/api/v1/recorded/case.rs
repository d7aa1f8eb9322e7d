//! One recorded request, and what the Flask app answered.

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A case of the recording.
pub(super) struct Case(Value);

/// All of them, in the order in which they were recorded.
pub(super) fn all() -> Vec<Case> {
    let text = include_str!("../../../fixtures/v1-recorded.json");
    let mut recording: Value = serde_json::from_str(text).unwrap();
    let Value::Array(cases) = recording["cases"].take() else {
        panic!("no cases");
    };
    cases.into_iter().map(Case).collect()
}

impl Case {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// What tells a case from all others: section, method and path, name.
    pub(super) fn key(&self) -> [String; 3] {
        let request = format!("{} {}", self.method(), self.path());
        let [section, case] = ["section", "case"].map(|name| self.text(name).unwrap().to_owned());
        [section, request, case]
    }

    pub(super) fn method(&self) -> Method {
        self.text("method").unwrap().parse().unwrap()
    }

    pub(super) fn path(&self) -> &str {
        self.text("path").unwrap()
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.text("content_type")
    }

    pub(super) fn authorization(&self) -> Option<&str> {
        self.text("authorization")
    }

    pub(super) fn body(&self) -> Option<&str> {
        self.text("body")
    }

    pub(super) fn status(&self) -> u16 {
        u16::try_from(self.0["status"].as_u64().unwrap()).unwrap()
    }

    /// Whether this is of the seed's v2, whose shapes ours has left behind.
    pub(super) fn is_v2(&self) -> bool {
        self.path().starts_with("/api/v2")
    }

    /// Whether the seed asked for no token where we do.
    pub(super) fn lacks_a_token(&self) -> bool {
        self.text("section").unwrap().starts_with("todos") && self.authorization().is_none()
    }

    /// Whether the route alone decided: there is no such URL, or not with this method.
    pub(super) fn is_about_the_route(&self) -> bool {
        let body = self.text("json").unwrap_or_default();
        self.status() == 405 || body.contains("The requested URL was not found")
    }

    /// The methods of `Allow`, sorted.
    pub(super) fn allow(&self) -> Vec<&str> {
        methods(self.0["headers"]["allow"].as_str().unwrap_or_default())
    }

    /// The body as JSON. What the seed answered as HTML is the same in our one shape of errors.
    pub(super) fn json(&self) -> Option<Value> {
        if let Some(description) = self.text("html_description") {
            return Some(failure(self.status(), description));
        }
        let text = self.text("json").filter(|text| !text.is_empty())?;
        Some(serde_json::from_str(text).unwrap())
    }
}

/// The methods of an `Allow`, sorted.
pub(super) fn methods(allow: &str) -> Vec<&str> {
    let names = allow.split(',').map(str::trim);
    let mut names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names
}

/// The body of an error.
pub(super) fn failure(status: u16, description: &str) -> Value {
    let reason = StatusCode::from_u16(status).unwrap().canonical_reason();
    let reason = reason.unwrap();
    serde_json::json!({"error": reason, "message": format!("{status} {reason}: {description}")})
}
