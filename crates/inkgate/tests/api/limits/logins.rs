//! Log-ins: failures count, by account and address, by address, and by account.

use std::time::Duration;

use serde_json::json;

use super::{check_refusal, limited, log_in, post_from, register};
use crate::support::TestApp;

const HERE: &str = "198.51.100.7";

#[tokio::test(flavor = "multi_thread")]
async fn ten_failures_a_minute_of_one_account_from_one_address() {
    let app = with_users(&[]).await;

    for _ in 0..10 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }
    let refused = log_in(&app, HERE, "alice", "wrong").await;

    let wait = check_refusal(&refused, "login-account-address", "q=10;w=60");
    assert_eq!(wait, 6);
    let wanted = json!({"error": "Too Many Requests",
        "message": "429 Too Many Requests: Too many attempts: try again in 6 seconds"});
    assert_eq!(refused.json(), wanted);
    assert_eq!(refused.header("cache-control"), "no-store");
    // Another account from here, and this account from elsewhere, have their own.
    log_in(&app, HERE, "bob", "wrong").await.expect(401);
    log_in(&app, "198.51.100.8", "alice", "1234")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_time_that_was_told_one_more_attempt_is_allowed() {
    let app = with_users(&[]).await;
    for _ in 0..10 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }
    let refused = log_in(&app, HERE, "alice", "1234").await;
    let wait = check_refusal(&refused, "login-account-address", "q=10;w=60");

    app.advance(Duration::from_secs(wait - 1));
    log_in(&app, HERE, "alice", "1234").await.expect(429);
    app.advance(Duration::from_secs(1));
    log_in(&app, HERE, "alice", "wrong").await.expect(401);
    log_in(&app, HERE, "alice", "wrong").await.expect(429);
    app.advance(Duration::from_secs(60));

    for _ in 0..10 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }
    log_in(&app, HERE, "alice", "wrong").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_succeeds_does_not_count() {
    let app = with_users(&["--limit-login-account-address", "2/1m"]).await;

    log_in(&app, HERE, "alice", "wrong").await.expect(401);
    for _ in 0..5 {
        log_in(&app, HERE, "alice", "1234").await.expect(200);
    }
    log_in(&app, HERE, "alice", "wrong").await.expect(401);

    log_in(&app, HERE, "alice", "wrong").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_log_in_does_not_count() {
    let app = with_users(&["--limit-login-account-address", "2/1m"]).await;

    for _ in 0..5 {
        for body in [json!({}), json!({"username": "alice", "password": ""})] {
            post_from(&app, HERE, "/api/v1/login", &body)
                .await
                .expect(400);
        }
    }

    log_in(&app, HERE, "alice", "1234").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_s_right_password_is_no_failure() {
    let app = with_users(&["--limit-login-account-address", "2/1m"]).await;
    let name = model::Username::parse("alice").unwrap();
    let alice = app.domain.user_by_name(&name).await.unwrap();
    app.domain.suspend_user(alice.id).await.unwrap();

    for _ in 0..5 {
        log_in(&app, HERE, "alice", "1234").await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_there_is_counted_like_one_that_is() {
    let app = with_users(&[]).await;

    for name in ["alice", "nobody"] {
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(log_in(&app, HERE, name, "wrong").await.status);
        }
        assert_eq!(statuses[..10], [401; 10], "{name}");
        assert_eq!(statuses[10..], [429; 2], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_of_a_name_are_counted_together() {
    let app = with_users(&["--limit-login-account-address", "4/1m"]).await;

    for name in ["alice", "ALICE", " Alice ", "ａｌｉｃｅ"] {
        log_in(&app, HERE, name, "wrong").await.expect(401);
    }

    log_in(&app, HERE, "alice", "wrong").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_failures_in_ten_minutes_from_one_address_over_many_accounts() {
    let app = with_users(&[]).await;

    for number in 0..30 {
        let name = format!("user{number}");
        log_in(&app, HERE, &name, "wrong").await.expect(401);
    }
    let refused = log_in(&app, HERE, "alice", "1234").await;

    let wait = check_refusal(&refused, "login-address", "q=30;w=600");
    assert_eq!(wait, 20);
    // Somebody elsewhere is not concerned.
    log_in(&app, "198.51.100.8", "alice", "1234")
        .await
        .expect(200);
    app.advance(Duration::from_secs(wait));
    log_in(&app, HERE, "alice", "1234").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_failures_an_hour_of_one_account_from_everywhere() {
    let app = with_users(&[]).await;

    fail_from_everywhere(&app, 100).await;
    let refused = log_in(&app, "192.0.2.200", "alice", "1234").await;

    let wait = check_refusal(&refused, "login-account", "q=100;w=3600");
    assert_eq!(wait, 36);
    log_in(&app, "192.0.2.200", "bob", "1234").await.expect(200);
    app.advance(Duration::from_secs(wait));
    log_in(&app, "192.0.2.200", "alice", "1234")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_lock_an_owner_out() {
    let app = with_users(&[]).await;
    log_in(&app, HERE, "alice", "1234").await.expect(200);
    // The session is over by the time of the attack; where it was begun is remembered.
    app.advance(Duration::from_hours(24 * 30));
    app.domain.tidy().await.unwrap();

    fail_from_everywhere(&app, 100).await;

    log_in(&app, "192.0.2.200", "alice", "1234")
        .await
        .expect(429);
    log_in(&app, HERE, "alice", "1234").await.expect(200);
    // The exception is for the account's own addresses, and from there guessing is limited, too.
    log_in(&app, HERE, "nobody", "1234").await.expect(401);
    for _ in 0..10 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }
    log_in(&app, HERE, "alice", "wrong").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_somebody_else_s_log_ins_helps_nobody() {
    let app = with_users(&["--limit-login-account", "5/1h"]).await;
    log_in(&app, HERE, "bob", "1234").await.expect(200);

    fail_from_everywhere(&app, 5).await;

    log_in(&app, HERE, "alice", "1234").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_is_refused_costs_nothing() {
    let app = with_users(&["--limit-login-account-address", "2/1m"]).await;
    for _ in 0..2 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }
    let before = app.domain.hashes_started();

    for _ in 0..20 {
        log_in(&app, HERE, "alice", "1234").await.expect(429);
    }

    assert_eq!(app.domain.hashes_started(), before);
    // Nor does it count for the address, of which 28 are left, or make the wait longer.
    for number in 0..28 {
        let name = format!("user{number}");
        log_in(&app, HERE, &name, "wrong").await.expect(401);
    }
    log_in(&app, HERE, "bob", "wrong").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_same_moment_are_counted_each() {
    let app = with_users(&["--limit-login-account-address", "3/1m"]).await;

    let attempts = (0..20).map(|_| log_in(&app, HERE, "alice", "wrong"));
    let answers = futures_util::future::join_all(attempts).await;

    let failed = answers.iter().filter(|answer| answer.status == 401);
    let refused = answers.iter().filter(|answer| answer.status == 429);
    assert_eq!((failed.count(), refused.count()), (3, 17));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_an_ipv4_address_or_an_ipv6_network() {
    let app = with_users(&["--limit-login-account-address", "2/1m"]).await;

    for address in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] {
        log_in(&app, address, "alice", "wrong").await.expect(401);
    }
    for (address, status) in [
        ("2001:db8:1:2:aaaa::", 429),
        ("2001:db8:1:3::1", 401),
        ("192.0.2.1", 401),
        ("::ffff:192.0.2.1", 401),
        ("192.0.2.1", 429),
        ("192.0.2.2", 401),
    ] {
        let answer = log_in(&app, address, "alice", "wrong").await;
        assert_eq!(answer.status, status, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rightmost_address_that_no_trusted_proxy_has_is_the_client_s() {
    let app = with_users(&["--limit-login-account-address", "2/1m"]).await;

    for line in ["1.1.1.1, 198.51.100.7", "2.2.2.2,198.51.100.7,127.0.0.1"] {
        log_in(&app, line, "alice", "wrong").await.expect(401);
    }

    log_in(&app, "3.3.3.3, 198.51.100.7", "alice", "wrong")
        .await
        .expect(429);
    log_in(&app, "198.51.100.7, 3.3.3.3", "alice", "wrong")
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trusted_proxy_the_socket_s_address_counts() {
    let flags = ["--limit-login-account-address", "2/1m", "--limits", "true"];
    let app = TestApp::spawn_with(&[&["--env", "testing"], &flags[..]].concat()).await;
    app.register("alice", "1234").await.expect(201);

    for address in ["192.0.2.1", "192.0.2.2"] {
        log_in(&app, address, "alice", "wrong").await.expect(401);
    }

    log_in(&app, "192.0.2.3", "alice", "1234").await.expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_testing_there_are_no_limits_unless_asked_for() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);

    for _ in 0..15 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_development_there_are_limits() {
    let app = TestApp::spawn_with(&["--env", "development"]).await;

    for _ in 0..10 {
        log_in(&app, HERE, "alice", "wrong").await.expect(401);
    }

    log_in(&app, HERE, "alice", "wrong").await.expect(429);
}

/// alice and bob, registered from elsewhere.
async fn with_users(flags: &[&str]) -> TestApp {
    let app = limited(flags).await;
    for name in ["alice", "bob"] {
        register(&app, "203.0.113.1", name).await.expect(201);
    }
    app
}

/// So many wrong passwords for alice, ten from each address.
async fn fail_from_everywhere(app: &TestApp, count: u32) {
    for number in 0..count {
        let address = format!("192.0.2.{}", number / 10);
        log_in(app, &address, "alice", "wrong").await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_the_token_of_a_waiting_log_in_is_counted_as_whoever_fails_to_log_in() {
    let app = limited(&[]).await;
    let path = "/api/v2/auth/login/mfa";
    let body = json!({"mfa_token": format!("ink_mfa_{}", "A".repeat(43)), "code": "123456"});
    for _ in 0..30 {
        post_from(&app, "203.0.113.1", path, &body)
            .await
            .expect(401);
    }

    let refused = post_from(&app, "203.0.113.1", path, &body).await;

    check_refusal(&refused, "login-address", "q=30;w=600");
    post_from(&app, "203.0.113.2", path, &body)
        .await
        .expect(401);
}
