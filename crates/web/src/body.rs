//! Request bodies: read whole, up to a limit, and taken apart later, when it is their turn in the
//! order of checks.

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use http_body_util::LengthLimitError;

use crate::app::App;
use crate::error::{Error, Result};
use crate::fields::Fields;

/// The most bytes of a body.
pub(crate) const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of a body about accounts and log-in.
pub(crate) const MAX_ACCOUNT_BYTES: usize = 64 * 1024;
/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(60);

/// A body of up to 8 MiB.
pub(crate) struct RawBody(Content);

/// A body of up to 64 KiB, about accounts or log-in.
pub(crate) struct AccountBody(Content);

struct Content {
    media_type: MediaType,
    bytes: Bytes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Json,
    MergePatch,
    /// Any other `application/*+json`.
    OtherJson,
    Other,
}

impl FromRequest<App> for RawBody {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        read(request, MAX_BYTES).await.map(Self)
    }
}

impl FromRequest<App> for AccountBody {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        read(request, MAX_ACCOUNT_BYTES).await.map(Self)
    }
}

impl RawBody {
    /// The bytes as they came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The fields of an object; any `application/*+json` will do, as in the seed.
    pub(crate) fn fields(&self) -> Result<Fields> {
        self.0
            .fields(&[MediaType::Json, MediaType::MergePatch, MediaType::OtherJson])
    }

    /// The fields of an object that says exactly that it is JSON.
    pub(crate) fn exact_fields(&self) -> Result<Fields> {
        self.0.fields(&[MediaType::Json])
    }

    /// The fields of an object that is JSON or a merge patch (RFC 7396).
    pub(crate) fn patch_fields(&self) -> Result<Fields> {
        self.0.fields(&[MediaType::Json, MediaType::MergePatch])
    }
}

impl AccountBody {
    /// The fields of an object; any `application/*+json` will do, as in the seed.
    pub(crate) fn fields(&self) -> Result<Fields> {
        self.0
            .fields(&[MediaType::Json, MediaType::MergePatch, MediaType::OtherJson])
    }

    /// The fields of an object that says exactly that it is JSON.
    pub(crate) fn exact_fields(&self) -> Result<Fields> {
        self.0.fields(&[MediaType::Json])
    }

    /// The fields of an object that is JSON or a merge patch (RFC 7396).
    pub(crate) fn patch_fields(&self) -> Result<Fields> {
        self.0.fields(&[MediaType::Json, MediaType::MergePatch])
    }
}

impl Content {
    fn fields(&self, allowed: &[MediaType]) -> Result<Fields> {
        if !allowed.contains(&self.media_type) {
            return Err(Error::UnsupportedMediaType);
        }
        Fields::parse(&self.bytes)
    }
}

async fn read(request: Request, limit: usize) -> Result<Content> {
    let (parts, body) = request.into_parts();
    let announced = HttpBody::size_hint(&body).lower();
    if announced > limit as u64 {
        return Err(Error::BodyTooLarge { limit });
    }
    let bytes = collect(body, limit).await?;
    Ok(Content {
        media_type: media_type(&parts.headers),
        bytes,
    })
}

async fn collect(body: Body, limit: usize) -> Result<Bytes> {
    // One byte more than allowed tells an over-long body from one that broke off.
    let read = tokio::time::timeout(PATIENCE, to_bytes(body, limit));
    read.await.map_err(|_| Error::SlowBody)?.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(<dyn std::error::Error>::is::<LengthLimitError>) {
            Error::BodyTooLarge { limit }
        } else {
            Error::BrokenBody
        }
    })
}

/// Whether the body says that it is JSON of any kind.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers) != MediaType::Other
}

fn media_type(headers: &HeaderMap) -> MediaType {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let name = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match name.as_str() {
        "application/json" => MediaType::Json,
        "application/merge-patch+json" => MediaType::MergePatch,
        name if name.starts_with("application/") && name.ends_with("+json") => MediaType::OtherJson,
        _ => MediaType::Other,
    }
}
