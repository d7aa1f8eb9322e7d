//! Which pages of other origins may use the API (the CORS protocol of the Fetch standard).
//!
//! It stands around everything, not in the router: refusals get their bodies, and their headers,
//! when the router is through. Cookies are never let in from another origin: no answer has
//! `Access-Control-Allow-Credentials`, and a page of somebody else may not send the header that
//! cookies need.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;

/// What scripts may read beside the few headers that they always may.
const EXPOSED: &str = "ETag, Link, Location, X-Request-Id, Retry-After, RateLimit, \
    RateLimit-Policy, Idempotency-Replayed, WWW-Authenticate";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key";
/// For how many seconds a browser need not ask again: the most that any of them takes.
const MAX_AGE: &str = "7200";

/// Whose pages may use the API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Nobody's but those of the server's own origin.
    #[default]
    None,
    /// Everybody's.
    Any,
    /// Those of these origins.
    These(Vec<String>),
}

/// What a request says of the page that it comes from.
pub(crate) struct Asked {
    /// What to answer that page: nothing where it may not use the API.
    allowed: Option<HeaderValue>,
    /// Whether the answer depends on the page.
    varies: bool,
    is_preflight: bool,
}

impl CorsOrigins {
    /// What a request to `path` is to be answered.
    pub(crate) fn asked(&self, method: &Method, path: &str, headers: &HeaderMap) -> Asked {
        let origin = headers.get(ORIGIN);
        let is_api = path.starts_with("/api/");
        let allowed = match self {
            Self::These(origins) if is_api => origin
                .filter(|origin| {
                    origins
                        .iter()
                        .any(|known| known.as_bytes() == origin.as_bytes())
                })
                .cloned(),
            Self::Any if is_api && origin.is_some() => Some(HeaderValue::from_static("*")),
            _ => None,
        };
        Asked {
            is_preflight: allowed.is_some()
                && method == Method::OPTIONS
                && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
            varies: is_api && matches!(self, Self::These(_)),
            allowed,
        }
    }
}

impl Asked {
    /// Whether a browser asks what the page may send; it sends no token with that question.
    pub(crate) const fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// Adds what the browser must know.
    pub(crate) fn answer(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(VARY, HeaderValue::from_name(ORIGIN));
        }
        let Some(origin) = self.allowed else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let rest: &[_] = if self.is_preflight {
            &[
                (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
                (ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
                (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
            ]
        } else {
            &[(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED)]
        };
        for (name, value) in rest {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// The answer to a preflight; what stands in its head, [`Asked::answer`] adds.
pub(crate) fn preflight() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
