//! `Idempotency-Key`: what has one is done once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use test_database::TestDatabase;

use super::problem;
use crate::audit::execute;
use crate::support::{Answer, Client, Program, TestApp};

const TODOS: &str = "/api/v2/todos";

/// Sends a request with a key.
pub(super) async fn send(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, path);
    client
        .send(request.header("idempotency-key", key).json(body))
        .await
}

fn todo(title: &str) -> Value {
    json!({"title": title})
}

async fn count(client: &Client) -> i64 {
    let page = client.get("/api/v2/todos?total=true&fields=id").await;
    page.expect(200).json()["total"].as_i64().unwrap()
}

/// Fails the test unless `second` is what `first` was, and says that nothing was done.
#[track_caller]
pub(super) fn repeats(first: &Answer, second: &Answer) {
    assert_eq!(second.header("idempotency-replayed"), "true", "{second:?}");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!((first.status, first.text()), (second.status, second.text()));
    for name in [
        "location",
        "etag",
        "content-type",
        "cache-control",
        "content-length",
    ] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
}

/// What a server leaves behind that ends between its commit and its answer.
pub(super) async fn forget_answers(app: &TestApp) {
    let forget =
        "UPDATE idempotency_keys SET status = NULL, location = NULL, etag = NULL, body = NULL";
    execute(app.database.as_ref().unwrap(), forget).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_done_once_and_answered_alike() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let first = send(&alice, TODOS, "k", &todo("T")).await.expect(201);
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);
    // As it was then, whatever has become of it.
    alice
        .patch("/api/v2/todos/1", &json!({"title": "Changed"}))
        .await
        .expect(200);
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);
    alice.delete("/api/v2/todos/1").await.expect(200);
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);

    assert_eq!(count(&alice).await, 0);
    // Another key, or none, is another request.
    send(&alice, TODOS, "K", &todo("T")).await.expect(201);
    alice.post(TODOS, &todo("T")).await.expect(201);
    alice.post(TODOS, &todo("T")).await.expect(201);
    assert_eq!(count(&alice).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_another_body_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let first = send(&alice, TODOS, "k", &todo("T")).await.expect(201);

    for body in [todo("U"), json!({"title": "T", "priority": 1}), json!([])] {
        let answer = send(&alice, TODOS, "k", &body).await;
        problem(&answer, 422, "idempotency_mismatch");
    }

    assert_eq!(count(&alice).await, 1);
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_its_owner_s_alone() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);

    send(&alice, TODOS, "k", &todo("T")).await.expect(201);
    let answer = send(&bob, TODOS, "k", &todo("T")).await.expect(201);

    assert_eq!(answer.json()["user_id"], 2);
    assert_eq!((count(&alice).await, count(&bob).await), (1, 1));
    let nobody = send(&app.anonymous(), TODOS, "k", &todo("T")).await;
    problem(&nobody, 401, "missing_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_for_one_route() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let body = json!({"title": "T", "content": "C"});

    let post = send(&alice, "/api/v2/posts", "k", &body).await.expect(201);
    send(&alice, TODOS, "k", &todo("T")).await.expect(201);
    repeats(&post, &send(&alice, "/api/v2/posts", "k", &body).await);
    forget_answers(&app).await;
    repeats(&post, &send(&alice, "/api/v2/posts", "k", &body).await);

    let posts = alice.get("/api/v2/posts?total=true").await.json();
    assert_eq!((&posts["total"], count(&alice).await), (&json!(1), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_is_told_so_whatever_the_key() {
    let app = TestApp::spawn().await;
    let reader = app.user_with_role("rita", model::Role::Reader).await;
    let body = json!({"title": "T", "content": "C"});

    let answer = send(&reader, "/api/v2/posts", "k", &body).await;
    problem(&answer, 403, "role_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_may_be_put_right_under_the_same_key() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    let wrong = send(&alice, TODOS, "k", &todo("")).await;
    problem(&wrong, 422, "invalid");
    let wrong = alice
        .request(Method::POST, TODOS)
        .header("idempotency-key", "k");
    let wrong = alice.send(wrong.body("T")).await;
    problem(&wrong, 415, "unsupported_media_type");

    let right = send(&alice, TODOS, "k", &todo("T")).await.expect(201);
    assert!(!right.headers.contains_key("idempotency-replayed"));
    repeats(&right, &send(&alice, TODOS, "k", &todo("T")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_odd_shape_is_refused() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let post = || alice.request(Method::POST, TODOS).json(&todo("T"));
    let long = "k".repeat(256);

    for key in [&b""[..], b"k\xc3\xbc", b"a\tb", long.as_bytes()] {
        let answer = alice.send(post().header("idempotency-key", key)).await;
        problem(&answer, 400, "invalid_idempotency_key");
    }
    let twice = post()
        .header("idempotency-key", "a")
        .header("idempotency-key", "a");
    problem(&alice.send(twice).await, 400, "invalid_idempotency_key");
    assert_eq!(count(&alice).await, 0);

    for key in [
        "k".repeat(255),
        "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"".to_owned(),
    ] {
        send(&alice, TODOS, &key, &todo("T")).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_made_of_what_is_there() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let first = send(&alice, TODOS, "k", &todo("T")).await.expect(201);

    forget_answers(&app).await;
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);
    problem(
        &send(&alice, TODOS, "k", &todo("U")).await,
        422,
        "idempotency_mismatch",
    );

    alice
        .patch("/api/v2/todos/1", &json!({"title": "Changed"}))
        .await
        .expect(200);
    let changed = send(&alice, TODOS, "k", &todo("T")).await.expect(201);
    assert_eq!(changed.json()["title"], "Changed");
    assert_eq!(changed.header("location"), "/api/v2/todos/1");
    alice.delete("/api/v2/todos/1").await.expect(200);
    problem(
        &send(&alice, TODOS, "k", &todo("T")).await,
        404,
        "not_found",
    );
    assert_eq!(count(&alice).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_outlives_the_server_and_is_forgotten_after_a_day() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let first = send(&alice, TODOS, "k", &todo("T")).await.expect(201);
    let clock = app.clock.now();
    let app = TestApp::spawn_on(app.stop().await, &["--env", "testing"]).await;
    app.advance(clock.since(app.clock.now()));

    app.advance(Duration::from_hours(24) - Duration::from_micros(1));
    let alice = app.login("alice", "1234").await;
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);
    app.domain.tidy().await.unwrap();
    repeats(&first, &send(&alice, TODOS, "k", &todo("T")).await);

    app.advance(Duration::from_micros(1));
    let second = send(&alice, TODOS, "k", &todo("U")).await.expect(201);
    assert!(!second.headers.contains_key("idempotency-replayed"));
    repeats(&second, &send(&alice, TODOS, "k", &todo("U")).await);

    app.advance(Duration::from_hours(24));
    app.domain.tidy().await.unwrap();
    let rows = "SELECT count(*) FROM idempotency_keys";
    assert_eq!(
        crate::audit::number(app.database.as_ref().unwrap(), rows).await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_done() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;

    for round in 0..10 {
        let key = format!("round {round}");
        let body = todo(&key);
        let answers = join_all((0..8).map(|_| send(&alice, TODOS, &key, &body))).await;

        let (made, waiting): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 201);
        let fresh = made
            .iter()
            .filter(|answer| answer.header("idempotency-replayed").is_empty());
        assert_eq!(fresh.count(), 1, "{answers:?}");
        assert!(made.iter().all(|answer| answer.body == made[0].body));
        for answer in waiting {
            problem(answer, 409, "idempotency_in_progress");
            assert_eq!(answer.header("retry-after"), "1");
        }
        assert_eq!(count(&alice).await, round + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_on_two_servers_one_is_done() {
    let database = TestDatabase::create().await;
    if database.is_sqlite() {
        return;
    }
    let program = Program::on(&database);
    let (one, two) = (program.serve(), program.serve());
    let alice = one.user("alice").await;
    let elsewhere = two.with_token(alice.token());

    for round in 0..20 {
        let key = format!("round {round}");
        let body = todo(&key);
        let (first, second) = tokio::join!(
            send(&alice, TODOS, &key, &body),
            send(&elsewhere, TODOS, &key, &body)
        );
        let replayed = [&first, &second].map(|answer| answer.header("idempotency-replayed"));
        assert!(
            replayed.contains(&"true") && replayed.contains(&""),
            "{replayed:?}"
        );
        assert_eq!((first.status, &first.body), (second.status, &second.body));
        assert_eq!(count(&alice).await, round + 1);
    }
}

/// Whoever gets no answer asks again, and finds that it was done once or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_after_a_kill_is_there_once() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let mut running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    let mut keys = Vec::new();

    for round in 0..3 {
        let alice = running.with_token(&token);
        let enough = Arc::new(tokio::sync::Semaphore::new(0));
        let writers = (0..4).map(|writer| {
            let (alice, enough) = (alice.clone(), Arc::clone(&enough));
            tokio::spawn(write_until_gone(alice, enough, format!("{round} {writer}")))
        });
        let writers: Vec<_> = writers.collect();
        drop(enough.acquire_many(20 + 7 * round).await.unwrap());
        assert_eq!(running.kill().code, None, "it was to be killed");
        running = program.serve();
        let alice = running.with_token(&token);
        for writer in writers {
            let (answered, last) = writer.await.unwrap();
            send(&alice, TODOS, &last, &todo(&last)).await.expect(201);
            keys.extend(answered);
            keys.push(last);
        }
        assert_eq!(count(&alice).await, keys.len() as i64);
    }
    let alice = running.with_token(&token);
    for key in &keys {
        let answer = send(&alice, TODOS, key, &todo(key)).await.expect(201);
        assert_eq!(answer.header("idempotency-replayed"), "true");
        assert_eq!(answer.json()["title"], **key);
    }
    assert_eq!(count(&alice).await, keys.len() as i64);
}

/// Writes until the server is gone; gives the keys that were answered, and the one that was not.
async fn write_until_gone(
    client: Client,
    enough: Arc<tokio::sync::Semaphore>,
    name: String,
) -> (Vec<String>, String) {
    let mut answered = Vec::new();
    loop {
        let key = format!("{name} {}", answered.len());
        let request = client.request(Method::POST, TODOS);
        let request = request.header("idempotency-key", &key).json(&todo(&key));
        match request.send().await {
            Ok(answer) if answer.status() == 201 => answered.push(key),
            _ => return (answered, key),
        }
        enough.add_permits(1);
    }
}
