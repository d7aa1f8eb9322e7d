//! The one layer around every request: its id, its errors, its headers, its line in the log.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::access_log::Entry;
use crate::api;
use crate::app::App;
use crate::cors::{Asked, preflight};
use crate::error::{Carried, Error};
use crate::metrics::verb;
use crate::request_id::{RequestId, RequestIds};

/// The application as something that answers requests.
pub struct Site {
    app: App,
    router: Router,
    ids: RequestIds,
    writes: TaskTracker,
}

/// Whether a request with this method changes nothing, so that it may end when its client goes.
pub fn is_idempotent(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

impl Site {
    /// Builds the routes; `seed` makes the ids of this run different from those of others.
    pub fn new(app: App, seed: u64) -> Self {
        let router = crate::router(app.clone());
        let ids = RequestIds::new(seed);
        Self {
            app,
            router,
            ids,
            writes: TaskTracker::new(),
        }
    }

    /// Answers one request that came from `peer`.
    pub async fn respond(&self, mut request: Request, peer: SocketAddr) -> Response {
        let started = Instant::now();
        let id = self.ids.next();
        let seen = Seen::of(&request, &self.app);
        let client = self
            .app
            .settings
            .trusted_proxies
            .client(peer, request.headers());
        request.extensions_mut().insert(client);

        let mut response = if seen.asked.is_preflight() {
            preflight()
        } else {
            self.run(request).await
        };
        if let Some(Carried(error)) = response.extensions_mut().remove() {
            error.log(id);
            response = refuse(&error, &seen, &response, id);
        }
        self.finish(&mut response, &seen, id, started.elapsed());
        seen.asked.answer(response.headers_mut());
        response
    }

    /// Waits until every write that was begun has ended.
    pub async fn writes_ended(&self) {
        self.writes.close();
        self.writes.wait().await;
    }

    /// Runs the handler. One that may write runs to its end even when its client goes: it must
    /// not stop between its commit and what follows from it.
    async fn run(&self, request: Request) -> Response {
        let safe = is_idempotent(request.method());
        let answer = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind();
        let answer = if safe {
            answer.await
        } else {
            self.in_task(answer).await
        };
        match answer {
            Ok(Ok(response)) => response,
            Err(_) => Error::Panic.into_response(),
        }
    }

    async fn in_task<T: Send + 'static>(
        &self,
        answer: impl Future<Output = std::thread::Result<T>> + Send + 'static,
    ) -> std::thread::Result<T> {
        match self.writes.spawn(answer).await {
            Ok(answer) => answer,
            Err(error) => Err(Box::new(error)),
        }
    }

    fn finish(&self, response: &mut Response, seen: &Seen, id: RequestId, duration: Duration) {
        let status = response.status();
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("x-request-id"), id.header());
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if seen.has_credential {
            // What depends on who asks must not stay in a cache that others read.
            let value = HeaderValue::from_static("private, no-store");
            headers.insert(header::CACHE_CONTROL, value);
        }
        if self.app.settings.server_timing && seen.path().starts_with("/api/v2") {
            let timing = format!("app;dur={:.3}", duration.as_secs_f64() * 1000.0);
            headers.extend(HeaderValue::from_str(&timing).map(|value| (SERVER_TIMING, value)));
        }
        let route = self
            .app
            .metrics
            .observe(&seen.method, seen.path(), status, duration);
        if let Some(log) = &self.app.access_log {
            let time = self.app.domain.clock().now();
            log.record(Entry {
                time,
                id,
                method: verb(&seen.method),
                route,
                status,
                duration,
            });
        }
    }
}

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What must be known of a request after it was handed on.
struct Seen {
    method: Method,
    uri: Uri,
    has_credential: bool,
    asked: Asked,
}

impl Seen {
    fn of(request: &Request, app: &App) -> Self {
        let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
        Self {
            asked: app.settings.cors_origins.asked(method, path, headers),
            method: request.method().clone(),
            uri: request.uri().clone(),
            has_credential: request.headers().contains_key(header::AUTHORIZATION)
                || app.cookies.access_token(request.headers()).is_some(),
        }
    }

    fn path(&self) -> &str {
        self.uri.path()
    }
}

/// Writes an error in the shape of the version that was asked; `bare` has what axum added to it.
fn refuse(error: &Error, seen: &Seen, bare: &Response, id: RequestId) -> Response {
    let allow = bare.headers().get(header::ALLOW).cloned();
    if let (Error::MethodNotAllowed, &Method::OPTIONS) = (error, &seen.method) {
        return options(allow);
    }
    let refusal = error.refusal();
    let mut response = if seen.path().starts_with("/api/v2") {
        api::v2::problem(&refusal, id)
    } else {
        api::v1::failure(&refusal)
    };
    let headers = response.headers_mut();
    error.headers(headers);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    insert_allow(headers, allow);
    if seen.method == Method::HEAD {
        // The length stays: it is what GET would have sent.
        let length = response.body().size_hint().lower();
        *response.body_mut() = Body::empty();
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

fn options(allow: Option<HeaderValue>) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::OK;
    insert_allow(response.headers_mut(), allow);
    response
}

/// axum does not know that OPTIONS works everywhere.
fn insert_allow(headers: &mut HeaderMap, allow: Option<HeaderValue>) {
    let Some(allow) = allow else { return };
    let methods = format!("{},OPTIONS", allow.to_str().unwrap_or_default());
    if let Ok(value) = HeaderValue::from_str(methods.trim_start_matches(',')) {
        headers.insert(header::ALLOW, value);
    }
}
