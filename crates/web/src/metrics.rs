//! Every metric, in one place.

use std::sync::OnceLock;
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
use crate::pages;

/// What no route of ours is called in metrics and logs: a raw path is a stranger's text.
const OTHER: &str = "other";
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER,
];
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
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
    /// The counters of each route, method and class that was seen: to find one takes no lock.
    counters: Vec<OnceLock<Counter>>,
    durations: Vec<Histogram>,
    routes: Vec<&'static str>,
    /// The place of a path's route in the list.
    places: matchit::Router<usize>,
    cached_bytes: Gauge,
    hashes: Gauge,
    jobs_waiting: Gauge,
    jobs_dead: Gauge,
    jobs_oldest: Gauge,
}

/// What is looked up when somebody asks for the metrics.
pub(crate) struct Readings {
    pub(crate) cached_bytes: u64,
    pub(crate) hashes: u64,
    /// `None`: the database did not answer.
    pub(crate) jobs: Option<JobReadings>,
}

/// How it stands with the jobs.
pub(crate) struct JobReadings {
    pub(crate) waiting: i64,
    pub(crate) dead: i64,
    /// How long ago the oldest of those that wait was enqueued.
    pub(crate) oldest: Duration,
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
        let [jobs_waiting, jobs_dead, jobs_oldest] = [
            ("jobs_waiting", "Jobs that wait or run"),
            ("jobs_dead", "Jobs that nobody tries any more"),
            ("jobs_oldest_seconds", "Age of the oldest job that waits"),
        ]
        .map(|(name, help)| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        });
        let paths = api::paths().iter().copied();
        let routes = paths.chain(ops::PATHS).chain(pages::PATHS);
        let routes: Vec<_> = routes.chain([OTHER]).collect();
        let durations = routes
            .iter()
            .map(|route| durations.get_or_create(&[("route", *route)]).clone())
            .collect();
        let mut places = matchit::Router::new();
        for (place, route) in routes.iter().enumerate() {
            // The name of what is no route of ours is no path, and none is there twice.
            drop(places.insert(*route, place));
        }
        Self {
            registry,
            requests,
            counters: vec![OnceLock::new(); routes.len() * METHODS.len() * CLASSES.len()],
            durations,
            routes,
            places,
            cached_bytes,
            hashes,
            jobs_waiting,
            jobs_dead,
            jobs_oldest,
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
        let other = self.routes.len() - 1;
        let route = self.places.at(path).map_or(other, |found| *found.value);
        let (method, class) = (place_of_method(method), place_of_class(status));
        let counter = &self.counters[(route * METHODS.len() + method) * CLASSES.len() + class];
        let counter = counter.get_or_init(|| {
            let labels = Labels {
                method: METHODS[method],
                route: self.routes[route],
                status: CLASSES[class],
            };
            self.requests.get_or_create(&labels).clone()
        });
        counter.inc();
        self.durations[route].observe(duration.as_secs_f64());
        self.routes[route]
    }

    /// The text that Prometheus reads.
    pub(crate) fn encode(&self, readings: &Readings) -> String {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.cached_bytes.set(number(readings.cached_bytes));
        self.hashes.set(number(readings.hashes));
        if let Some(jobs) = &readings.jobs {
            self.jobs_waiting.set(jobs.waiting);
            self.jobs_dead.set(jobs.dead);
            self.jobs_oldest.set(number(jobs.oldest.as_secs()));
        }
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}

/// The name of a method; a stranger's own must not become a label, nor get into the log.
pub(crate) fn verb(method: &Method) -> &'static str {
    METHODS[place_of_method(method)]
}

fn place_of_method(method: &Method) -> usize {
    let known = METHODS.iter().position(|name| *name == method.as_str());
    known.unwrap_or(METHODS.len() - 1)
}

fn place_of_class(status: StatusCode) -> usize {
    match status.as_u16() {
        ..300 => 0,
        300..400 => 1,
        400..500 => 2,
        _ => 3,
    }
}
