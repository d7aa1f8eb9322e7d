//! `inkgate doctor`.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use test_database::TestDatabase;

use crate::support::{Ended, Program};

/// A program that may go public, on a database with an admin.
fn ready(database: &TestDatabase) -> Program {
    let program = Program::on(database)
        .set("INKGATE_ENV", "production")
        .set("INKGATE_PUBLIC_URL", "https://blog.example")
        .set("INKGATE_SMTP_URL", "smtps://mail.example")
        .set("INKGATE_MAIL_FROM", "blog@blog.example")
        .set("SECRET_KEY", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL");
    let create = [
        "user",
        "create",
        "--username",
        "root",
        "--role",
        "admin",
        "--password-stdin",
    ];
    program
        .run_with_input(&create, "a long word for root\n")
        .expect_success();
    program
}

#[track_caller]
fn expect_finding(ended: &Ended, part: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let findings: Vec<_> = ended.out.lines().collect();
    assert_eq!(findings.len(), 1, "{ended:?}");
    assert!(
        findings[0].starts_with("- ") && findings[0].contains(part),
        "{ended:?}"
    );
    assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_where_all_is_well() {
    let database = TestDatabase::create().await;

    let ended = ready(&database).run(&["doctor"]).expect_success();

    assert_eq!(
        (ended.out.as_str(), ended.err.as_str()),
        ("nothing unsafe was found\n", "")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_is_unsafe_is_one_finding() {
    let database = TestDatabase::create().await;
    let program = ready(&database);

    for (name, value) in [
        ("INKGATE_REGISTRATION", "open"),
        ("INKGATE_ACCEPT_SEED_TOKENS", "true"),
        ("INKGATE_LIMITS", "false"),
        ("INKGATE_LISTEN", "0.0.0.0:5000"),
        ("INKGATE_SQLITE_SYNCHRONOUS", "normal"),
        ("INKGATE_SMTP_URL", ""),
        ("INKGATE_PUBLIC_URL", ""),
        ("INKGATE_PUBLIC_URL", "http://blog.example"),
    ] {
        let ended = program.clone().set(name, value).run(&["doctor"]);
        expect_finding(&ended, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_an_admin_is_a_finding() {
    let database = TestDatabase::create().await;
    let program = ready(&database);
    let other = TestDatabase::create().await;

    let ended = program.set("DATABASE_URL", other.url()).run(&["doctor"]);

    expect_finding(&ended, "there is no admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_others_can_read_is_a_finding() {
    let database = TestDatabase::sqlite();
    let program = ready(&database);
    set_permissions(database.file(), Permissions::from_mode(0o644)).unwrap();

    let ended = program.run(&["doctor"]);

    expect_finding(&ended, "chmod 600");
}

#[tokio::test(flavor = "multi_thread")]
async fn development_has_much_to_look_at() {
    let database = TestDatabase::create().await;
    let program = ready(&database)
        .set("INKGATE_ENV", "development")
        .set("SECRET_KEY", "your-very-secret-key");

    let ended = program.run(&["doctor"]);

    assert_eq!(ended.code, Some(1));
    for part in [
        "INKGATE_ENV",
        "SECRET_KEY",
        "INKGATE_REGISTRATION",
        "INKGATE_ACCEPT_SEED_TOKENS",
    ] {
        assert!(ended.out.contains(part), "{ended:?}");
    }
    assert!(!ended.out.contains("your-very-secret-key"), "{ended:?}");
}
