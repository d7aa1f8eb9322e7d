//! `Idempotency-Key`: whatever has one is done once, and answered alike however often it is asked
//! for (draft-ietf-httpapi-idempotency-key-header).

use std::convert::Infallible;

use axum::body::{Body, to_bytes};
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, ETAG, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::{Actor, ClaimedKey};
use model::{IdempotencyKey, NewIdempotencyKey, StoredAnswer, StoredIdempotencyKey};

use super::wire::PRIVATE;
use crate::app::App;
use crate::error::{Error, Result};
use crate::json;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that nothing was done this time.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one, and to which route it goes.
pub(super) struct Once {
    /// What is none is told when it is its turn in the order of checks.
    key: Option<Result<IdempotencyKey>>,
    route: String,
}

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        let mut lines = parts.headers.get_all(IDEMPOTENCY_KEY).into_iter();
        let key = lines.next().map(|line| {
            let key = IdempotencyKey::parse(line.as_bytes()).filter(|_| lines.next().is_none());
            key.ok_or(Error::InvalidIdempotencyKey)
        });
        Ok(Self {
            key,
            route: format!("{} {}", parts.method, parts.uri.path()),
        })
    }
}

/// A request that may have a key.
pub(super) struct Attempt<'a> {
    once: Once,
    app: &'a App,
    actor: &'a Actor,
    body: &'a [u8],
}

impl Once {
    /// The request of `actor`'s with this body.
    pub(super) const fn of<'a>(
        self,
        app: &'a App,
        actor: &'a Actor,
        body: &'a [u8],
    ) -> Attempt<'a> {
        Attempt {
            once: self,
            app,
            actor,
            body,
        }
    }
}

impl Attempt<'_> {
    /// Answers with what `work` does, which stores the key that it is given with it. What was done
    /// already is not done again: it is answered as it was then or, where that is not known, as
    /// `again` answers for the resource that was made.
    pub(super) async fn answer<W, A>(
        self,
        work: impl FnOnce(Option<NewIdempotencyKey>) -> W,
        again: impl FnOnce(Option<i64>) -> A,
    ) -> Result<Response>
    where
        W: Future<Output = Result<Response>>,
        A: Future<Output = Result<Response>>,
    {
        let Self {
            once,
            app,
            actor,
            body,
        } = self;
        let Some(key) = once.key else {
            return work(None).await;
        };
        let claimed = app.domain.claim_key(actor, &once.route, &key?, body)?;
        if let Some(done) = app.domain.done_already(&claimed).await? {
            return repeated(done, again).await;
        }
        match work(Some(*claimed.key())).await {
            Ok(response) => remembered(app, &claimed, response).await,
            // Another node may have been faster: then what it did is why this one was refused.
            Err(refused) => match app.domain.done_already(&claimed).await? {
                Some(done) => repeated(done, again).await,
                None => Err(refused),
            },
        }
    }
}

async fn repeated<A: Future<Output = Result<Response>>>(
    done: StoredIdempotencyKey,
    again: impl FnOnce(Option<i64>) -> A,
) -> Result<Response> {
    let mut response = match done.answer {
        Some(answer) => as_it_was(answer),
        None => again(done.resource_id).await?,
    };
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn as_it_was(answer: StoredAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or_default();
    let mut response = if answer.body.is_empty() {
        let mut response = Response::default();
        *response.status_mut() = status;
        response
    } else {
        json::answer(status, json::JSON, answer.body.into())
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, PRIVATE);
    for (name, text) in [(LOCATION, answer.location), (ETAG, answer.etag)] {
        let value = text.map(|text| HeaderValue::from_maybe_shared(Bytes::from(text)));
        headers.extend(
            value
                .and_then(std::result::Result::ok)
                .map(|value| (name, value)),
        );
    }
    response
}

async fn remembered(app: &App, claimed: &ClaimedKey, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Error::Panic)?;
    let text = |headers: &HeaderMap, name| {
        let value: Option<&HeaderValue> = headers.get(name);
        value.and_then(|value| value.to_str().ok().map(str::to_owned))
    };
    let answer = StoredAnswer {
        status: parts.status.as_u16(),
        location: text(&parts.headers, LOCATION),
        etag: text(&parts.headers, ETAG),
        body: body.to_vec(),
    };
    app.domain.remember_answer(claimed, &answer).await;
    Ok(Response::from_parts(parts, Body::from(body)))
}
