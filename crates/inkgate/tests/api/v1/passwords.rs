//! Passwords: their limits, and how they are kept.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_password_has_1_to_1024_bytes_that_all_count() {
    let app = TestApp::spawn().await;
    let longest = "é".repeat(512);
    let other = format!("{}e!", "é".repeat(511));
    let too_long = format!("{longest}x");

    for password in ["", &too_long] {
        let refused = app.register("alice", password).await.expect(400);
        assert_eq!(refused.message(), "password must have 1 to 1024 bytes");
    }
    app.register("alice", &longest).await.expect(201);
    app.register("bob", " ").await.expect(201);

    app.login("alice", &longest).await;
    app.login("bob", " ").await;
    for (name, password) in [("alice", other.as_str()), ("bob", "  ")] {
        let login = json!({"username": name, "password": password});
        app.anonymous()
            .post("/api/v1/login", &login)
            .await
            .expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_stored_as_an_argon2id_hash_only() {
    let app = TestApp::spawn().await;
    app.register("alice", "a secret that is easy to find")
        .await
        .expect(201);

    let stored = stored_hashes(&app).await;

    assert!(stored.contains("$argon2id$v=19$"), "{stored}");
    assert!(!stored.contains("a secret that is easy to find"));
}

/// What the database keeps: the whole files of SQLite, the users of PostgreSQL.
async fn stored_hashes(app: &TestApp) -> String {
    let database = app.database.as_ref().unwrap();
    if database.is_sqlite() {
        let files = std::fs::read_dir(database.folder()).unwrap();
        let bytes = files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap());
        return String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned();
    }
    let (client, connection) = tokio_postgres::connect(database.url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let rows = client
        .query("SELECT u::text FROM users u", &[])
        .await
        .unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect()
}
