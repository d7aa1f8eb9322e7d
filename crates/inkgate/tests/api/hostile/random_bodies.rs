//! Random JSON for everything that can be written: no status from 500 up, and whatever was taken
//! can be read again.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use crate::support::{Client, TestApp};

/// What databases, terminals and browsers stumble over.
const ODD: [&str; 9] = [
    "\0",
    "\r\n",
    "\u{202e}",
    "\u{feff}",
    "\u{ffff}",
    "'",
    "\\",
    "🙂",
    "\u{1b}[2J",
];

/// How many bodies each shape gets.
const CASES: u32 = 48;

#[test]
fn random_users_of_v1_break_nothing() {
    run("/api/v1/users", &["username", "password"]);
}

#[test]
fn random_posts_of_v1_break_nothing() {
    run("/api/v1/posts", &["title", "content"]);
}

#[test]
fn random_todos_of_v1_break_nothing() {
    run(
        "/api/v1/todos",
        &["title", "user_id", "completed", "description"],
    );
}

#[test]
fn random_posts_of_v2_break_nothing() {
    run("/api/v2/posts", &["title", "content", "category"]);
}

#[test]
fn random_todos_of_v2_break_nothing() {
    run(
        "/api/v2/todos",
        &["title", "description", "completed", "priority", "due_at"],
    );
}

/// Posts random bodies, and puts what was taken on others again.
fn run(path: &'static str, fields: &'static [&'static str]) {
    let runtime = Runtime::new().unwrap();
    let (app, alice) = runtime.block_on(super::start());
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };

    let ran = TestRunner::new(config).run(&body(fields), |body| {
        runtime.block_on(check(&alice, path, &body))
    });

    ran.unwrap();
    runtime.block_on(lists_are_readable(&app, &alice));
}

async fn check(alice: &Client, path: &str, body: &Value) -> Result<(), TestCaseError> {
    let made = alice.post(path, body).await;
    prop_assert!(made.status < 500, "{} {}", made.status, made.text());
    if made.status == 201 && !path.ends_with("users") {
        let one = format!("{path}/{}", made.json()["id"]);
        let read = alice.get(&one).await;
        prop_assert_eq!(read.status, 200);
        prop_assert_eq!(read.json(), made.json());
    }
    if !path.ends_with("users") {
        let put = alice.put(&format!("{path}/1"), body).await;
        prop_assert!(put.status < 500, "{} {}", put.status, put.text());
    }
    Ok(())
}

async fn lists_are_readable(app: &TestApp, alice: &Client) {
    for list in ["/api/v1/users", "/api/v1/posts", "/api/v2/posts?limit=100"] {
        app.anonymous().get(list).await.expect(200).json();
    }
    for list in ["/api/v1/todos", "/api/v2/todos?limit=100", "/api/v1/me"] {
        alice.get(list).await.expect(200).json();
    }
}

/// Objects of known and other fields, mostly; now and then something else.
fn body(fields: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        9 => proptest::sample::select(fields).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    let object = proptest::collection::vec((name, value()), 0..6)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()));
    // All fields with texts: what is likely to be taken.
    let texts = proptest::collection::vec(text(), fields.len()).prop_map(|texts| {
        let texts = texts.into_iter().map(Value::from);
        let names = fields.iter().map(|name| (*name).to_owned());
        Value::Object(names.zip(texts).take(2).collect())
    });
    prop_oneof![4 => object, 4 => texts, 1 => value()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(Value::from("2026-12-24T18:00:00Z")),
        (0i64..12).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Any characters at all, and those that databases, terminals and browsers stumble over.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(any::<char>(), 0..20)
            .prop_map(|characters| characters.into_iter().collect()),
        proptest::sample::select(&ODD[..]).prop_map(|odd| format!("a{odd}b")),
        "[a-z]{1,12}",
    ]
}
