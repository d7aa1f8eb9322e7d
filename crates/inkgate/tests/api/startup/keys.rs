//! Where the key comes from that signs tokens.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::tempdir;
use test_database::TestDatabase;

use crate::support::Program;

fn development(folder: &Path) -> Program {
    Program::in_folder(folder).set("INKGATE_LISTEN", "127.0.0.1:0")
}

#[tokio::test(flavor = "multi_thread")]
async fn development_makes_a_key_once_and_its_tokens_survive_a_restart() {
    let folder = tempdir().unwrap();
    let program = development(folder.path());

    let running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    let first = running.stop().expect_success();
    let running = program.serve();
    let me = running.with_token(&token).get("/api/v1/me").await;
    let second = running.stop().expect_success();

    me.expect(200);
    let file = folder.path().join("blog_dev.db.secret-key");
    let key = std::fs::read_to_string(&file).unwrap();
    assert!(key.trim().len() >= 32);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        first.err.contains("blog_dev.db.secret-key"),
        "{}",
        first.err
    );
    for ended in [first, second] {
        assert!(!ended.err.contains(key.trim()), "{}", ended.err);
    }
}

#[test]
fn a_kept_key_that_is_cut_off_is_refused() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("blog_dev.db.secret-key"), "short\n").unwrap();

    let line = development(folder.path())
        .run(&["serve"])
        .expect_refusal(78);

    assert!(line.contains("blog_dev.db.secret-key"), "{line}");
    assert!(!line.contains("short"), "{line}");
}

#[test]
fn development_on_postgres_must_be_given_a_key() {
    let folder = tempdir().unwrap();
    let program = development(folder.path()).set("DATABASE_URL", "postgres://127.0.0.1:1/blog");

    let line = program.run(&["serve"]).expect_refusal(78);

    assert!(line.starts_with("SECRET_KEY is not set"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_testing_a_missing_key_is_made_up_in_memory() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database).unset("SECRET_KEY");

    let running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    running.stop().expect_success();
    let running = program.serve();
    let me = running.with_token(&token).get("/api/v1/me").await;

    me.expect(401);
    let names = std::fs::read_dir(database.folder()).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.all(|name| !name.contains("secret")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_before_verifies_what_it_signed() {
    let database = TestDatabase::create().await;
    let old = Program::on(&database);
    let new = "another key for tests that has more than 32 bytes";

    let running = old.serve();
    let token = running.user("alice").await.token().to_owned();
    running.stop().expect_success();
    let program = old.clone().set("SECRET_KEY", new);
    let running = program.serve();
    let unknown = running.with_token(&token).get("/api/v1/me").await;
    running.stop().expect_success();
    let program = program.set("SECRET_KEY_PREVIOUS", crate::support::SECRET_KEY);
    let known = program.serve().with_token(&token).get("/api/v1/me").await;

    unknown.expect(401);
    known.expect(200);
}
