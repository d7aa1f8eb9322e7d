//! `inkgate import flask`: the accounts, posts and todos of the tutorial's app.

use rusqlite::Connection;
use serde_json::json;
use test_database::TestDatabase;

use crate::support::Program;

/// The tables of the seed, as SQLAlchemy makes them.
const SCHEMA: &str = "
    CREATE TABLE user (
        id INTEGER NOT NULL, username VARCHAR(50) NOT NULL, password VARCHAR(100) NOT NULL,
        PRIMARY KEY (id), UNIQUE (username));
    CREATE TABLE post (
        id INTEGER NOT NULL, title VARCHAR(100) NOT NULL, content TEXT NOT NULL,
        category VARCHAR(50), created_at DATETIME, user_id INTEGER,
        PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES user (id));
    CREATE TABLE todo (
        id INTEGER NOT NULL, title VARCHAR(100) NOT NULL, description TEXT, completed BOOLEAN,
        priority INTEGER, created_at DATETIME, user_id INTEGER,
        PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES user (id));";

/// A small blog as the seed would have left it.
const BLOG: &str = "
    INSERT INTO user VALUES (3, 'alice', '1234'), (5, 'bob', 'secret of bob');
    INSERT INTO post VALUES
        (7, 'My Post', 'Hello', 'general', '2024-02-29 12:34:56.789012', 3),
        (9, 'Another', 'Words', 'news', '2025-01-01 00:00:00.000000', 5);
    INSERT INTO todo VALUES
        (4, 'Learn Flask', NULL, 0, 0, '2024-03-01 08:00:00.000001', 3),
        (6, 'Learn Rust', 'soon', 1, 9, '2024-03-02 08:00:00.000000', 3);";

/// Writes `flask.db` beside the database, with these rows.
pub(super) fn make_flask_file(database: &TestDatabase, rows: &str) {
    let file = Connection::open(database.folder().join("flask.db")).unwrap();
    // As in Python, where nobody turns them on.
    file.pragma_update(None, "foreign_keys", "OFF").unwrap();
    file.execute_batch(SCHEMA).unwrap();
    file.execute_batch(rows).unwrap();
}

/// What the import of `flask.db` says.
pub(super) fn import(program: &Program) -> String {
    program
        .run(&["import", "flask", "flask.db"])
        .expect_success()
        .out
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_under_its_id_and_date_and_old_passwords_fit() {
    let database = TestDatabase::create().await;
    make_flask_file(&database, BLOG);
    let program = Program::on(&database);

    let said = import(&program);

    assert_eq!(
        said,
        "6 rows stored (0 of them changed), 0 already there, 0 not taken\n"
    );
    let running = program.serve();
    let alice = running.login("alice", "1234").await;
    running.login("bob", "secret of bob").await;
    let me = alice.get("/api/v1/me").await.expect(200).json();
    let post = json!({
        "id": 7, "title": "My Post", "content": "Hello", "category": "general", "user_id": 3,
        "created_at": "2024-02-29T12:34:56.789012",
    });
    assert_eq!(me, json!({"id": 3, "username": "alice", "posts": [post]}));
    let news = alice.get("/api/v1/posts/9").await.expect(200).json();
    assert_eq!(
        (&news["category"], &news["user_id"]),
        (&json!("news"), &json!(5))
    );
    let todos = alice.get("/api/v1/todos").await.expect(200).json();
    assert_eq!(
        todos,
        json!({"todos": [
            {"id": 4, "title": "Learn Flask", "description": null, "completed": false,
             "priority": 0, "user_id": 3, "created_at": "2024-03-01T08:00:00.000001"},
            {"id": 6, "title": "Learn Rust", "description": "soon", "completed": true,
             "priority": 9, "user_id": 3, "created_at": "2024-03-02T08:00:00.000000"},
        ]})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_kept_as_hashes_only() {
    let database = TestDatabase::sqlite();
    make_flask_file(&database, BLOG);

    import(&Program::on(&database));

    let file = Connection::open(database.file()).unwrap();
    let mut hashes = file.prepare("SELECT password_hash FROM users").unwrap();
    let hashes = hashes.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let hashes: Vec<_> = hashes.map(Result::unwrap).collect();
    assert_eq!(hashes.len(), 2);
    assert!(
        hashes.iter().all(|hash| hash.starts_with("$argon2id$")),
        "{hashes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_changes_nothing_and_says_so() {
    let database = TestDatabase::create().await;
    make_flask_file(&database, BLOG);
    let program = Program::on(&database);
    import(&program);
    let running = program.serve();
    let alice = running.login("alice", "1234").await;
    let edit = json!({"title": "Edited since"});
    alice.put("/api/v1/posts/7", &edit).await.expect(200);
    alice.delete("/api/v1/todos/6").await.expect(200);

    let said = import(&program);

    let summary = "1 rows stored (0 of them changed), 5 already there, 0 not taken\n";
    assert_eq!(
        said, summary,
        "only the todo that was deleted for good comes back"
    );
    let post = alice.get("/api/v1/posts/7").await.expect(200).json();
    assert_eq!(post["title"], "Edited since");
    assert_eq!(
        import(&program),
        "0 rows stored (0 of them changed), 6 already there, 0 not taken\n"
    );
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_rows_come_after_the_imported_ones() {
    let database = TestDatabase::create().await;
    make_flask_file(&database, BLOG);
    let program = Program::on(&database);
    import(&program);
    let running = program.serve();

    let carol = running.user("carol").await;
    let post = json!({"title": "New", "content": "Words"});
    let post = carol.post("/api/v1/posts", &post).await.expect(201).json();
    let todo = carol
        .post("/api/v1/todos", &json!({"title": "New"}))
        .await
        .expect(201)
        .json();

    let ids = (&post["user_id"], &post["id"], &todo["id"]);
    assert_eq!(ids, (&json!(6), &json!(10), &json!(7)));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_collide_now_are_changed_and_reported() {
    let database = TestDatabase::create().await;
    let rows = "INSERT INTO user VALUES
        (1, 'alice', 'one'), (2, 'Alice', 'two'), (3, 'аlice', 'three'), (4, 'ALICE-2', 'four');
        INSERT INTO post VALUES (1, 'Hers', 'Words', NULL, '2024-01-01 00:00:00.000000', 2);";
    make_flask_file(&database, rows);
    let program = Program::on(&database);

    let said = import(&program);

    assert_eq!(
        said,
        "user 2: \"Alice\" became \"Alice-2\"\n\
         user 3: \"аlice\" became \"аlice-3\"\n\
         user 4: \"ALICE-2\" became \"ALICE-2-2\"\n\
         5 rows stored (3 of them changed), 0 already there, 0 not taken\n"
    );
    assert!(
        import(&program)
            .ends_with("0 rows stored (0 of them changed), 5 already there, 0 not taken\n")
    );
    let running = program.serve();
    for (name, password, id) in [
        ("alice", "one", 1),
        ("Alice-2", "two", 2),
        ("ALICE-2-2", "four", 4),
    ] {
        let me = running.login(name, password).await.get("/api/v1/me").await;
        assert_eq!(me.expect(200).json()["id"], id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_of_the_flask_app_is_refused() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    program.run(&["migrate"]).expect_success();
    std::fs::write(
        database.folder().join("letter.txt"),
        "Dear reader, ".repeat(99),
    )
    .unwrap();
    let foreign = Connection::open(database.folder().join("foreign.db")).unwrap();
    foreign
        .execute_batch("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
        .unwrap();

    for file in ["missing.db", "letter.txt", "foreign.db"] {
        let line = program.run(&["import", "flask", file]).expect_refusal(1);
        assert!(line.contains(file), "{line}");
    }
    assert!(!database.folder().join("missing.db").exists());
}
