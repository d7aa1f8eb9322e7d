//! Routes for whoever runs the server: health and metrics.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use model::Timestamp;
use tokio::sync::Mutex;

use crate::app::App;
use crate::json;
use crate::metrics::{JobReadings, Readings};

/// The paths of this file, as they are called in metrics and logs.
pub(crate) const PATHS: [&str; 4] = ["/health", "/health/live", "/health/ready", "/metrics"];

/// The database is asked at most this often.
const INTERVAL: Duration = Duration::from_secs(1);
/// What does not answer in this time is not healthy.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(ready))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
}

/// What the database said last.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Option<(Timestamp, bool)>>);

async fn live() -> Response {
    health(true)
}

async fn ready(State(app): State<App>) -> Response {
    // Held while the database is asked: whoever comes meanwhile waits for the same answer.
    let mut last = app.health.0.lock().await;
    let now = app.domain.clock().now();
    // A clock that was set back must not keep an old answer alive.
    let is_recent = |asked: Timestamp| asked <= now && now.since(asked) < INTERVAL;
    if let Some((asked, healthy)) = *last
        && is_recent(asked)
    {
        return health(healthy);
    }
    let answer = tokio::time::timeout(PATIENCE, app.domain.ping()).await;
    let healthy = matches!(answer, Ok(Ok(())));
    *last = Some((now, healthy));
    health(healthy)
}

fn health(healthy: bool) -> Response {
    let (status, body) = if healthy {
        (StatusCode::OK, &b"{\"status\":\"healthy\"}\n"[..])
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            &b"{\"status\":\"unhealthy\"}\n"[..],
        )
    };
    let mut response = json::answer(status, json::JSON, Bytes::from_static(body));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics.encode(&Readings {
        cached_bytes: app.domain.cached_bytes(),
        hashes: app.domain.hashes_started(),
        jobs: jobs(&app).await,
    });
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-store")],
        text,
    )
        .into_response()
}

async fn jobs(app: &App) -> Option<JobReadings> {
    let counting = tokio::time::timeout(PATIENCE, app.domain.count_jobs());
    let counts = counting.await.ok()?.ok()?;
    let now = app.domain.clock().now();
    Some(JobReadings {
        waiting: counts.waiting,
        dead: counts.dead,
        oldest: counts
            .oldest
            .map_or(Duration::ZERO, |oldest| now.since(oldest)),
    })
}
