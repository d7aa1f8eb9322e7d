//! The reference in `docs/reference`, which is generated: it fails here when it is out of date.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap::{Arg, CommandFactory};
use inkgate::cli::Cli;
use inkgate::config_secrets;

use crate::support::TestApp;

const RENEW: &str = "renew it: INKGATE_TEST_WRITE_REFERENCE=1 scripts/test --sqlite reference";

/// Fails with the first line that differs, or writes the file where that was asked for.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have settings of their own"
)]
#[track_caller]
fn is_committed(name: &str, wanted: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let file = folder.join(name);
    if std::env::var("INKGATE_TEST_WRITE_REFERENCE").is_ok() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&file, wanted).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    if found == wanted {
        return;
    }
    let same = found.lines().zip(wanted.lines());
    let at = same.take_while(|(found, wanted)| found == wanted).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    panic!(
        "docs/reference/{name} is out of date from line {} on; {RENEW}\n  committed: {}\n  wanted:    {}",
        at + 1,
        line(&found),
        line(wanted),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_documents_are_committed() {
    let app = TestApp::spawn().await;

    for version in ["v1", "v2"] {
        let path = format!("/api/{version}/openapi.json");
        let served = app.anonymous().get(&path).await.expect(200).text();
        is_committed(&format!("openapi-{version}.json"), &served);
    }
}

#[test]
fn the_settings_are_committed() {
    is_committed("configuration.md", &configuration());
}

/// The groups of settings: title, introduction, names.
const GROUPS: [(&str, &str, &[&str]); 6] = [
    (
        "Server",
        "",
        &[
            "INKGATE_ENV",
            "INKGATE_LISTEN",
            "PORT",
            "INKGATE_PUBLIC_URL",
            "INKGATE_CORS_ORIGINS",
            "INKGATE_TRUSTED_PROXIES",
        ],
    ),
    (
        "Accounts",
        "",
        &[
            "INKGATE_REGISTRATION",
            "INKGATE_DEFAULT_ROLE",
            "INKGATE_COMMENT_MODERATION",
            "INKGATE_ACCEPT_SEED_TOKENS",
            "INKGATE_PASSWORD_PROFILE",
        ],
    ),
    (
        "Storage and caches",
        "",
        &[
            "INKGATE_SQLITE_SYNCHRONOUS",
            "INKGATE_CACHE_BYTES",
            "INKGATE_PUBLIC_MAX_AGE",
        ],
    ),
    (
        "Mail",
        "",
        &[
            "INKGATE_MAIL_FROM",
            "INKGATE_MAIL_FOLDER",
            "INKGATE_RESET_URL",
            "INKGATE_VERIFY_URL",
        ],
    ),
    ("Limits", QUOTAS, &["INKGATE_LIMIT"]),
    ("Logs", "", &["INKGATE_LOG", "INKGATE_ACCESS_LOG"]),
];

/// The settings as a page: the program's own words, in groups by name.
fn configuration() -> String {
    let command = Cli::command();
    let settings: Vec<_> = command
        .get_arguments()
        .filter(|argument| argument.get_env().is_some())
        .collect();
    let mut page = String::from(INTRODUCTION);
    secrets(&mut page);
    let mut told = 0;
    for (title, introduction, names) in GROUPS {
        writeln!(page, "\n## {title}\n\n{introduction}{HEAD}").unwrap();
        let of_group = |argument: &&&Arg| {
            let name = variable(argument);
            names.iter().any(|known| match *known {
                "INKGATE_LIMIT" => name.starts_with("INKGATE_LIMIT"),
                known => name == known,
            })
        };
        for argument in settings.iter().filter(of_group) {
            page.push_str(&row(argument));
            told += 1;
        }
    }
    assert_eq!(told, settings.len(), "every setting belongs to one group");
    page
}

const INTRODUCTION: &str = "\
# Settings

A setting is an environment variable, a line of the file `.env` in the folder that Inkgate is started in, or a flag.
A flag wins over the environment, and the environment over `.env`. A variable that begins with `INKGATE_` and is not
listed here keeps Inkgate from starting: a typo does not go unseen. `inkgate config` prints what is in effect.

This page is generated from the program; `scripts/test` fails when it is out of date.

## Secrets

They come from the environment or from files, never from flags, which everybody on the machine can read. Each can be
given as a file as well: the same name with `_FILE` behind it names that file.

| variable | meaning |
|---|---|
";

const HEAD: &str = "| variable | flag | default | meaning |\n|---|---|---|---|";

const QUOTAS: &str = "\
A quota is a count and the period in which it comes back, in seconds, minutes or hours: `10/1m`. Beyond it the answer is
429 with `Retry-After`.

";

fn secrets(page: &mut String) {
    for (name, meaning) in config_secrets::VARIABLES {
        writeln!(page, "| `{name}` | {} |", cell(meaning)).unwrap();
    }
}

fn variable(argument: &Arg) -> String {
    argument.get_env().unwrap().to_string_lossy().into_owned()
}

/// The row of one setting. Its default stands in a table of its own, or at the end of its help
/// where it depends on something.
fn row(argument: &Arg) -> String {
    let help = argument.get_help().unwrap().to_string();
    let (meaning, told) = match help.split_once(" [default: ") {
        Some((meaning, default)) => (meaning, default.trim_end_matches(']').to_owned()),
        None => (help.as_str(), String::new()),
    };
    let given = argument.get_default_values().iter();
    let given = given
        .map(|value| value.to_string_lossy())
        .find(|value| !value.is_empty());
    let default = given.map_or(told, |value| format!("`{value}`"));
    let values = argument.get_possible_values();
    let names: Vec<_> = values
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let choice = if names.is_empty() {
        String::new()
    } else {
        format!(" ({})", names.join(" or "))
    };
    format!(
        "| `{}` | `--{}` | {} | {}{choice} |\n",
        variable(argument),
        argument.get_long().unwrap(),
        cell(&default),
        cell(meaning),
    )
}

/// A text as it can stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
