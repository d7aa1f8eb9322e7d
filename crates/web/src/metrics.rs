//! Every metric, in one place.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::api;
use crate::ops;

/// What no route of ours is called in metrics and logs: a raw path is a stranger's text.
const OTHER: &str = "other";
const BUCKETS: [f64; 9] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: &'static str,
    /// `2xx`, `3xx`, `4xx` or `5xx`.
    status: &'static str,
}

pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Vec<Histogram>,
    routes: HashMap<&'static str, usize>,
    cached_bytes: Gauge,
    hashes: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("inkgate");
        let requests = Family::<Labels, Counter>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let durations =
            Family::<[(&'static str, &'static str); 1], Histogram>::new_with_constructor(|| {
                Histogram::new(BUCKETS)
            });
        registry.register(
            "http_request_duration_seconds",
            "How long requests took",
            durations.clone(),
        );
        let cached_bytes = Gauge::default();
        let help = "Bytes of finished bodies that are kept";
        registry.register("cached_bytes", help, cached_bytes.clone());
        let hashes = Gauge::default();
        registry.register(
            "password_hashes",
            "Passwords hashed since the start",
            hashes.clone(),
        );
        let names: Vec<&'static str> = api::paths()
            .iter()
            .copied()
            .chain(ops::PATHS)
            .chain([OTHER])
            .collect();
        let durations = names
            .iter()
            .map(|name| durations.get_or_create(&[("route", *name)]).clone())
            .collect();
        let routes = names
            .into_iter()
            .enumerate()
            .map(|(place, name)| (name, place))
            .collect();
        Self {
            registry,
            requests,
            durations,
            routes,
            cached_bytes,
            hashes,
        }
    }

    /// Counts an answer and gives the name of its route.
    pub(crate) fn observe(
        &self,
        method: &Method,
        path: &str,
        status: StatusCode,
        duration: Duration,
    ) -> &'static str {
        let (route, place) = self.route(path);
        let labels = Labels {
            method: verb(method),
            route,
            status: class(status),
        };
        self.requests.get_or_create(&labels).inc();
        if let Some(durations) = self.durations.get(place) {
            durations.observe(duration.as_secs_f64());
        }
        route
    }

    /// The text that Prometheus reads.
    pub(crate) fn encode(&self, cached_bytes: u64, hashes: u64) -> String {
        self.cached_bytes
            .set(i64::try_from(cached_bytes).unwrap_or(i64::MAX));
        self.hashes.set(i64::try_from(hashes).unwrap_or(i64::MAX));
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }

    /// The route that a path belongs to: numbers in it are ids.
    fn route(&self, path: &str) -> (&'static str, usize) {
        let found = self.routes.get_key_value(path).or_else(|| {
            let mut pattern = String::with_capacity(path.len() + 8);
            for part in path.split('/').skip(1) {
                let is_id = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                pattern.push('/');
                pattern.push_str(if is_id { "{id}" } else { part });
            }
            self.routes.get_key_value(pattern.as_str())
        });
        found.map_or((OTHER, self.routes.len() - 1), |(route, place)| {
            (*route, *place)
        })
    }
}

/// The name of a method; a stranger's own must not become a label, nor get into the log.
pub(crate) fn verb(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or(OTHER)
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
