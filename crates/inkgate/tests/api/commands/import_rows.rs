//! `inkgate import flask` and rows that the seed should never have stored: each is taken as far as
//! it can be, or named, and stops none of the others.

use serde_json::{Value, json};
use test_database::TestDatabase;

use super::import::{import, make_flask_file};
use crate::support::Program;

/// Imports these rows beside a user, and a post and a todo at the end. Gives the lines that were
/// said about the rows.
async fn import_beside_good_rows(database: &TestDatabase, rows: &str) -> Vec<String> {
    let good = "INSERT INTO user VALUES (1, 'alice', '1234');
        INSERT INTO post VALUES (900, 'Good', 'Words', 'news', '2024-01-01 00:00:00.000000', 1);
        INSERT INTO todo VALUES (900, 'Good', NULL, 0, 0, '2024-01-01 00:00:00.000000', 1);";
    make_flask_file(database, &format!("{good}{rows}"));
    let program = Program::on(database);
    let said = import(&program);
    let running = program.serve();
    let alice = running.login("alice", "1234").await;
    for path in ["/api/v1/posts/900", "/api/v1/todos/900"] {
        assert_eq!(alice.get(path).await.expect(200).json()["title"], "Good");
    }
    let lines: Vec<_> = said.lines().map(str::to_owned).collect();
    let (_, rows) = lines.split_last().unwrap();
    rows.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_cannot_be_taken_are_named() {
    let database = TestDatabase::create().await;
    let rows = "INSERT INTO post VALUES
        (-1, 'Minus', 'Words', NULL, NULL, 1),
        (0, 'Zero', 'Words', NULL, NULL, 1),
        (10, 'No owner', 'Words', NULL, NULL, NULL),
        (11, 'Lost owner', 'Words', NULL, NULL, 4711),
        (12, 'Odd owner', 'Words', NULL, NULL, 'alice'),
        (13, 'A blob', x'ff00', NULL, NULL, 1),
        (14, x'ff00', 'Words', NULL, NULL, 1),
        (15, 'A NUL', 'W' || char(0) || 'rds', NULL, NULL, 1);";

    let said = import_beside_good_rows(&database, rows).await;

    let refused: Vec<_> = said
        .iter()
        .map(|line| {
            line.split_once(": not taken: ")
                .unwrap_or_else(|| panic!("{line}"))
        })
        .collect();
    let named: Vec<_> = refused.iter().map(|(row, _)| *row).collect();
    assert_eq!(
        named,
        [
            "post -1", "post 0", "post 10", "post 11", "post 12", "post 13", "post 14", "post 15"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_the_seed_took_are_made_to_fit() {
    let database = TestDatabase::create().await;
    let rows = "INSERT INTO post VALUES
        (20, '', 'Empty title', NULL, '2024-01-01 00:00:00.000000', 1),
        (21, replace(hex(zeroblob(200)), '0', 'x'), 'Long title', NULL, '2024-01-01 00:00:00.000000', 1),
        (22, 'No date', 'Words', 'news', NULL, 1),
        (23, 'Odd date', 'Words', 'news', 'yesterday', 1),
        (24, 'Odd category', 'Words', 5, '2024-01-01 00:00:00.000000', 1),
        (25, 5, 6, NULL, '2024-01-01 00:00:00.000000', 1),
        (26, 'A category', 'Words', x'ff00', '2024-01-01 00:00:00.000000', 1);";

    let said = import_beside_good_rows(&database, rows).await;

    let rows: Vec<_> = said
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        rows,
        ["post 20", "post 21", "post 22", "post 23", "post 26"],
        "{said:?}"
    );
    assert!(
        said.iter().all(|line| !line.contains("not taken")),
        "{said:?}"
    );
    let running = Program::on(&database).serve();
    let post = async |id: i32| -> Value {
        let path = format!("/api/v1/posts/{id}");
        running.anonymous().get(&path).await.expect(200).json()
    };
    assert_eq!(post(20).await["title"], "Untitled");
    assert_eq!(post(21).await["title"], "x".repeat(255));
    assert_eq!(post(24).await["category"], "5");
    // SQLite keeps a number in a column of texts as a text: so the seed showed it.
    assert_eq!(post(25).await["title"], "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_that_broke_the_seed_are_named_or_made_to_fit() {
    let database = TestDatabase::create().await;
    let rows = "INSERT INTO todo VALUES
        (30, 'Poison', NULL, 0, 'high', '2024-01-01 00:00:00.000000', 1),
        (31, 'Half', NULL, 0, 1.5, '2024-01-01 00:00:00.000000', 1),
        (32, 'Too high', NULL, 0, 4711, '2024-01-01 00:00:00.000000', 1),
        (33, 'Too low', NULL, 0, -1, '2024-01-01 00:00:00.000000', 1),
        (34, 'Nothing set', NULL, NULL, NULL, '2024-01-01 00:00:00.000000', 1),
        (35, 'Odd owner', NULL, 0, 0, '2024-01-01 00:00:00.000000', 4711),
        (36, 'Odd words', x'ff00', 0, 0, '2024-01-01 00:00:00.000000', 1),
        (37, 'Maybe', NULL, 'maybe', 0, '2024-01-01 00:00:00.000000', 1);";

    let said = import_beside_good_rows(&database, rows).await;

    assert_eq!(
        said,
        [
            "todo 30: not taken: priority is no integer",
            "todo 31: not taken: priority is no integer",
            "todo 32: priority 4711 became 9",
            "todo 33: priority -1 became 0",
            "todo 35: not taken: its owner is not here",
            "todo 36: not taken: description is no text",
            "todo 37: it was neither completed nor not, and is not now",
        ]
    );
    let running = Program::on(&database).serve();
    let alice = running.login("alice", "1234").await;
    let todos = alice.get("/api/v1/todos").await.expect(200).json();
    let kept = todos["todos"].as_array().unwrap().iter();
    let kept: Vec<_> = kept
        .map(|todo| (todo["id"].clone(), todo["priority"].clone()))
        .collect();
    let expected = [(32, 9), (33, 0), (34, 0), (37, 0), (900, 0)];
    assert_eq!(
        kept,
        expected.map(|(id, priority)| (json!(id), json!(priority)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_that_the_seed_took_are_made_to_fit_and_keep_their_posts() {
    let database = TestDatabase::create().await;
    let rows = "INSERT INTO user VALUES
        (40, '', '1234'), (41, 'no password', ''), (42, 'odd password', x'ff00'),
        (43, replace(hex(zeroblob(40)), '0', 'x'), '1234'), (44, x'ff00', '1234'),
        (45, 'tab' || char(9), '1234');
        INSERT INTO post VALUES (40, 'Kept', 'Words', NULL, '2024-01-01 00:00:00.000000', 40);";

    let said = import_beside_good_rows(&database, rows).await;

    let changed: Vec<_> = said
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert!(said.iter().all(|line| !line.contains("1234")), "{said:?}");
    assert_eq!(
        changed,
        ["user 40", "user 41", "user 42", "user 43", "user 44"],
        "{said:?}"
    );
    let running = Program::on(&database).serve();
    let me = running
        .login("user-40", "1234")
        .await
        .get("/api/v1/me")
        .await;
    assert_eq!(me.expect(200).json()["posts"][0]["title"], "Kept");
    for name in ["no password", "odd password"] {
        running.try_login(name, "1234").await.expect(401);
    }
    running.login("user-43", "1234").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_at_the_edge_of_the_range_leave_room_for_new_rows() {
    let database = TestDatabase::create().await;
    let rows = "INSERT INTO post VALUES
        (9223372036854775807, 'The last number', 'Words', NULL, '2024-01-01 00:00:00.000000', 1);";

    let said = import_beside_good_rows(&database, rows).await;

    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("post 9223372036854775807: not taken: "),
        "{said:?}"
    );
    let running = Program::on(&database).serve();
    let alice = running.login("alice", "1234").await;
    let post = json!({"title": "Next", "content": "Words"});
    let next = alice.post("/api/v1/posts", &post).await.expect(201).json();
    assert_eq!(next["id"], 901);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_rows_of_its_own_keeps_them() {
    let database = TestDatabase::create().await;
    let program = Program::on(&database);
    let running = program.serve();
    let carol = running.user("carol").await;
    let post = json!({"title": "Carol's", "content": "Words"});
    carol.post("/api/v1/posts", &post).await.expect(201);
    let rows = "INSERT INTO user VALUES (1, 'dave', '1234'), (2, 'erin', '1234');
        INSERT INTO post VALUES
            (1, 'Of dave', 'Words', NULL, '2024-01-01 00:00:00.000000', 1),
            (2, 'Of erin', 'Words', NULL, '2024-01-01 00:00:00.000000', 2);";
    make_flask_file(&database, rows);

    let said = import(&program);

    assert!(said.contains("user 1: not taken: "), "{said}");
    assert!(said.contains("post 1: not taken: "), "{said}");
    assert!(
        said.ends_with("2 rows stored (0 of them changed), 0 already there, 2 not taken\n"),
        "{said}"
    );
    let posts = running
        .anonymous()
        .get("/api/v1/posts")
        .await
        .expect(200)
        .json();
    assert_eq!(posts["posts"][0]["title"], "Carol's");
    assert_eq!(posts["posts"][1]["title"], "Of erin");
}
