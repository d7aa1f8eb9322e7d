//! Tokens that the server did not mint: the seed's own, and ones that must be refused.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use crate::support::TestApp;

/// A JWT with these claims, signed as `algorithm` says: `HS256`, `HS512` or `none`.
pub(super) fn mint(algorithm: &str, key: &str, claims: &Value) -> String {
    let header = part(&json!({"alg": algorithm, "typ": "JWT"}));
    let signed = format!("{header}.{}", part(claims));
    let signature = match algorithm {
        "HS256" => signature(key, &signed),
        "HS512" => mac::<Hmac<Sha512>>(key, &signed),
        _ => String::new(),
    };
    format!("{signed}.{signature}")
}

/// A token as the Flask app made them: it says who and until when, in seconds from now.
pub(super) fn seed_token(app: &TestApp, key: &str, user_id: i64, expires_in: i64) -> String {
    let claims = json!({"user_id": user_id, "exp": now(app) + expires_in});
    mint("HS256", key, &claims)
}

/// The claims of a token, unverified.
pub(super) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The seconds of the server's clock.
pub(super) fn now(app: &TestApp) -> i64 {
    app.clock.now().as_seconds()
}

/// What HS256 signs `signed` with.
pub(super) fn signature(key: &str, signed: &str) -> String {
    mac::<Hmac<Sha256>>(key, signed)
}

fn part(json: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
}

fn mac<M: Mac + KeyInit>(key: &str, signed: &str) -> String {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}
