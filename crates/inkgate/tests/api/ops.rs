//! Health, metrics, and the headers of every answer.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::Method;
use test_database::{TestDatabase, execute, server};

use crate::support::{Client, TestApp};

const HEALTHY: &str = "{\"status\":\"healthy\"}\n";
const UNHEALTHY: &str = "{\"status\":\"unhealthy\"}\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_runs_is_healthy() {
    let app = TestApp::spawn().await;

    for path in ["/health", "/health/live", "/health/ready"] {
        let answer = app.anonymous().get(path).await.expect(200);

        assert_eq!(answer.text(), HEALTHY);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

/// Takes a database on a server away from everybody who uses it, or gives it back.
async fn allow_connections(database: &TestDatabase, allowed: bool) {
    let name = database.url().rsplit_once('/').unwrap().1;
    // One after the other: until the first is committed, a connection may come that the second misses.
    for sql in [
        format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"),
        format!(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
             WHERE NOT {allowed} AND datname = '{name}'"
        ),
    ] {
        execute(&server().unwrap(), &sql).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_its_database_is_unhealthy_until_it_is_back() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    if database.is_sqlite() {
        // A file that was opened stays there for whoever opened it.
        return;
    }
    let client = app.anonymous();
    client.get("/health").await.expect(200);

    allow_connections(database, false).await;
    app.advance(Duration::from_secs(1));
    for path in ["/health", "/health/ready"] {
        assert_eq!(client.get(path).await.expect(503).text(), UNHEALTHY);
    }
    assert_eq!(client.get("/health/live").await.expect(200).text(), HEALTHY);
    let refused = client.get("/api/v2/posts").await.expect(503);
    assert_eq!(refused.json()["code"], "overloaded");
    assert_eq!(refused.header("retry-after"), "1");

    allow_connections(database, true).await;
    app.advance(Duration::from_secs(1));
    assert_eq!(client.get("/health").await.expect(200).text(), HEALTHY);
    client.get("/api/v2/posts").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_asked_at_most_once_a_second() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    if database.is_sqlite() {
        return;
    }
    let client = app.anonymous();
    client.get("/health").await.expect(200);
    allow_connections(database, false).await;

    app.advance(Duration::from_millis(999));
    client.get("/health").await.expect(200);
    app.advance(Duration::from_millis(1));
    client.get("/health").await.expect(503);
    allow_connections(database, true).await;
    app.advance(Duration::from_millis(999));
    client.get("/health").await.expect(503);
    app.advance(Duration::from_millis(1));
    client.get("/health").await.expect(200);
}

async fn metrics(client: &Client) -> String {
    let answer = client.get("/metrics").await.expect(200);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), media_type);
    answer.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_method_route_and_class_of_status() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    for path in [
        "/api/v1/posts/1",
        "/api/v1/posts/22",
        "/api/v2/posts",
        "/api/v1/openapi.json",
    ] {
        client.get(path).await;
    }
    client.delete("/api/v2/posts/1").await;
    client.get("/health/live").await;

    let text = metrics(&client).await;

    for (method, route, status, count) in [
        ("GET", "/api/v1/posts/{id}", "4xx", 2),
        ("GET", "/api/v2/posts", "2xx", 1),
        ("GET", "/api/v1/openapi.json", "2xx", 1),
        ("DELETE", "/api/v2/posts/{id}", "4xx", 1),
        ("GET", "/health/live", "2xx", 1),
    ] {
        let line = format!(
            "inkgate_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}\n"
        );
        assert!(text.contains(&line), "{line}{text}");
    }
    let line = "inkgate_http_request_duration_seconds_count{route=\"/api/v1/posts/{id}\"} 2\n";
    assert!(text.contains(line), "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_made_up_is_no_label() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    for path in [
        "/secret-path",
        "/api/v1/posts/secret-id",
        "/api/v2/posts?secret=1",
        "/metrics/secret",
    ] {
        client.get(path).await;
    }
    let brew = Method::from_bytes(b"SECRET").unwrap();
    client.send(client.request(brew, "/api/v1/posts")).await;

    let text = metrics(&client).await;

    assert!(!text.to_lowercase().contains("secret"), "{text}");
    let other = "inkgate_http_requests_total{method=\"GET\",route=\"other\",status=\"4xx\"} 2\n";
    assert!(text.contains(other), "{text}");
    let method = "{method=\"other\",route=\"/api/v1/posts\",status=\"4xx\"} 1\n";
    assert!(text.contains(method), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_the_cache_and_of_passwords() {
    let app = TestApp::spawn_with(&["--env", "testing", "--cache-bytes", "1000000"]).await;
    app.user("alice").await;
    app.anonymous().get("/api/v2/posts").await.expect(200);

    let text = metrics(&app.anonymous()).await;

    let cached = format!("inkgate_cached_bytes {}\n", app.domain.cached_bytes());
    assert!(app.domain.cached_bytes() > 0);
    assert!(text.contains(&cached), "{text}");
    let hashes = format!("inkgate_password_hashes {}\n", app.domain.hashes_started());
    assert!(text.contains(&hashes), "{text}");
}

/// Paths of every kind, right and wrong.
const PATHS: [&str; 9] = [
    "/health",
    "/metrics",
    "/api/docs/",
    "/api/v1/posts",
    "/api/v1/posts/1",
    "/api/v2/posts",
    "/api/v2/posts/1",
    "/api/v2/openapi.json",
    "/nothing",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id_of_its_own_and_is_not_to_be_sniffed() {
    let app = TestApp::spawn().await;
    let client = app.anonymous();
    let mut ids = HashSet::new();

    for path in PATHS {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            let request = client.request(method, path).header("x-request-id", "mine");
            let answer = client.send(request).await;

            let id = answer.header("x-request-id");
            assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(ids.insert(id.to_owned()), "{id} came twice");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_give_different_ids() {
    let app = TestApp::spawn().await;
    let first = app.anonymous().get("/health/live").await;
    let database = app.stop().await;

    let again = TestApp::spawn_on(database, &["--env", "testing"]).await;

    let second = again.anonymous().get("/health/live").await;
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_it_took_is_told_by_v2_and_outside_production_alone() {
    for (environment, told) in [
        ("development", true),
        ("testing", true),
        ("production", false),
    ] {
        let app = TestApp::spawn_with(&["--env", environment]).await;

        for path in PATHS {
            let answer = app.anonymous().get(path).await;
            let timing = answer.header("server-timing");

            let wanted = told && path.starts_with("/api/v2/posts");
            if !path.ends_with(".json") {
                assert_eq!(
                    timing.starts_with("app;dur="),
                    wanted,
                    "{environment} {path}"
                );
            }
        }
    }
}
