//! Where settings come from, and what holds where nothing is set.

use std::path::Path;

use tempfile::{TempDir, tempdir};

use crate::support::Program;

fn folder_with_dotenv(dotenv: &str) -> TempDir {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), dotenv).unwrap();
    folder
}

/// A line of `inkgate config`, behind its `=`.
#[track_caller]
fn setting(program: &Program, name: &str) -> String {
    let config = program.run(&["config"]).expect_success().out;
    let line = config
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}=")));
    line.unwrap_or_else(|| panic!("no {name} in {config}"))
        .to_owned()
}

#[test]
fn dotenv_is_read_and_the_real_environment_wins() {
    let folder = folder_with_dotenv("PORT=6001\nINKGATE_LOG=debug\n");
    let program = Program::in_folder(folder.path()).set("INKGATE_LOG", "warn");

    assert_eq!(setting(&program, "listen"), "127.0.0.1:6001");
    assert!(setting(&program, "INKGATE_LOG").starts_with("warn"));
}

#[test]
fn a_variable_that_is_empty_counts_as_not_set() {
    let folder = tempdir().unwrap();
    let names = [
        "INKGATE_ENV",
        "FLASK_ENV",
        "INKGATE_LISTEN",
        "PORT",
        "INKGATE_LIMIT_WRITES",
        "INKGATE_ACCESS_LOG",
        "DATABASE_URL",
        "SECRET_KEY",
        "SECRET_KEY_FILE",
    ];
    let unset = Program::in_folder(folder.path());
    let empty = names
        .iter()
        .fold(unset.clone(), |program, name| program.set(name, ""));

    let config = empty.run(&["config"]).expect_success().out;

    assert_eq!(config, unset.run(&["config"]).expect_success().out);
}

#[test]
fn the_seed_s_dotenv_is_understood() {
    let folder = folder_with_dotenv(
        "FLASK_ENV=development\nSECRET_KEY=your-very-secret-key\nDATABASE_URL=sqlite:///seed.db\n",
    );
    let program = Program::in_folder(folder.path()).set("PORT", "0");

    let running = program.serve();

    let ended = running.stop();
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""));
    assert!(
        ended.err.contains("WARN SECRET_KEY has less than 32 bytes"),
        "{}",
        ended.err
    );
    assert!(!ended.err.contains("your-very-secret-key"), "{}", ended.err);
    assert!(folder.path().join("seed.db").is_file());
}

#[test]
fn the_environment_names_the_default_database() {
    for (variable, value, file) in [
        (None, "", "blog_dev.db"),
        (Some("INKGATE_ENV"), "development", "blog_dev.db"),
        (Some("INKGATE_ENV"), "testing", "blog_test.db"),
        (Some("INKGATE_ENV"), "production", "blog_prod.db"),
        (Some("FLASK_ENV"), "testing", "blog_test.db"),
        (Some("FLASK_ENV"), "production", "blog_prod.db"),
    ] {
        let folder = tempdir().unwrap();
        let mut program =
            Program::in_folder(folder.path()).set("SECRET_KEY", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL");
        if let Some(variable) = variable {
            program = program.set(variable, value);
        }

        program.run(&["migrate"]).expect_success();

        assert!(folder.path().join(file).is_file(), "{variable:?}={value}");
    }
}

#[test]
fn our_own_name_for_the_environment_wins_over_the_seed_s() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path())
        .set("FLASK_ENV", "production")
        .set("INKGATE_ENV", "testing");

    assert_eq!(setting(&program, "environment"), "Testing");
}

#[test]
fn the_server_listens_where_it_is_told_and_else_on_loopback() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path());

    for (port, listen, address) in [
        (None, None, "127.0.0.1:5000"),
        (Some("8080"), None, "127.0.0.1:8080"),
        (None, Some("0.0.0.0:80"), "0.0.0.0:80"),
        (Some("8080"), Some("[::1]:81"), "[::1]:81"),
    ] {
        let mut program = program.clone();
        for (name, value) in [("PORT", port), ("INKGATE_LISTEN", listen)] {
            program = value
                .into_iter()
                .fold(program, |program, value| program.set(name, value));
        }
        assert_eq!(setting(&program, "listen"), address);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn development_warns_when_it_listens_beyond_this_machine() {
    for (environment, listen, warns) in [
        ("development", "0.0.0.0:0", true),
        ("development", "127.0.0.1:0", false),
        ("production", "0.0.0.0:0", false),
    ] {
        let folder = tempdir().unwrap();
        let program = Program::in_folder(folder.path())
            .set("INKGATE_ENV", environment)
            .set("SECRET_KEY", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL")
            .set("INKGATE_LISTEN", listen);

        let ended = program.serve().stop().expect_success();

        let warned = ended.err.contains("can be reached from other machines");
        assert_eq!(warned, warns, "{environment} {listen}: {}", ended.err);
    }
}

#[test]
fn secrets_can_be_read_from_files() {
    let folder = tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("url", "sqlite:///from_file.db\n");
    write("key", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL\r\n");
    write("pepper", "a pepper\n");
    let program = Program::in_folder(folder.path())
        .set("INKGATE_ENV", "production")
        .set("DATABASE_URL_FILE", "url")
        .set("SECRET_KEY_FILE", "key")
        .set("INKGATE_PEPPER_FILE", "pepper")
        .set("INKGATE_LISTEN", "127.0.0.1:0");

    program.serve().stop().expect_success();

    assert!(Path::is_file(&folder.path().join("from_file.db")));
    assert_eq!(setting(&program, "INKGATE_PEPPER"), "[redacted]");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_url_is_what_tokens_name_and_production_misses_it() {
    use model::{Password, Role, Username};

    use crate::attacks::claims;
    use crate::support::TestApp;

    let flags = ["--env", "testing", "--public-url", "https://Blog.Example/"];
    let app = TestApp::spawn_with(&flags).await;
    let (name, password) = (Username::parse("alice"), Password::parse("1234"));
    let made = app
        .domain
        .create_user(name.unwrap(), password.unwrap(), Role::Author);
    made.await.unwrap();
    let pair = app.login_v2("alice", "1234").await;
    assert_eq!(claims(&pair.access)["iss"], "https://blog.example");

    for (url, warns) in [("", true), ("https://blog.example", false)] {
        let folder = tempdir().unwrap();
        let program = Program::in_folder(folder.path())
            .set("INKGATE_ENV", "production")
            .set("SECRET_KEY", "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL")
            .set("INKGATE_LISTEN", "127.0.0.1:0")
            .set("INKGATE_PUBLIC_URL", url);

        let ended = program.serve().stop().expect_success();

        let warned = ended.err.contains("INKGATE_PUBLIC_URL is not set");
        assert_eq!(warned, warns, "{url}: {}", ended.err);
    }
}

#[test]
fn a_public_url_that_is_none_keeps_the_program_from_starting() {
    let folder = tempdir().unwrap();
    for url in [
        "blog.example",
        "https://blog.example/path",
        "ftp://blog.example",
    ] {
        let program = Program::in_folder(folder.path()).set("INKGATE_PUBLIC_URL", url);

        let line = program.run(&["config"]).expect_refusal(78);

        assert!(line.contains("INKGATE_PUBLIC_URL"), "{line}");
    }
}

#[test]
fn mail_that_cannot_be_sent_keeps_the_server_from_starting() {
    let folder = tempdir().unwrap();
    let program = Program::in_folder(folder.path()).set("INKGATE_ENV", "testing");
    let good = "smtps://user:hunter2@mail.example";

    for (settings, named) in [
        (
            &[("INKGATE_SMTP_URL", good)][..],
            "INKGATE_MAIL_FROM is not",
        ),
        (
            &[(
                "INKGATE_SMTP_URL",
                "smtp://user:hunter2@mail.example?tls=none",
            )],
            "INKGATE_SMTP_URL would send the password unencrypted",
        ),
        (
            &[("INKGATE_SMTP_URL", "https://user:hunter2@mail.example")],
            "INKGATE_SMTP_URL must begin with smtp:// or smtps://",
        ),
        (
            &[("INKGATE_MAIL_FROM", "nobody")],
            "INKGATE_MAIL_FROM (--mail-from)",
        ),
        (
            &[("INKGATE_RESET_URL", "/reset")],
            "INKGATE_RESET_URL (--reset-url)",
        ),
        (
            &[("INKGATE_VERIFY_URL", "https://a.example/#x")],
            "INKGATE_VERIFY_URL (--verify-url)",
        ),
    ] {
        let program = settings
            .iter()
            .fold(program.clone(), |program, (name, value)| {
                program.set(name, value)
            });

        let line = program.run(&["serve"]).expect_refusal(78);

        assert!(line.contains(named), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    assert!(!folder.path().join("blog_test.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn development_puts_mails_beside_the_sqlite_file() {
    let folder = tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let program = Program::in_folder(folder.path())
        .set("DATABASE_URL", "sqlite:///data/blog.db")
        .set("INKGATE_LISTEN", "127.0.0.1:0");
    let running = program.serve();
    let body = serde_json::json!({"username": "alice", "password": "1234", "email": "a@b.example"});
    let made = running
        .anonymous()
        .post("/api/v2/auth/register", &body)
        .await;
    made.expect(201);

    let mails = folder.path().join("data").join("mail");
    while !mails.is_dir() {
        tokio::task::yield_now().await;
    }

    running.stop().expect_success();
}
