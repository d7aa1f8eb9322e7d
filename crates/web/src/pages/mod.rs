//! The pages that links in mails lead to, for those who have none of their own: each is one file,
//! asks nobody but this server, and leaves its token behind `#`, where no server sees it.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::app::App;

/// The paths of this file, as they are called in metrics and logs.
pub(crate) const PATHS: [&str; 2] = ["/account/reset", "/account/verify"];

const RESET: &str = include_str!("reset.html");
const VERIFY: &str = include_str!("verify.html");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(PATHS[0], get(async || page(RESET, &RESET_POLICY)))
        .route(PATHS[1], get(async || page(VERIFY, &VERIFY_POLICY)))
}

static RESET_POLICY: LazyLock<String> = LazyLock::new(|| policy(RESET));
static VERIFY_POLICY: LazyLock<String> = LazyLock::new(|| policy(VERIFY));

fn page(html: &'static str, policy: &str) -> Response {
    let mut headers = HeaderMap::new();
    let mut fixed = |name: HeaderName, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    fixed(CONTENT_TYPE, "text/html; charset=utf-8");
    fixed(CACHE_CONTROL, "no-store");
    fixed(REFERRER_POLICY, "no-referrer");
    headers.extend(HeaderValue::from_str(policy).map(|value| (CONTENT_SECURITY_POLICY, value)));
    (headers, html).into_response()
}

/// What the page may do: run the script and use the style that stand in it, ask this server, and
/// nothing else.
fn policy(html: &str) -> String {
    let script = hash(between(html, "<script>", "</script>"));
    let style = hash(between(html, "<style>", "</style>"));
    format!(
        "default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = html.split_once(start).unwrap_or_default();
    rest.split_once(end).unwrap_or_default().0
}

fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
