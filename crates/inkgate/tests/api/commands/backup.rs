//! `inkgate backup`, `backup verify` and `restore`.

use std::fs;
use std::sync::Arc;

use serde_json::json;
use test_database::TestDatabase;

use crate::support::writers::Ledger;
use crate::support::{Program, SECRET_KEY};

/// A program on an SQLite file with one post of alice's.
async fn with_a_post() -> (TestDatabase, Program, String) {
    let database = TestDatabase::sqlite();
    let program = Program::on(&database);
    let running = program.serve();
    let alice = running.user("alice").await;
    let post = json!({"title": "Kept", "content": "Its words. ".repeat(500)});
    alice.post("/api/v1/posts", &post).await.expect(201);
    running.stop().expect_success();
    (database, program, alice.token().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_beside_writers_holds_what_was_acknowledged_before() {
    let database = TestDatabase::sqlite();
    let program = Program::on(&database);
    let running = program.serve();
    let token = running.user("alice").await.token().to_owned();
    let ledger = Arc::new(Ledger::default());
    let start = |writer| {
        let client = running.with_token(&token);
        let name = format!("writer {writer}");
        tokio::spawn(Arc::clone(&ledger).write_until_gone(client, name))
    };
    let writers: Vec<_> = (0..4).map(start).collect();
    ledger.reach(50).await;

    let before = ledger.titles();
    program.run(&["backup", "copy.db"]).expect_success();
    ledger.reach(before.len() + 50).await;
    running.stop().expect_success();
    for writer in writers {
        writer.await.unwrap();
    }
    program
        .run(&["backup", "verify", "copy.db"])
        .expect_success();
    let elsewhere = program.set("DATABASE_URL", "sqlite:///restored.db");
    // A schema without rows is as empty as no file.
    elsewhere.run(&["migrate"]).expect_success();
    elsewhere.run(&["restore", "copy.db"]).expect_success();

    let restored = elsewhere.serve();
    let list = restored
        .anonymous()
        .get("/api/v1/posts")
        .await
        .expect(200)
        .json();
    let posts = list["posts"].as_array().unwrap();
    let found: Vec<_> = posts
        .iter()
        .map(|post| post["title"].as_str().unwrap())
        .collect();
    let lost: Vec<_> = before
        .iter()
        .filter(|title| !found.contains(&title.as_str()))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    restored
        .with_token(&token)
        .get("/api/v1/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_goes_on_where_the_backup_ended() {
    let (_database, program, token) = with_a_post().await;
    program.run(&["backup", "copy.db"]).expect_success();
    let elsewhere = program.set("DATABASE_URL", "sqlite:///restored.db");

    let restored = elsewhere.run(&["restore", "copy.db"]).expect_success();

    assert!(
        restored.out.contains("posts\t1 rows\tsha256 "),
        "{restored:?}"
    );
    let running = elsewhere.serve();
    let alice = running.with_token(&token);
    let kept = alice.get("/api/v1/posts/1").await.expect(200).json();
    assert_eq!(kept["content"], "Its words. ".repeat(500));
    let post = json!({"title": "Next", "content": "More."});
    let next = alice.post("/api/v1/posts", &post).await.expect(201).json();
    assert_eq!(next["id"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_and_verification_give_the_same_counts_and_hashes() {
    let (_database, program, _) = with_a_post().await;

    let taken = program.run(&["backup", "copy.db"]).expect_success().out;
    let verified = program
        .run(&["backup", "verify", "copy.db"])
        .expect_success()
        .out;

    let digests = |text: &str| text.lines().filter(|line| line.contains("sha256")).count();
    assert_eq!(digests(&taken), 25, "{taken}");
    let tables = taken.lines().filter(|line| line.contains("sha256"));
    assert!(
        tables.into_iter().all(|line| verified.contains(line)),
        "{taken}{verified}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_exists_is_overwritten() {
    let (database, program, _) = with_a_post().await;
    program.run(&["backup", "copy.db"]).expect_success();
    let (copy, served) = (database.folder().join("copy.db"), database.file());
    let before = (fs::read(&copy).unwrap(), fs::read(&served).unwrap());

    let again = program.run(&["backup", "copy.db"]).expect_refusal(1);
    let onto_itself = program.run(&["backup", "blog.db"]).expect_refusal(1);
    let not_empty = program.run(&["restore", "copy.db"]).expect_refusal(1);

    assert!(again.contains("copy.db exists already"), "{again}");
    assert!(
        onto_itself.contains("blog.db exists already"),
        "{onto_itself}"
    );
    assert!(not_empty.contains("is not empty"), "{not_empty}");
    assert!(before == (fs::read(copy).unwrap(), fs::read(served).unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_served_is_not_restored_into() {
    let (_database, program, _) = with_a_post().await;
    program.run(&["backup", "copy.db"]).expect_success();
    let elsewhere = program.set("DATABASE_URL", "sqlite:///empty.db");
    let _running = elsewhere.serve();

    let line = elsewhere.run(&["restore", "copy.db"]).expect_refusal(69);

    assert!(line.contains("another inkgate serves"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_backup_is_neither_verified_nor_restored() {
    let (database, program, _) = with_a_post().await;
    program.run(&["backup", "copy.db"]).expect_success();
    let folder = database.folder();
    let copy = fs::read(folder.join("copy.db")).unwrap();
    let mut damaged = copy.clone();
    for page in (4096..copy.len()).step_by(4096) {
        damaged[page..page + 64].fill(0xaa);
    }
    fs::write(folder.join("damaged.db"), damaged).unwrap();
    fs::write(folder.join("truncated.db"), &copy[..copy.len() / 2]).unwrap();
    fs::write(folder.join("letter.txt"), "Dear reader, ".repeat(1000)).unwrap();
    fs::write(folder.join("empty.db"), "").unwrap();
    let foreign = rusqlite::Connection::open(folder.join("foreign.db")).unwrap();
    foreign
        .execute_batch("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
        .unwrap();
    let elsewhere = program.set("DATABASE_URL", "sqlite:///restored.db");

    for file in [
        "damaged.db",
        "truncated.db",
        "letter.txt",
        "empty.db",
        "foreign.db",
        "missing.db",
    ] {
        let line = elsewhere.run(&["backup", "verify", file]).expect_refusal(1);
        assert!(line.contains(file), "{file}: {line}");
        elsewhere.run(&["restore", file]).expect_refusal(1);
        assert!(!folder.join("restored.db").exists(), "{file}");
    }
    let missing = folder.join("missing.db");
    assert!(!missing.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bit_that_flipped_inside_a_text_is_found() {
    let (database, program, _) = with_a_post().await;
    let taken = program.run(&["backup", "copy.db"]).expect_success().out;
    let file = database.folder().join("copy.db");
    let mut copy = fs::read(&file).unwrap();
    let place = copy
        .windows(10)
        .position(|part| part == b"Its words.")
        .unwrap();
    copy[place] ^= 1;
    fs::write(&file, copy).unwrap();

    // SQLite itself cannot see this; who compares the printed hashes can.
    let verified = program
        .run(&["backup", "verify", "copy.db"])
        .expect_success()
        .out;

    let hash = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("posts\t"))
            .unwrap()
            .to_owned()
    };
    assert_ne!(hash(&taken), hash(&verified));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_the_tools_of_postgres_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::in_folder(folder.path())
        .set("INKGATE_ENV", "testing")
        .set("SECRET_KEY", SECRET_KEY)
        .set("DATABASE_URL", "postgres://blog@127.0.0.1:1/blog");

    for arguments in [&["backup", "copy.db"][..], &["restore", "copy.db"]] {
        let line = program.run(arguments).expect_refusal(1);
        assert!(line.contains("pg_dump"), "{line}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
