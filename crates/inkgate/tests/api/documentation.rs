//! What is written for people: every file that it names is there, and the examples work.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use test_database::TestDatabase;

use crate::support::{Program, TestApp};

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// Every Markdown file at the top and under `docs`.
fn documents() -> Vec<PathBuf> {
    let mut folders = vec![root().join("docs")];
    let mut found: Vec<PathBuf> = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ]
    .map(|name| root().join(name))
    .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// What stands between `open` and `close`, over and over.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
}

/// The targets of links, and what looks like a path of ours in backticks.
fn named(document: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(document).unwrap();
    let beside = document.parent().unwrap();
    let links = between(&text, "](", ")")
        .map(|link| link.split('#').next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains("://"))
        .map(|link| beside.join(link));
    let places = ["crates/", "docs/", "scripts/", "deploy/", ".ci/"];
    let in_code = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| places.iter().any(|place| code.starts_with(place)))
        .filter(|code| !code.contains([' ', '*', '{', '\n']))
        .map(|code| root().join(code));
    links.chain(in_code).collect()
}

#[test]
fn every_file_that_a_document_names_exists() {
    let mut checked = 0;
    for document in documents() {
        for path in named(&document) {
            checked += 1;
            assert!(path.exists(), "{}: {}", document.display(), path.display());
        }
    }

    assert!(checked > 50, "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_the_readme_work() {
    let app = TestApp::spawn().await;
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let chapter = between(&readme, "## Use it", "\n## ").next().unwrap();
    let calls: Vec<&str> = between(chapter, "```sh\n", "```")
        .filter(|block| block.contains("curl"))
        .collect();
    let script = calls
        .join("\n")
        .replace("127.0.0.1:5000", &app.address.to_string());

    let shell = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .output();

    let output = shell.expect("bash is there");
    let answers = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(calls.len(), 3);
    assert!(answers.contains("\"username\":\"alice\""), "{answers}");
    assert!(answers.contains("\"title\":\"My Post\""), "{answers}");
}

/// A server whose public URL is the one that the guides show, on a real clock: programs that know
/// nothing of a test look at their own.
fn guide_s_server(database: &TestDatabase) -> crate::support::Running {
    let public_url = "http://127.0.0.1:5000";
    Program::on(database)
        .set("INKGATE_PUBLIC_URL", public_url)
        .serve()
}

/// The examples of a guide in one language, as one program that talks to `server`.
fn examples(guide: &str, language: &str, server: &str) -> String {
    let guide = fs::read_to_string(root().join("docs/guide").join(guide)).unwrap();
    let open = format!("```{language}\n");
    let blocks: Vec<_> = between(&guide, &open, "```").collect();
    assert!(blocks.len() > 8, "{} examples in {language}", blocks.len());
    // The first is where to find the server; others are its name, which stays.
    blocks.join("\n").replacen("127.0.0.1:5000", server, 1)
}

/// Runs a program that is read from standard input, at home in an empty folder.
fn run(program: &str, arguments: &[&str], script: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let child = Command::new(program)
        .args(arguments)
        .env("HOME", home.path())
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("{program} is needed for the examples in docs/guide; install it: {error}")
    });
    let mut input = child.stdin.take().unwrap();
    input.write_all(script.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let answers = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {answers}\n{errors}");
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shell_s_examples_of_the_guide_to_authentication_work() {
    let database = TestDatabase::create().await;
    let server = guide_s_server(&database);
    let script =
        examples("authentication.md", "sh", &server.address.to_string()) + "\necho all done\n";

    let answers = run("bash", &["-s"], &script);

    assert!(answers.ends_with("all done\n"), "{answers}");
    assert!(answers.contains("\"title\":\"My post\""), "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_of_the_api_works() {
    let database = TestDatabase::create().await;
    let server = guide_s_server(&database);
    let script = examples("api.md", "sh", &server.address.to_string()) + "\necho all done\n";

    let answers = run("bash", &["-euo", "pipefail", "-s"], &script);

    assert!(answers.ends_with("all done\n"), "{answers}");
    for part in [
        "\"slug\":\"my-first-post\"",
        "\"status\":\"scheduled\"",
        "<mark>Hello</mark>",
        "\"code\":\"unknown_field\"",
    ] {
        assert!(answers.contains(part), "{part}: {answers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_javascript_of_the_guide_to_authentication_works() {
    let database = TestDatabase::create().await;
    let server = guide_s_server(&database);
    let script = examples("authentication.md", "js", &server.address.to_string())
        + "\nconsole.log('all done');\n";

    let answers = run("node", &["--input-type=module", "-"], &script);

    assert_eq!(answers, "all done\n");
}
