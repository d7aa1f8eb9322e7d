//! `inkgate user` beside a server that runs: what it changes acts at once.

use serde_json::json;
use test_database::TestDatabase;

use crate::support::authenticator::MFA;
use crate::support::{Ended, Program, Running, TestApp, within_a_second};

/// A server, and a program that shares its database.
async fn serve() -> (TestDatabase, Program, Running) {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    (database, program, running)
}

fn create(program: &Program, name: &str, role: &str) -> Ended {
    let arguments = [
        "user",
        "create",
        "--username",
        name,
        "--role",
        role,
        "--password-stdin",
    ];
    program.run_with_input(&arguments, "1234\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_created_can_log_in() {
    let (_database, program, running) = serve().await;

    let created = create(&program, "root", "admin").expect_success();

    assert_eq!(created.out, "created root (1, admin)\n");
    let root = running.login("root", "1234").await;
    running.user("alice").await;
    root.delete("/api/v1/users/2").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_every_account_with_role_and_suspension() {
    let (_database, program, running) = serve().await;
    running.user("alice").await;
    create(&program, "Bob Builder", "editor").expect_success();
    program.run(&["user", "suspend", "alice"]).expect_success();

    let list = program.run(&["user", "list"]).expect_success().out;

    let lines: Vec<Vec<_>> = list
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert_eq!(lines[0][..3], ["1", "alice", "author"]);
    assert!(lines[0][4].starts_with("suspended 20"), "{list}");
    assert_eq!(lines[1][..3], ["2", "Bob Builder", "editor"]);
    assert_eq!(lines[1].len(), 4, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_acts_within_a_second_on_a_token_of_before() {
    let (_database, program, running) = serve().await;
    let alice = running.user("alice").await;
    let bob = running.user("bob").await;
    let post = json!({"title": "Bob's", "content": "Mine."});
    bob.post("/api/v1/posts", &post).await.expect(201);
    let edit = json!({"title": "Edited"});
    alice.put("/api/v1/posts/1", &edit).await.expect(403);

    let answer = program
        .run(&["user", "set-role", "alice", "editor"])
        .expect_success();
    let try_to_edit = async || alice.put("/api/v1/posts/1", &edit).await;
    within_a_second(200, try_to_edit).await;
    program
        .run(&["user", "set-role", "alice", "reader"])
        .expect_success();

    assert_eq!(answer.out, "alice is editor now\n");
    within_a_second(403, try_to_edit).await;
    alice.post("/api/v1/posts", &post).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_tokens_within_a_second() {
    let (_database, program, running) = serve().await;
    let alice = running.user("alice").await;
    let bob = running.user("bob").await;
    alice.get("/api/v1/me").await.expect(200);

    let set = ["user", "set-password", "alice", "--password-stdin"];
    program
        .run_with_input(&set, "a new word\n")
        .expect_success();

    within_a_second(401, async || alice.get("/api/v1/me").await).await;
    bob.get("/api/v1/me").await.expect(200);
    running.try_login("alice", "1234").await.expect(401);
    running
        .login("alice", "a new word")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_ends_tokens_within_a_second_and_lifting_it_brings_none_back() {
    let (_database, program, running) = serve().await;
    let alice = running.user("alice").await;

    alice.get("/api/v1/me").await.expect(200);
    program.run(&["user", "suspend", "alice"]).expect_success();
    within_a_second(401, async || alice.get("/api/v1/me").await).await;
    let refused = running.try_login("alice", "1234").await.expect(403);
    program.run(&["user", "restore", "alice"]).expect_success();

    assert_eq!(refused.message(), "Account is suspended");
    alice.get("/api/v1/me").await.expect(401);
    running
        .login("alice", "1234")
        .await
        .get("/api/v1/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_must_stay() {
    let (_database, program, running) = serve().await;
    create(&program, "root", "admin").expect_success();

    for arguments in [
        &["user", "set-role", "root", "author"][..],
        &["user", "suspend", "root"],
    ] {
        let line = program.run(arguments).expect_refusal(1);
        assert_eq!(line.to_lowercase(), "the last admin must stay");
    }
    running.login("root", "1234").await;
    create(&program, "second", "admin").expect_success();
    program.run(&["user", "suspend", "root"]).expect_success();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_in_one_line() {
    let (_database, program, running) = serve().await;
    running.user("alice").await;

    for (arguments, part) in [
        (
            &["user", "set-role", "nobody", "author"][..],
            "there is no user \"nobody\"",
        ),
        (
            &["user", "suspend", "nobody"],
            "there is no user \"nobody\"",
        ),
        (
            &["user", "restore", "nobody"],
            "there is no user \"nobody\"",
        ),
        (
            &["user", "set-password", "nobody", "--password-stdin"],
            "there is no user",
        ),
        (
            &["user", "create", "--username", "ALICE", "--password-stdin"],
            "already exists",
        ),
        (
            &["user", "create", "--username", "аlice", "--password-stdin"],
            "already exists",
        ),
        (
            &["user", "create", "--username", " ", "--password-stdin"],
            "username ",
        ),
        (&["user", "create", "--username", "bob"], "--password-stdin"),
        (&["user", "set-password", "alice"], "--password-stdin"),
    ] {
        let line = program
            .run_with_input(arguments, "1234\n")
            .expect_refusal(1);
        assert!(line.contains(part), "{arguments:?}: {line}");
    }
    let empty = ["user", "set-password", "alice", "--password-stdin"];
    let line = program.run_with_input(&empty, "\n").expect_refusal(1);
    assert!(line.starts_with("password "), "{line}");
    let list = program.run(&["user", "list"]).expect_success().out;
    assert_eq!(list.lines().count(), 1, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_no_argument() {
    let (_database, program, _running) = serve().await;

    for arguments in [
        &["user", "create", "--username", "bob", "--password", "1234"][..],
        &["user", "set-password", "bob", "1234"],
        &[
            "user",
            "create",
            "--username",
            "bob",
            "--password-stdin=1234",
        ],
    ] {
        let ended = program.run_with_input(arguments, "1234\n");
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_refuses_a_weak_password_here_too() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database)
        .set("INKGATE_ENV", "production")
        .set("SECRET_KEY", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL");

    let line = create(&program, "root", "admin").expect_refusal(1);

    assert!(line.starts_with("password "), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_device_and_codes_gets_in_again() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let waiting = app.mfa_token("alice").await;
    let program = Program::on(app.database.as_ref().unwrap());
    let remove = ["user", "remove-second-factor", "alice"];

    let removed = program.run(&remove).expect_success();

    assert_eq!(removed.out, "alice logs in with the password alone now\n");
    let log_in = json!({"mfa_token": waiting, "code": alice.app.code()});
    app.anonymous().post(MFA, &log_in).await.expect(401);
    let client = app.with_token(&app.login_v2("alice", "1234").await.access);
    let me = client.get("/api/v2/me").await.expect(200).json();
    assert_eq!(me["totp_enabled"], false);
    app.with_token(&alice.pair.access)
        .get("/api/v2/me")
        .await
        .expect(200);
    let again = program.run(&remove).expect_refusal(1);
    assert!(again.contains("second factor"), "{again}");
}
