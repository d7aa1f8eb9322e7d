//! T30, T34 and T35: log-in does the same work whoever is asked for, and compares passwords whole.

use model::UserId;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn t30_a_failed_log_in_costs_and_says_the_same_for_everybody() {
    let app = with_accounts().await;
    let mut answers = Vec::new();

    for name in ["alice", "nobody", "suspended", "deleted", "ALICE", "аlice"] {
        let before = app.domain.hashes_started();
        let answer = log_in(&app, name, "wrong").await;
        let hashes = app.domain.hashes_started() - before;
        answers.push((name, hashes, without_id(answer)));
    }

    let (_, hashes, first) = answers[0].clone();
    assert_eq!(hashes, 1);
    for (name, hashes, answer) in answers {
        assert_eq!(hashes, 1, "{name}");
        assert_eq!(answer, first, "{name}");
    }
    assert!(
        first.contains("401 Unauthorized: Invalid credentials"),
        "{first}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t30_what_cannot_be_a_password_costs_nothing_for_everybody() {
    let app = with_accounts().await;
    let mut answers = Vec::new();
    let before = app.domain.hashes_started();

    for name in ["alice", "nobody", "suspended", "deleted"] {
        let long = "x".repeat(1025);
        for password in [long.as_str(), ""] {
            answers.push(without_id(log_in(&app, name, password).await.expect(400)));
        }
    }

    assert_eq!(app.domain.hashes_started(), before);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t30_suspension_shows_only_after_the_right_password() {
    let app = with_accounts().await;

    log_in(&app, "suspended", "wrong").await.expect(401);
    let right = log_in(&app, "suspended", "1234").await.expect(403);

    assert_eq!(right.message(), "Account is suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn t30_no_password_opens_an_account_that_is_not_there() {
    let app = with_accounts().await;

    for password in ["", "hunter2", "1234", "password", "dummy", "nobody", "\0"] {
        for name in ["nobody", "deleted"] {
            let answer = log_in(&app, name, password).await;
            assert!(matches!(answer.status, 400 | 401), "{name} {password:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_a_long_password_is_refused_before_it_is_hashed() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let before = app.domain.hashes_started();

    for (length, status) in [
        (1025, 400),
        (4096, 400),
        (60 * 1024, 400),
        (64 * 1024, 413),
        (1024 * 1024, 413),
        (10 * 1024 * 1024, 413),
    ] {
        let password = "p".repeat(length);
        for (path, name) in [("/api/v1/login", "alice"), ("/api/v1/users", "bob")] {
            let body = json!({"username": name, "password": password}).to_string();
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let reply = crate::support::socket::talk(&app, request).await;
            // Whoever goes on sending may find the connection reset before the answer is read.
            let closed = status == 413 && reply.status() == 0;
            assert!(
                reply.status() == status || closed,
                "{length}: {}",
                reply.head()
            );
        }
    }

    assert_eq!(app.domain.hashes_started(), before);
    let users = app.anonymous().get("/api/v1/users").await.expect(200);
    assert_eq!(users.json()["users"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn t34_a_password_of_128_or_1024_bytes_is_fine() {
    let app = TestApp::spawn().await;

    for length in [128, 1024] {
        let (name, password) = (format!("user{length}"), "p".repeat(length));
        app.register(&name, &password).await.expect(201);
        app.login(&name, &password).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t35_passwords_are_compared_whole() {
    let app = TestApp::spawn().await;
    let emoji = "🙂".repeat(64);
    let cases: [(&str, String, Vec<String>); 5] = [
        (
            "bcrypt",
            "a".repeat(80) + "X",
            vec!["a".repeat(80) + "Y", "a".repeat(72), "a".repeat(80)],
        ),
        (
            "case",
            "Secret".to_owned(),
            vec!["secret".to_owned(), "SECRET".to_owned()],
        ),
        (
            "blanks",
            "secret ".to_owned(),
            vec![
                "secret".to_owned(),
                " secret ".to_owned(),
                "secret  ".to_owned(),
            ],
        ),
        (
            "emoji",
            emoji.clone(),
            vec![
                "🙂".repeat(63),
                format!("{emoji}🙂"),
                "🙂".repeat(63) + "🙃",
            ],
        ),
        // The same on the screen, and not the same.
        (
            "forms",
            "e\u{301}tude".to_owned(),
            vec!["\u{e9}tude".to_owned()],
        ),
    ];

    for (name, password, others) in cases {
        app.register(name, &password).await.expect(201);
        for other in others {
            log_in(&app, name, &other).await.expect(401);
        }
        log_in(&app, name, &password).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t35_a_nul_does_not_end_a_password() {
    let app = TestApp::spawn().await;
    app.register("alice", "abc").await.expect(201);

    // A NUL in any text is refused: no part of it is compared.
    for password in ["abc\0def", "abc\0", "\0abc"] {
        log_in(&app, "alice", password).await.expect(400);
        app.register("bob", password).await.expect(400);
    }
}

/// alice, somebody suspended, and somebody who was deleted.
async fn with_accounts() -> TestApp {
    let app = TestApp::spawn().await;
    let admin = app.user_with_role("root", model::Role::Admin).await;
    for name in ["alice", "suspended", "deleted"] {
        app.register(name, "1234").await.expect(201);
    }
    app.domain.suspend_user(UserId(3)).await.unwrap();
    admin.delete("/api/v1/users/4").await.expect(200);
    app
}

async fn log_in(app: &TestApp, name: &str, password: &str) -> Answer {
    let body: Value = json!({"username": name, "password": password});
    app.anonymous().post("/api/v1/login", &body).await
}

/// Status, headers and body, but for what is different in every answer.
fn without_id(mut answer: Answer) -> String {
    assert!(answer.headers.remove("x-request-id").is_some());
    answer.headers.remove("date");
    format!("{} {:?} {}", answer.status, answer.headers, answer.text())
}
