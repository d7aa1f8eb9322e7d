//! What is written for people: every file that it names is there, and the README's calls work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::TestApp;

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
