//! Attacks that must fail, by their number in `docs/SECURITY.md`: past vulnerabilities of others.
//!
//! Tokens are forged here with plain HMAC, never with the program's own code.

mod accounts;
mod caching;
mod floods;
mod foreign_pages;
mod headers;
mod injection;
mod json_types;
mod lifecycle;
mod login_work;
mod logs;
mod mail;
mod mail_fields;
mod matrix;
mod oversize;
mod ownership;
mod personal_tokens;
mod readers;
mod refresh;
mod resets;
mod routes;
mod second_factors;
mod smuggling;
mod token_claims;
mod token_forging;
mod token_keys;
mod token_spelling;
mod v2_claims;
mod v2_forging;
mod waiting_log_ins;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, SECRET_KEY, TestApp};

/// What a real token's header says.
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Routes that take a token: one to read and one to write, of both versions.
const PROBES: [(Method, &str); 4] = [
    (Method::GET, "/api/v1/me"),
    (Method::POST, "/api/v1/posts"),
    (Method::GET, "/api/v2/todos"),
    (Method::POST, "/api/v2/posts"),
];

/// One that takes no token of v1.
const SESSIONS: (Method, &str) = (Method::GET, "/api/v2/auth/sessions");

/// Somebody whose token others would like to have.
struct Victim {
    app: TestApp,
    token: String,
}

impl Victim {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let token = app.user("alice").await.token().to_owned();
        Self { app, token }
    }

    /// Seconds since 1970, as the server's clock has it.
    fn now(&self) -> i64 {
        self.app.clock.now().as_seconds()
    }

    /// The claims of the real token.
    fn claims(&self) -> Value {
        claims(&self.token)
    }

    /// The real claims with one replaced by `json`, which may be none that a parser would take.
    fn claims_with(&self, name: &str, json: &str) -> String {
        let mut claims = self.claims();
        claims[name] = "replaced".into();
        claims.to_string().replace("\"replaced\"", json)
    }

    /// The real claims without one.
    fn claims_without(&self, name: &str) -> String {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        claims.to_string()
    }

    /// The real claims under another header, signed with the server's own key.
    fn under_header(&self, header: &str) -> String {
        forge(header, self.claims().to_string(), SECRET_KEY.as_bytes())
    }

    /// Fails the test unless `token` is refused everywhere.
    async fn refused(&self, token: &str) {
        refused(&self.app, format!("Bearer {token}"), "Invalid token").await;
    }

    /// Fails the test unless the real token is still good, and no forged one has written anything.
    async fn unharmed(self) {
        let me = self.app.with_token(&self.token).get("/api/v1/me").await;
        assert_eq!(me.expect(200).json()["posts"], json!([]));
    }
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn hmac_sha256(message: &str, key: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key)
        .unwrap()
        .chain_update(message);
    mac.finalize().into_bytes().to_vec()
}

/// A token of this header and payload, signed with HS256 whatever the header says.
fn forge(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>, key: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(hmac_sha256(&message, key));
    format!("{message}.{signature}")
}

/// A token of this payload, signed as the server does.
fn signed(payload: impl AsRef<[u8]>) -> String {
    forge(HEADER, payload, SECRET_KEY.as_bytes())
}

/// Sends one of the probes with an `Authorization` of these bytes.
async fn probe(
    app: &TestApp,
    (method, path): (Method, &str),
    authorization: impl AsRef<[u8]>,
) -> Answer {
    let client = app.anonymous();
    let value = HeaderValue::from_bytes(authorization.as_ref()).unwrap();
    let request = client
        .request(method, path)
        .header(AUTHORIZATION, value)
        .json(&json!({"title": "Forged", "content": "by a stranger"}));
    client.send(request).await
}

/// Fails the test unless every probe is 401 with the one challenge and, but for the request id,
/// the one body that says `description`.
async fn refused(app: &TestApp, authorization: impl AsRef<[u8]>, description: &str) {
    let shown = String::from_utf8_lossy(authorization.as_ref()).into_owned();
    let shown: String = shown.chars().take(600).collect();
    for (method, path) in PROBES.into_iter().chain([SESSIONS]) {
        let answer = probe(app, (method, path), &authorization).await;
        assert_eq!(answer.status, 401, "{path}: {shown}: {}", answer.text());
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"inkgate\", error=\"invalid_token\"",
            "{path}: {shown}"
        );
        let mut body = answer.json();
        if path.starts_with("/api/v2") {
            assert_eq!(body["request_id"], answer.header("x-request-id"));
            body["request_id"] = "".into();
        }
        assert_eq!(body, refusal(path, description), "{path}: {shown}");
    }
}

/// The one body of a refused token.
fn refusal(path: &str, description: &str) -> Value {
    if path.starts_with("/api/v1") {
        return json!({"error": "Unauthorized", "message": format!("401 Unauthorized: {description}")});
    }
    // v2 never tells the reason.
    json!({"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "Invalid token",
        "code": "invalid_token", "request_id": "", "errors": []})
}
