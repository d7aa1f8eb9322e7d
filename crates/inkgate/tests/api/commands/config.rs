//! `inkgate config`.

use tempfile::tempdir;

use crate::support::Program;

#[test]
fn every_setting_is_shown_with_where_it_comes_from_and_secrets_are_hidden() {
    let folder = tempdir().unwrap();
    let secrets = [
        ("SECRET_KEY", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL"),
        ("SECRET_KEY_PREVIOUS", "nothing that anybody may read"),
        ("INKGATE_PEPPER", "pepper that stings"),
    ];
    let program = Program::in_folder(folder.path())
        .set("INKGATE_ENV", "production")
        .set("DATABASE_URL", "postgres://blog:hunter2@db:5433/blog")
        .set("INKGATE_LIMIT_WRITES", "7/1m")
        .set("PORT", "8080");
    let program = secrets
        .iter()
        .fold(program, |program, (name, value)| program.set(name, value));

    let config = program.run(&["config"]).expect_success().out;

    for line in [
        "environment=Production",
        "listen=127.0.0.1:8080",
        "database=postgres://db/blog",
        "INKGATE_LIMIT_WRITES=7/1m\t(environment)",
        "INKGATE_LIMIT_REGISTRATION=10/1h\t(default)",
        "SECRET_KEY=[redacted]",
        "SECRET_KEY_PREVIOUS=[redacted]",
        "INKGATE_PEPPER=[redacted]",
    ] {
        assert!(
            config.lines().any(|found| found == line),
            "no {line} in {config}"
        );
    }
    for (_, value) in secrets {
        assert!(!config.contains(value), "{config}");
    }
    assert!(!config.contains("hunter2"), "{config}");
}

#[test]
fn a_flag_is_shown_as_what_it_is() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path());

    let config = program
        .run(&["config", "--limit-writes", "7/1m"])
        .expect_success()
        .out;

    assert!(
        config.contains("INKGATE_LIMIT_WRITES=7/1m\t(flag)\n"),
        "{config}"
    );
}

#[test]
fn looking_at_the_settings_writes_nothing() {
    let folder = tempdir().unwrap();

    Program::in_folder(folder.path())
        .run(&["config"])
        .expect_success();

    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
