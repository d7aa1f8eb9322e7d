//! A configuration that cannot be is refused: exit code 78 and one line that names the setting.

use tempfile::tempdir;

use crate::support::{Program, SECRET_KEY};

const KEY: &str = "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL";

#[test]
fn production_refuses_a_key_that_anybody_could_have() {
    let folder = tempdir().unwrap();
    let production = Program::in_folder(folder.path()).set("INKGATE_ENV", "production");
    let changeme = "changeme".repeat(8);

    for key in [
        "",
        "secret",
        &KEY[..31],
        &changeme,
        "your-very-secret-key",
        "your-very-secret-key-your-very-secret-key",
        &"x".repeat(64),
    ] {
        let line = production.clone().set("SECRET_KEY", key).run(&["serve"]);
        let line = line.expect_refusal(78);
        assert!(line.starts_with("SECRET_KEY "), "{line}");
        assert!(line.contains("`inkgate secret generate`"), "{line}");
        assert!(
            key.is_empty() || key == "secret" || !line.contains(key),
            "{line}"
        );
    }
    production.run(&["serve"]).expect_refusal(78);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_old_key_is_held_to_the_same_rules() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path())
        .set("INKGATE_ENV", "production")
        .set("SECRET_KEY", KEY)
        .set("SECRET_KEY_PREVIOUS", &format!("{SECRET_KEY},secret"));

    let line = program.run(&["serve"]).expect_refusal(78);

    assert!(line.starts_with("SECRET_KEY_PREVIOUS "), "{line}");
}

#[test]
fn a_setting_that_cannot_be_is_named() {
    let folder = tempdir().unwrap();
    let cases = [
        ("INKGATE_ENV", "staging"),
        ("FLASK_ENV", "staging"),
        ("INKGATE_LISTEN", "everywhere"),
        ("INKGATE_LISTEN", "localhost"),
        ("PORT", "http"),
        ("PORT", "65536"),
        ("INKGATE_REGISTRATION", "sometimes"),
        ("INKGATE_DEFAULT_ROLE", "god"),
        ("INKGATE_ACCEPT_SEED_TOKENS", "perhaps"),
        ("INKGATE_PASSWORD_PROFILE", "none"),
        ("INKGATE_SQLITE_SYNCHRONOUS", "off"),
        ("INKGATE_CACHE_BYTES", "-1"),
        ("INKGATE_CACHE_BYTES", "64MiB"),
        ("INKGATE_PUBLIC_MAX_AGE", "1m"),
        ("INKGATE_TRUSTED_PROXIES", "proxy"),
        ("INKGATE_LIMITS", "2"),
        ("INKGATE_LIMIT_WRITES", "300"),
        ("INKGATE_LIMIT_WRITES", "0/1m"),
        ("INKGATE_LOG", "store=loud"),
        ("INKGATE_ACCESS_LOG", "sometimes"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/blog"),
        ("DATABASE_URL", "sqlite://blog.db"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "postgres://localhost:port/blog"),
        ("DATABASE_URL", "postgres://localhost/blog?sslmode=maybe"),
        ("DATABASE_URL", "postgres://localhost/blog?nonsense=1"),
        ("DATABASE_URL_FILE", "missing"),
        ("SECRET_KEY_FILE", "missing"),
        ("INKGATE_PEPPER_FILE", "missing"),
    ];

    for (name, value) in cases {
        let ended = Program::in_folder(folder.path())
            .set(name, value)
            .run(&["serve"]);
        let line = ended.expect_refusal(78);
        assert!(line.starts_with(name), "{name}={value}: {line}");
    }
}

#[test]
fn a_variable_of_ours_that_nobody_knows_is_named() {
    let folder = tempdir().unwrap();

    for name in ["INKGATE_ENVIRONMENT", "INKGATE_LIMIT_WRITE", "INKGATE_"] {
        let program = Program::in_folder(folder.path()).set(name, "a value");
        let line = program.run(&["serve"]).expect_refusal(78);
        assert!(line.starts_with(&format!("{name} ")), "{line}");
        assert!(!line.contains("a value"), "{line}");
    }
}

#[test]
fn a_secret_is_given_once() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("key"), KEY).unwrap();
    let program = Program::in_folder(folder.path())
        .set("SECRET_KEY", KEY)
        .set("SECRET_KEY_FILE", "key");

    let line = program.run(&["serve"]).expect_refusal(78);

    assert!(
        line.starts_with("SECRET_KEY and SECRET_KEY_FILE "),
        "{line}"
    );
}

#[test]
fn a_broken_line_of_dotenv_is_named_and_not_repeated() {
    let folder = tempdir().unwrap();
    let dotenv = "PORT=0\nSECRET_KEY='a key that nobody may read\n";
    std::fs::write(folder.path().join(".env"), dotenv).unwrap();

    let line = Program::in_folder(folder.path())
        .run(&["serve"])
        .expect_refusal(78);

    assert!(line.starts_with(".env"), "{line}");
    assert!(!line.contains("nobody may read"), "{line}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path()).set("INKGATE_ENV", "testing");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();

    let ended = program
        .set("PORT", &address.port().to_string())
        .run(&["serve"]);

    let line = ended.expect_refusal(1);
    assert!(line.contains(&address.to_string()), "{line}");
    assert!(
        line.contains("INKGATE_LISTEN") && line.contains("PORT"),
        "{line}"
    );
}

#[test]
fn a_command_that_does_not_exist_is_told_how_commands_look() {
    let folder = tempdir().unwrap();

    let ended = Program::in_folder(folder.path()).run(&["server"]);

    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(ended.err.contains("Usage: inkgate"), "{}", ended.err);
}
