//! Limits on how often something may be tried, with the clock in hand.

mod logins;
mod mail;
mod registrations;
mod writes;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// A server with limits that believes this machine's `X-Forwarded-For`.
async fn limited(flags: &[&str]) -> TestApp {
    let fixed = [
        "--env",
        "testing",
        "--limits",
        "true",
        "--trusted-proxies",
        "127.0.0.1",
    ];
    TestApp::spawn_with(&[&fixed, flags].concat()).await
}

/// Sends a body as somebody at `address`.
async fn post_from(app: &TestApp, address: &str, path: &str, body: &Value) -> Answer {
    let client = app.anonymous();
    let request = client
        .request(Method::POST, path)
        .header("x-forwarded-for", address);
    client.send(request.json(body)).await
}

async fn log_in(app: &TestApp, address: &str, name: &str, password: &str) -> Answer {
    let body = json!({"username": name, "password": password});
    post_from(app, address, "/api/v1/login", &body).await
}

async fn register(app: &TestApp, address: &str, name: &str) -> Answer {
    let body = json!({"username": name, "password": "1234"});
    post_from(app, address, "/api/v1/users", &body).await
}

/// Fails the test unless this is a refusal by the quota `name`; gives the seconds to wait.
#[track_caller]
fn check_refusal(answer: &Answer, name: &str, policy: &str) -> u64 {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert_eq!(
        answer.header("ratelimit"),
        format!("\"{name}\";r=0;t={wait}")
    );
    assert_eq!(
        answer.header("ratelimit-policy"),
        format!("\"{name}\";{policy}")
    );
    assert!(wait > 0);
    wait
}
