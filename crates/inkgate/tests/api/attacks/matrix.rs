//! The matrix in `docs/SECURITY.md` against the tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ATTACKS: [&str; 37] = [
    "T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T12", "T13",
    "T14", "T15", "T20", "T21", "T22", "T23", "T24", "T30", "T31", "T32", "T33", "T34", "T35",
    "T36", "T37", "T40", "T41", "T42", "T43", "T44", "T45", "T46", "T47", "T48",
];
const LAST: [&str; 2] = ["T49", "T50"];

#[test]
fn every_attack_has_a_row_that_names_its_tests_or_what_it_waits_for() {
    let rows = rows();

    let numbers: Vec<_> = rows.iter().map(|row| row.number.as_str()).collect();
    let wanted: Vec<_> = ATTACKS.iter().chain(&LAST).copied().collect();
    assert_eq!(numbers, wanted);
    for row in &rows {
        assert!(
            !row.tests.is_empty() || row.text.contains("waits for"),
            "{}",
            row.text
        );
    }
}

#[test]
fn every_test_that_the_matrix_names_exists_and_every_one_that_exists_is_named() {
    let mut named = BTreeSet::new();
    for row in rows() {
        let prefix = format!("{}_", row.number.to_lowercase());
        for test in row.tests.into_iter().filter(is_numbered) {
            assert!(test.starts_with(&prefix), "{test} stands at {}", row.number);
            named.insert(test);
        }
    }

    let existing = tests_of("tests/api/attacks");
    assert_eq!(named, &existing | &tests_of("tests/api/nodes"));
}

#[test]
fn every_other_test_that_the_document_names_exists() {
    let mut existing = BTreeSet::new();
    for folder in [
        "tests/api/attacks",
        "tests/api/audit",
        "tests/api/auth",
        "tests/api/hostile",
        "tests/api/limits",
        "tests/api/nodes",
        "tests/api/mail",
        "../domain/src/auth",
        "../domain/src/auth/fuzzing/signed",
        "../domain/src",
        "../web/src",
    ] {
        existing.extend(functions_in(folder));
    }

    for test in names_in(&document()) {
        assert!(existing.contains(&test), "{test} is no test");
    }
}

/// A row of the matrix.
struct Row {
    number: String,
    tests: Vec<String>,
    text: String,
}

fn rows() -> Vec<Row> {
    let document = document();
    let rows = document.lines().filter(|line| line.starts_with("| T"));
    rows.map(|line| Row {
        number: line[2..5].to_owned(),
        tests: names_in(line),
        text: line.to_owned(),
    })
    .collect()
}

/// What stands between backticks and is written as the names of tests are.
fn names_in(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_name = |name: &&str| {
        name.matches('_').count() > 2
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    quoted.filter(is_name).map(str::to_owned).collect()
}

/// The tests whose names begin with a number.
fn tests_of(folder: &str) -> BTreeSet<String> {
    functions_in(folder)
        .into_iter()
        .filter(is_numbered)
        .collect()
}

fn is_numbered(name: &String) -> bool {
    let bytes = name.as_bytes();
    bytes[0] == b't' && bytes[1].is_ascii_digit() && bytes[3] == b'_'
}

fn functions_in(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let parts = text.split("fn ").skip(1);
            let name = |part: &str| part.split(['(', '<']).next().unwrap().to_owned();
            names.extend(parts.map(name).filter(|name| name.len() > 3));
        }
    }
    names
}

fn document() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/SECURITY.md");
    fs::read_to_string(path).unwrap()
}
