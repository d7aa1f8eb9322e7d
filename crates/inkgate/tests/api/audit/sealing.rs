//! The chain goes on: over restarts, crashes, new keys, several nodes, and late commits.

use futures_util::future::join_all;
use serde_json::json;
use test_database::TestDatabase;

use super::{execute, number, proved};
use crate::support::{Program, SECRET_KEY, TestApp, second_node};

/// What `audit verify` says of events and of those that wait.
fn verified(program: &Program) -> (u64, u64) {
    let out = program.run(&["audit", "verify"]).expect_success().out;
    let words: Vec<_> = out.split_whitespace().collect();
    assert_eq!(words[0], "OK:", "{out}");
    (words[1].parse().unwrap(), words[7].parse().unwrap())
}

/// Waits until the running server has sealed everything.
async fn until_sealed(program: &Program) -> u64 {
    loop {
        let (events, waiting) = verified(program);
        if waiting == 0 {
            return events;
        }
        tokio::task::yield_now().await;
    }
}

fn create(program: &Program, name: &str) {
    let arguments = ["user", "create", "--username", name, "--password-stdin"];
    program
        .run_with_input(&arguments, "1234\n")
        .expect_success();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_when_a_server_is_killed_is_sealed_after_its_next_start() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    create(&program, "root");
    assert_eq!(verified(&program), (0, 1), "nobody serves");

    let running = program.serve();
    running.user("alice").await;
    assert_eq!(running.kill().code, None);
    let (events, waiting) = verified(&program);
    assert_eq!(events + waiting, 3);
    create(&program, "bob");

    let running = program.serve();
    assert_eq!(until_sealed(&program).await, 4);
    running.login("bob", "1234").await;
    running.stop().expect_success();
    assert_eq!(verified(&program), (5, 0), "a server that stops seals");
}

#[tokio::test(flavor = "multi_thread")]
async fn seals_of_a_key_that_was_replaced_are_proved_as_long_as_it_is_given() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let serve_once = async |program: &Program, name: &str| {
        let running = program.serve();
        running.user(name).await;
        running.stop().expect_success();
    };
    serve_once(&program, "alice").await;
    let rotated = program
        .set("SECRET_KEY", "another key for tests of more than 32 bytes")
        .set("SECRET_KEY_PREVIOUS", SECRET_KEY);
    serve_once(&rotated, "bob").await;

    assert_eq!(verified(&rotated), (4, 0));
    let line = rotated
        .clone()
        .unset("SECRET_KEY_PREVIOUS")
        .run(&["audit", "verify"])
        .expect_refusal(1);
    assert!(
        line.starts_with("seal 1 was changed, or made under a key"),
        "{line}"
    );
    let line = rotated
        .set("SECRET_KEY", SECRET_KEY)
        .unset("SECRET_KEY_PREVIOUS")
        .run(&["audit", "verify"])
        .expect_refusal(1);
    assert!(line.contains("made under a key"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_seal_at_once_make_one_chain() {
    let app = TestApp::spawn().await;
    let other = second_node(&app).await;
    let wrong = json!({"username": "nobody", "password": "wrong"});

    for _ in 0..10 {
        let (client, wrong) = (app.anonymous(), wrong.clone());
        let failing = (0..3).map(|_| client.post("/api/v1/login", &wrong));
        let sealing = (0..4).map(|number| {
            let domain = if number % 2 == 0 {
                &other
            } else {
                &*app.domain
            };
            domain.seal_audit_log()
        });
        let (failed, sealed) = tokio::join!(join_all(failing), join_all(sealing));
        failed
            .into_iter()
            .for_each(|answer| drop(answer.expect(401)));
        sealed.into_iter().for_each(|sealed| sealed.unwrap());
    }

    assert_eq!(proved(&app).await, Ok(30));
    other.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_takes_several_seals_and_all_of_it_is_proved() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    let many = "INSERT INTO audit_events (at, kind, actor, details)
        SELECT u.id, 'limit_hit', 'nobody', '{}' FROM users u;
        INSERT INTO audit_order (event_id) SELECT e.id FROM audit_events e
        WHERE NOT EXISTS (SELECT 1 FROM audit_order o WHERE o.event_id = e.id);";
    for number in 0..6 {
        app.register(&format!("user {number}"), "1234")
            .await
            .expect(201);
    }
    for _ in 0..100 {
        execute(database, many).await;
    }

    assert_eq!(proved(&app).await, Ok(606));
    let largest = "SELECT max(events) FROM audit_seals";
    assert!(number(database, largest).await <= 256);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_committed_late_under_an_early_number_is_sealed_later() {
    let app = TestApp::spawn().await;
    let database = app.database.as_ref().unwrap();
    if database.is_sqlite() {
        // There numbers are given out and committed by one writer, in one order.
        return;
    }
    let connecting = tokio_postgres::connect(database.url(), tokio_postgres::NoTls);
    let (client, connection) = connecting.await.unwrap();
    let running = tokio::spawn(connection);
    let early = "BEGIN;
        INSERT INTO audit_events (at, kind, actor, details) VALUES (0, 'limit_hit', 'nobody', '{}');
        INSERT INTO audit_order (event_id)
            VALUES (currval(pg_get_serial_sequence('audit_events', 'id')))";
    client.batch_execute(early).await.unwrap();
    app.register("alice", "1234").await.expect(201);
    assert_eq!(proved(&app).await, Ok(1));
    let sealed = "SELECT max(event_id) FROM audit_order WHERE seal IS NOT NULL";
    assert_eq!(number(database, sealed).await, 2);

    client.batch_execute("COMMIT").await.unwrap();

    assert_eq!(proved(&app).await, Ok(2));
    drop(client);
    drop(running.await);
}
