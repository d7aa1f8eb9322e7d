//! Bodies of answers.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;

/// The media type of JSON.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The media type of RFC 9457, section 3.
pub(crate) const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// An answer with a body that is finished.
pub(crate) fn answer(status: StatusCode, media_type: HeaderValue, bytes: Bytes) -> Response {
    let length = HeaderValue::from(bytes.len());
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}
