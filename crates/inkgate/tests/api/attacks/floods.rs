//! T32, T33 and T36: guessing, lying about one's address, and a flood of log-ins.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp};

const LIMITED: [&str; 4] = ["--env", "testing", "--limits", "true"];
const BEHIND_A_PROXY: [&str; 6] = [
    "--env",
    "testing",
    "--limits",
    "true",
    "--trusted-proxies",
    "127.0.0.1",
];

#[tokio::test(flavor = "multi_thread")]
async fn t32_guessing_is_stopped_and_the_owner_is_not() {
    let app = TestApp::spawn_with(&BEHIND_A_PROXY).await;
    app.register("alice", "1234").await.expect(201);
    let attacker = [("x-forwarded-for", "203.0.113.66")];

    let mut statuses = Vec::new();
    for guess in 0..50 {
        let answer = log_in(&app, &format!("guess {guess}"), &attacker).await;
        if answer.status == 429 {
            assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
        }
        statuses.push(answer.status);
    }

    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 40]);
    // The right password, too, while the attacker guesses on; but its owner stands elsewhere.
    log_in(&app, "1234", &attacker).await.expect(429);
    let owner = [("x-forwarded-for", "198.51.100.7")];
    log_in(&app, "1234", &owner).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t33_a_stranger_cannot_choose_an_address() {
    let app = TestApp::spawn_with(&LIMITED).await;
    app.register("alice", "1234").await.expect(201);
    let long = "10.0.0.1, ".repeat(100);

    let mut statuses = Vec::new();
    for guess in 0..20 {
        let v4 = format!("198.51.100.{guess}");
        let v6 = format!("2001:db8:{guess}::1");
        let forwarded = format!("for={v4};proto=https");
        let many = format!("{long}{v4}");
        let headers: &[(&str, &str)] = match guess % 7 {
            0 => &[("x-forwarded-for", &v4)],
            1 => &[("x-real-ip", &v4)],
            2 => &[("forwarded", &forwarded)],
            3 => &[("x-forwarded-for", &v4), ("x-forwarded-for", &v6)],
            4 => &[("x-forwarded-for", &many)],
            5 => &[("x-forwarded-for", &v6), ("true-client-ip", &v6)],
            _ => &[("cf-connecting-ip", &v4), ("x-client-ip", &v4)],
        };
        statuses.push(log_in(&app, "wrong", headers).await.status);
    }

    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 10]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t33_behind_a_trusted_proxy_only_its_own_word_counts() {
    let app = TestApp::spawn_with(&BEHIND_A_PROXY).await;
    app.register("alice", "1234").await.expect(201);

    let mut statuses = Vec::new();
    for guess in 0..20 {
        // What the client itself wrote stands left of what the proxy added.
        let spoofed = format!("198.51.100.{guess}");
        let line = format!("{spoofed}, 203.0.113.66");
        let forwarded = format!("for={spoofed}");
        let headers: &[(&str, &str)] = match guess % 3 {
            0 => &[("x-forwarded-for", &line)],
            1 => &[
                ("x-forwarded-for", &spoofed),
                ("x-forwarded-for", "203.0.113.66"),
            ],
            _ => &[
                ("x-real-ip", &spoofed),
                ("forwarded", &forwarded),
                ("x-forwarded-for", "203.0.113.66, 127.0.0.1"),
            ],
        };
        statuses.push(log_in(&app, "wrong", headers).await.status);
    }

    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 10]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t33_the_addresses_of_one_ipv6_network_are_one() {
    let app = TestApp::spawn_with(&BEHIND_A_PROXY).await;
    app.register("alice", "1234").await.expect(201);

    let mut statuses = Vec::new();
    for guess in 0..11 {
        let address = format!("2001:db8:1:2:{guess:x}::{guess:x}");
        let headers = [("x-forwarded-for", address.as_str())];
        statuses.push(log_in(&app, "wrong", &headers).await.status);
    }
    let neighbour = [("x-forwarded-for", "2001:db8:1:3::1")];

    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10], 429);
    log_in(&app, "wrong", &neighbour).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn t36_a_flood_of_log_ins_is_turned_away_and_readers_are_not() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = json!({"title": "My Post", "content": "Hello"});
    alice.post("/api/v1/posts", &post).await.expect(201);
    let before = app.domain.hashes_started();
    let (client, reader) = (app.anonymous(), app.anonymous());
    let body = json!({"username": "alice", "password": "wrong"});

    let flood = join_all((0..200).map(|_| client.post("/api/v1/login", &body)));
    let reading = async {
        let mut statuses = Vec::new();
        for _ in 0..50 {
            statuses.push(reader.get("/api/v1/posts/1").await.status);
        }
        statuses
    };
    let (answers, reads) = tokio::join!(flood, reading);

    assert_eq!(reads, [200; 50]);
    let refused = answers.iter().filter(|answer| answer.status == 503);
    for answer in refused.clone() {
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    }
    let (refused, failed) = (refused.count(), statuses(&answers, 401));
    assert!(refused > 0);
    assert_eq!(refused + failed, 200);
    // Whoever was turned away has cost no hash.
    let hashes = app.domain.hashes_started() - before;
    assert!(hashes < 200, "{hashes}");
}

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

async fn log_in(app: &TestApp, password: &str, headers: &[(&str, &str)]) -> Answer {
    let client = app.anonymous();
    let mut request = client
        .request(Method::POST, "/api/v1/login")
        .json(&json!({"username": "alice", "password": password}));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await
}
