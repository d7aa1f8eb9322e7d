//! Databases that are not ours, newer than we are, out of reach or in other hands.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tempfile::tempdir;
use test_database::TestDatabase;

use crate::support::{Ended, Program};

fn program(folder: &Path) -> Program {
    Program::in_folder(folder)
        .set("INKGATE_ENV", "testing")
        .set("INKGATE_LISTEN", "127.0.0.1:0")
        .set("DATABASE_URL", "sqlite:///some.db")
}

/// Makes `some.db` with these statements, and gives its bytes.
fn make(folder: &Path, sql: &str) -> Vec<u8> {
    let file = folder.join("some.db");
    Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    fs::read(file).unwrap()
}

#[test]
fn a_file_of_the_flask_app_is_refused_untouched_with_the_way_to_bring_it_in() {
    let folder = tempdir().unwrap();
    let before = make(
        folder.path(),
        "CREATE TABLE user (id INTEGER PRIMARY KEY, username VARCHAR(50), password VARCHAR(100));
         CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(100));
         CREATE TABLE todo (id INTEGER PRIMARY KEY, title VARCHAR(100));",
    );

    let line = program(folder.path()).run(&["serve"]).expect_refusal(78);

    assert!(line.starts_with("DATABASE_URL: "), "{line}");
    assert!(line.contains("`inkgate import flask FILE`"), "{line}");
    assert!(fs::read(folder.path().join("some.db")).unwrap() == before);
}

#[test]
fn a_file_of_another_program_is_refused_untouched() {
    let folder = tempdir().unwrap();
    let before = make(
        folder.path(),
        "CREATE TABLE recipes (id INTEGER PRIMARY KEY)",
    );

    let line = program(folder.path()).run(&["migrate"]).expect_refusal(78);

    assert!(
        line.starts_with("DATABASE_URL: ") && line.contains("recipes"),
        "{line}"
    );
    assert!(fs::read(folder.path().join("some.db")).unwrap() == before);
}

#[test]
fn what_cannot_be_a_database_is_refused() {
    let folder = tempdir().unwrap();
    fs::write(
        folder.path().join("letter.txt"),
        "Dear reader, ".repeat(1000),
    )
    .unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();

    for url in [
        "sqlite:///letter.txt",
        "sqlite:///folder",
        "sqlite:///missing/blog.db",
        "sqlite:///letter.txt/blog.db",
    ] {
        for command in ["serve", "migrate"] {
            let ended = program(folder.path())
                .set("DATABASE_URL", url)
                .run(&[command]);
            let line = ended.expect_refusal(78);
            assert!(line.starts_with("DATABASE_URL: "), "{url}: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_program_is_refused() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    program.run(&["migrate"]).expect_success();
    let newer = "INSERT INTO schema_migrations (number) VALUES (4711)";
    if database.is_sqlite() {
        Connection::open(database.file())
            .unwrap()
            .execute_batch(newer)
            .unwrap();
    } else {
        test_database::execute(database.url(), newer).await;
    }

    for command in ["serve", "migrate"] {
        let line = program.run(&[command]).expect_refusal(78);
        assert!(
            line.starts_with("DATABASE_URL: ") && line.contains("4711"),
            "{line}"
        );
    }
}

#[test]
fn a_postgres_out_of_reach_is_named_without_its_password() {
    let folder = tempdir().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let url = format!("postgres://blog:hunter2@{address}/blog");
    let program = Program::in_folder(folder.path())
        .set("INKGATE_ENV", "testing")
        .set("DATABASE_URL", &url);

    for command in ["serve", "migrate"] {
        let line = program.run(&[command]).expect_refusal(69);
        assert!(line.starts_with("DATABASE_URL: "), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn a_postgres_that_does_not_answer_is_not_waited_for_without_end() {
    let folder = tempdir().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://blog@{}/blog", silent.local_addr().unwrap());
    let program = Program::in_folder(folder.path())
        .set("INKGATE_ENV", "testing")
        .set("DATABASE_URL", &url);

    let line = program.run(&["serve"]).expect_refusal(69);

    assert!(line.starts_with("DATABASE_URL: "), "{line}");
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let folder = tempdir().unwrap();
    let first = program(folder.path()).serve();

    let line = program(folder.path()).run(&["serve"]).expect_refusal(69);

    assert!(line.starts_with("DATABASE_URL: another inkgate"), "{line}");
    first.kill();
    program(folder.path()).serve().stop().expect_success();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_may_bring_one_fresh_database_up_to_date_at_the_same_time() {
    for _ in 0..5 {
        let database = TestDatabase::create().await;
        let program = Program::on(&database);

        let both = [program.begin(&["migrate"]), program.begin(&["migrate"])];

        for child in both {
            Ended::of(child).expect_success();
        }
        program.run(&["user", "list"]).expect_success();
    }
}
