//! `inkgate seed`: databases that were made up.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_database::TestDatabase;

use crate::support::{Program, Running};

const SMALL: &[&str] = &[
    "seed",
    "--users",
    "9",
    "--posts",
    "150",
    "--comments",
    "120",
    "--todos",
    "30",
    "--until",
    "2026-06-30",
];

/// What everybody sees of a blog, as a hash.
async fn hash_of(program: &Program) -> String {
    let running = program.serve();
    let mut hash = Sha256::new();
    for post in all_posts(&running).await {
        let path = format!("/api/v2/posts/{}", post["id"]);
        let whole = running.anonymous().get(&path).await.expect(200);
        hash.update(whole.body);
        let path = format!("{path}/comments?limit=100");
        hash.update(running.anonymous().get(&path).await.expect(200).body);
    }
    running.stop().expect_success();
    format!("{:x?}", hash.finalize())
}

async fn all_posts(running: &Running) -> Vec<Value> {
    let (mut posts, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v2/posts?limit=100{cursor}");
        let page = running.anonymous().get(&path).await.expect(200).json();
        posts.extend(page["posts"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return posts,
        }
    }
}

async fn seeded(arguments: &[&str]) -> (TestDatabase, Program) {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    program.run(arguments).expect_success();
    (database, program)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_number_gives_the_same_rows_and_another_one_others() {
    let (_first, one) = seeded(SMALL).await;
    let (_second, same) = seeded(SMALL).await;
    let (_third, other) = seeded(&[SMALL, &["--seed", "2"]].concat()).await;

    let first = hash_of(&one).await;

    assert_eq!(first, hash_of(&same).await);
    assert_ne!(first, hash_of(&other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_as_much_as_was_asked_for_and_the_server_shows_it() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let arguments = [SMALL, &["--password-stdin"]].concat();

    let ended = program
        .run_with_input(&arguments, "a password to try\n")
        .expect_success();

    let wanted = "9 users, 150 posts, 120 comments and 30 todos made up of the number 1\n";
    assert_eq!(ended.out, wanted);
    let users = program.run(&["user", "list"]).expect_success().out;
    assert_eq!(users.lines().count(), 9, "{users}");
    let columns = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    let editor = users
        .lines()
        .map(columns)
        .find(|user| user[2] == "editor")
        .unwrap();
    let running = program.serve();
    let editor = running.login(&editor[1], "a password to try").await;
    let mut counts = Vec::new();
    for state in ["published", "draft", "unlisted", "archived", "scheduled"] {
        let path = format!("/api/v2/posts?status={state}&total=true&limit=1");
        let page = editor.get(&path).await.expect(200).json();
        counts.push(page["total"].as_u64().unwrap());
    }
    assert_eq!(counts.iter().sum::<u64>(), 150, "{counts:?}");
    assert!(counts[0] > 100, "{counts:?}");
    let posts = all_posts(&running).await;
    assert_eq!(posts.len() as u64, counts[0]);
    let commented: u64 = posts
        .iter()
        .map(|post| post["comment_count"].as_u64().unwrap())
        .sum();
    assert!((80..=120).contains(&commented), "{commented}");
    let languages = posts.iter().map(|post| post["language"].as_str().unwrap());
    assert!(languages.clone().any(|language| language == "en"));
    assert!(languages.clone().any(|language| language == "zh"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_password_nobody_who_was_made_up_logs_in() {
    let (_database, program) = seeded(&["seed", "--users", "1", "--posts", "1"]).await;
    let users = program.run(&["user", "list"]).expect_success().out;
    let name = users.split('\t').nth(1).unwrap().to_owned();
    let running = program.serve();

    for password in ["none", "", "password", &name] {
        let answer = running.try_login(&name, password).await;
        assert_ne!(answer.status, 200, "{password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_posts_is_left_alone() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    let alice = running.user("alice").await;
    let post = json!({"title": "Mine", "content": "Words."});
    alice.post("/api/v2/posts", &post).await.expect(201);
    running.stop().expect_success();

    let line = program.run(SMALL).expect_refusal(1);

    assert_eq!(
        line,
        "the database has posts already: name a new one in DATABASE_URL"
    );
    let users = program.run(&["user", "list"]).expect_success().out;
    assert_eq!(users.lines().count(), 1, "{users}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_there_stays_beside_those_that_are_made_up() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    running.user("alice").await;
    running.stop().expect_success();

    program.run(SMALL).expect_success();

    let running = program.serve();
    running.login("alice", "1234").await;
    assert!(!all_posts(&running).await.is_empty());
}

#[test]
fn what_cannot_be_made_up_is_refused_before_a_database_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::in_folder(folder.path()).set("INKGATE_ENV", "testing");
    let refused = |arguments: &[&str]| {
        let arguments = [&["seed"], arguments].concat();
        program.run(&arguments).expect_refusal(1)
    };

    assert!(refused(&["--users", "0"]).contains("use --users 1 or more"));
    assert!(refused(&["--posts", "0"]).contains("use --posts 1 or more"));
    let key = "only for tests: 5f0c3b8e9a7d41266ac1";
    let production = program
        .clone()
        .set("INKGATE_ENV", "production")
        .set("SECRET_KEY", key);
    let line = production.run(&["seed"]).expect_refusal(1);
    assert!(line.contains("use --in-production"), "{line}");
    for day in ["yesterday", "2026-13-01", "2026-01-01T00:00:00Z"] {
        let ended = program.run(&["seed", "--until", day]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_it_is_done_when_it_is_meant_and_with_a_password_that_is_good() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database).set("INKGATE_ENV", "production");
    let arguments = [SMALL, &["--in-production", "--password-stdin"]].concat();

    let weak = program
        .run_with_input(&arguments, "1234\n")
        .expect_refusal(1);
    program
        .run_with_input(&arguments, "quiet harbour 41\n")
        .expect_success();

    assert!(
        weak.contains("password must have at least 8 characters"),
        "{weak}"
    );
}

/// A database that was never looked at is planned for as if it were empty.
#[tokio::test(flavor = "multi_thread")]
async fn postgresql_has_looked_at_what_was_made_up() {
    let (database, _program) = seeded(SMALL).await;
    if database.is_sqlite() {
        return;
    }

    let looked_at =
        "SELECT count(*) FROM pg_class WHERE relname IN ('posts', 'users') AND reltuples > 0";
    assert_eq!(crate::audit::number(&database, looked_at).await, 2);
}
