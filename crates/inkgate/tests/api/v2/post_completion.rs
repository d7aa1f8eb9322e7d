//! Posts from before there were slugs: a database of then, opened by the program of now.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::Role;
use serde_json::json;
use test_database::TestDatabase;

use super::{column, ids, problem, stored_number};
use crate::audit::execute;
use crate::support::TestApp;

/// How many ordinary posts there are.
const ORDINARY: i64 = 600;

/// The schema before posts had states, in both dialects, with its steps.
macro_rules! step {
    ($name:literal) => {
        (
            include_str!(concat!(
                "../../../../store/migrations/",
                $name,
                ".sqlite.sql"
            )),
            include_str!(concat!(
                "../../../../store/migrations/",
                $name,
                ".postgres.sql"
            )),
        )
    };
}

const STEPS: [(i64, (&str, &str)); 9] = [
    (1, step!("0001_foundation")),
    (2, step!("0002_accounts")),
    (3, step!("0003_personal_tokens")),
    (6, step!("0006_audit")),
    (7, step!("0007_events")),
    (8, step!("0008_second_factor")),
    (9, step!("0009_jobs")),
    (10, step!("0010_one_time_tokens")),
    (11, step!("0011_sessions_of_user")),
];

/// A database of then, with two authors and these posts more.
async fn old_database(posts: &str) -> TestDatabase {
    let database = TestDatabase::create().await;
    let table = "CREATE TABLE schema_migrations (number BIGINT PRIMARY KEY)";
    execute(&database, table).await;
    for (number, (sqlite, postgres)) in STEPS {
        let sql = if database.is_sqlite() {
            sqlite
        } else {
            postgres
        };
        execute(&database, sql).await;
        let done = format!("INSERT INTO schema_migrations (number) VALUES ({number})");
        execute(&database, &done).await;
    }
    let users = "INSERT INTO users (id, username, name_skeleton, name_key, password_hash, role, created_at)
        VALUES (1, 'olga', 'olga', 'olga', '', 'author', 5), (2, 'otto', 'otto', 'otto', '', 'editor', 5)";
    execute(&database, users).await;
    execute(&database, posts).await;
    database
}

/// A statement that inserts posts: title and content of each, with more columns behind.
fn insert(rows: &[String]) -> String {
    let columns = "id, user_id, title, category, created_at, updated_at, published_at, version, content, deleted_at, deleted_by";
    format!("INSERT INTO posts ({columns}) VALUES {}", rows.join(", "))
}

fn row(id: i64, title: &str, content: &str) -> String {
    let time = 1_600_000_000_000_123 + id;
    format!("({id}, 1, '{title}', 'general', {time}, {time}, {time}, 7, '{content}', NULL, NULL)")
}

#[tokio::test(flavor = "multi_thread")]
async fn six_hundred_old_posts_are_completed_once() {
    let rows: Vec<_> = (1..=ORDINARY)
        .map(|id| row(id, &format!("Post {}", id % 300), &format!("*Text* {id}")))
        .collect();
    let app = TestApp::spawn_on(old_database(&insert(&rows)).await, &["--env", "testing"]).await;
    let reader = app.anonymous();

    let (mut slugs, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let list = format!("/api/v2/posts?limit=100&include=html{cursor}");
        let page = reader.get(&list).await.expect(200).json();
        for post in page["posts"].as_array().unwrap() {
            let (id, slug) = (post["id"].as_i64().unwrap(), post["slug"].as_str().unwrap());
            let wanted = format!("post-{}", id % 300);
            assert!(
                slug == wanted || slug.starts_with(&format!("{wanted}-")),
                "{slug}"
            );
            assert_eq!(
                post["html"].as_str().unwrap().trim(),
                format!("<p><em>Text</em> {id}</p>")
            );
            assert_eq!(
                (&post["word_count"], &post["version"]),
                (&json!(2), &json!(7))
            );
            assert_eq!(
                (&post["status"], &post["excerpt"]),
                (&json!("published"), &json!(format!("Text {id}")))
            );
            slugs.insert(slug.to_owned());
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(slugs.len(), 600);
    for slug in slugs.iter().step_by(97) {
        let path = format!("/api/v2/posts/by-slug/{slug}");
        reader.get(&path).await.expect(200);
    }
    let first = "SELECT count(*) FROM post_revisions r JOIN posts p ON p.id = r.post_id
        WHERE r.n = 1 AND r.change = 'created' AND r.title = p.title AND r.content = p.content
            AND r.created_at = p.updated_at";
    assert_eq!(stored_number(&app, first).await, ORDINARY);

    let app = TestApp::spawn_on(app.stop().await, &["--env", "testing"]).await;
    let again = "SELECT count(*) FROM post_revisions";
    assert_eq!(stored_number(&app, again).await, ORDINARY);
    let titles = app
        .anonymous()
        .get("/api/v2/posts?sort=title&limit=3")
        .await
        .json();
    assert_eq!(
        column(&titles, "posts", "title"),
        ["Post 0", "Post 0", "Post 1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_old_posts_are_completed_too() {
    let mut nested = String::new();
    write!(nested, "{}x", "> ".repeat(20_000)).unwrap();
    // A day before the clock of the tests begins: later it is purged.
    let time = 1_795_374_000_000_000_i64;
    let trashed = format!("(5, 1, 'Trashed', 'general', 5, 5, 5, 1, 'Text', {time}, 2)");
    let rows = [
        row(1, "🦀", ""),
        row(2, "🎉", "   "),
        row(3, "Deep", &nested),
        row(4, "Script", "<script>alert(1)</script>Words"),
        trashed,
        row(6, "Trashed", "Text"),
    ];

    let app = TestApp::spawn_on(old_database(&insert(&rows)).await, &["--env", "testing"]).await;

    let reader = app.anonymous();
    assert_eq!(ids(&reader, "/api/v2/posts").await, [6, 4, 3, 2, 1]);
    let mut slugs = BTreeSet::new();
    for id in [1, 2, 3, 4, 6] {
        let path = format!("/api/v2/posts/{id}");
        let post = reader.get(&path).await.expect(200).json();
        let html = post["html"].as_str().unwrap();
        assert!(!html.contains("<script"), "{html}");
        slugs.insert(post["slug"].as_str().unwrap().to_owned());
    }
    // What was in the trash stays there, and comes back with what it lacked.
    problem(&reader.get("/api/v2/posts/5").await, 404, "not_found");
    let root = app.user_with_role("root", Role::Admin).await;
    let restored = root
        .post("/api/v2/posts/5/restore", &json!({}))
        .await
        .expect(200);
    slugs.insert(restored.json()["slug"].as_str().unwrap().to_owned());
    // Which of two of one title is the first is not said.
    let wanted = ["deep", "post", "post-2", "script", "trashed", "trashed-2"];
    assert_eq!(slugs.into_iter().collect::<Vec<_>>(), wanted);
    assert!(restored.json()["html"].as_str().unwrap().contains("Text"));
}
