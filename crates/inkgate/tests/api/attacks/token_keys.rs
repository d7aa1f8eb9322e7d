//! T09 and T13: keys that everybody knows, and credentials of other kinds or in other places.

use std::path::{Path, PathBuf};

use clap::Parser;
use inkgate::cli::Cli;
use inkgate::config_secrets::Secrets;
use model::Secret;
use reqwest::Method;
use serde_json::json;
use store::DatabaseUrl;
use test_database::TestDatabase;

use super::{HEADER, PROBES, Victim, forge, refused, signed};
use crate::support::{SECRET_KEY, TestApp};

/// Keys of tutorials and examples; the first two are the seed's own.
const KNOWN: [&str; 21] = [
    "your-very-secret-key",
    "default-secret-key",
    "",
    " ",
    "\0",
    "secret",
    "Secret",
    "secretkey",
    "secret_key",
    "SECRET_KEY",
    "changeme",
    "password",
    "1234",
    "admin",
    "inkgate",
    "jwt-secret",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "thisismysecretkeyforjwttokens123456789",
    "TEST_NON_DEV_SECRET",
    "\u{2}\u{1}thisismyscretkey\u{1}\u{2}\u{e}",
];

#[tokio::test(flavor = "multi_thread")]
async fn t09_a_key_that_everybody_knows_signs_nothing() {
    let victim = Victim::new().await;
    let payload = victim.claims().to_string();

    for key in KNOWN {
        victim
            .refused(&forge(HEADER, &payload, key.as_bytes()))
            .await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t09_no_key_that_our_own_documents_show_signs_anything() {
    let victim = Victim::new().await;
    let payload = victim.claims().to_string();
    let keys = keys_in_documents();
    assert!(!keys.is_empty(), "the documents tell how to set SECRET_KEY");

    for key in keys {
        victim
            .refused(&forge(HEADER, &payload, key.as_bytes()))
            .await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t09_a_key_of_before_serves_living_sessions_and_nothing_else() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await.token().to_owned();
    let exp = app.clock.now().as_seconds() + 3600;
    let seed = json!({"user_id": 1, "exp": exp}).to_string();

    let app = with_keys(
        app.stop().await,
        "a new key of more than 32 bytes, too",
        &[SECRET_KEY],
    )
    .await;

    app.with_token(&alice).get("/api/v1/me").await.expect(200);
    refused(&app, format!("Bearer {}", signed(&seed)), "Invalid token").await;
    let fresh = app.login("alice", "1234").await.token().to_owned();
    // It signs nothing any more: once it is gone, so is every token that it had signed.
    let app = with_keys(
        app.stop().await,
        "a new key of more than 32 bytes, too",
        &[],
    )
    .await;
    app.with_token(&fresh).get("/api/v1/me").await.expect(200);
    refused(&app, format!("Bearer {alice}"), "Invalid token").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_a_token_without_a_session_is_refused_where_none_is_taken() {
    for flags in [
        &["--env", "testing", "--accept-seed-tokens", "false"][..],
        &["--env", "production", "--registration", "open"],
    ] {
        let app = TestApp::spawn_with(flags).await;
        let password = "correct horse battery staple";
        app.register("alice", password).await.expect(201);
        let exp = app.clock.now().as_seconds() + 3600;

        let seed = signed(json!({"user_id": 1, "exp": exp}).to_string());

        refused(&app, format!("Bearer {seed}"), "Invalid token").await;
        let alice = app.login("alice", password).await;
        alice.get("/api/v1/me").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_a_v1_token_opens_posts_and_todos_of_both_versions() {
    let victim = Victim::new().await;
    let alice = victim.app.with_token(&victim.token);
    let todo = json!({"title": "Learn Rust"});
    let post = json!({"title": "My Post", "content": "Hello"});

    alice.post("/api/v1/posts", &post).await.expect(201);
    alice.post("/api/v2/posts", &post).await.expect(201);
    alice.post("/api/v1/todos", &todo).await.expect(201);
    alice.post("/api/v2/todos", &todo).await.expect(201);
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_what_is_no_access_token_opens_nothing() {
    let victim = Victim::new().await;
    let claims = victim.claims();
    let sid = claims["sid"].as_str().unwrap();
    let jti = claims["jti"].as_str().unwrap();
    let without_session =
        signed(json!({"user_id": 1, "exp": victim.now() + 60, "sid": null}).to_string());

    for credential in [
        sid,
        jti,
        "1",
        "alice",
        "alice:1234",
        "1234",
        "YWxpY2U6MTIzNA==",
        "ink_rt_0000000000000000000000000000000000000000",
        "ink_pat_1_00000000000000000000000000000000_000000",
        "null",
        "undefined",
        "[object Object]",
        without_session.as_str(),
    ] {
        victim.refused(credential).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_a_token_counts_in_its_header_alone() {
    let victim = Victim::new().await;
    let token = &victim.token;
    let client = victim.app.anonymous();

    for (method, path) in PROBES {
        let path = format!("{path}?access_token={token}&token={token}");
        for header in [
            "cookie",
            "x-access-token",
            "x-api-key",
            "proxy-authorization",
            "x-authorization",
        ] {
            let request = client
                .request(method.clone(), &path)
                .header(header, format!("Bearer {token}"))
                .json(&json!({"title": "x", "content": "y", "access_token": token}));
            let answer = client.send(request).await.expect(401);
            assert_eq!(
                answer.header("www-authenticate"),
                "Bearer realm=\"inkgate\""
            );
        }
    }
    let form = format!("access_token={token}&title=x&content=y");
    let media_type = "application/x-www-form-urlencoded";
    client
        .raw(Method::POST, "/api/v1/posts", media_type, form)
        .await
        .expect(401);

    victim.unharmed().await;
}

/// A server on this database with these keys, the first of which signs.
async fn with_keys(database: TestDatabase, key: &str, previous: &[&str]) -> TestApp {
    let flags = ["inkgate", "--env", "testing", "--listen", "127.0.0.1:0"];
    let cli = Cli::try_parse_from(flags.iter().chain(&["--access-log", "false"])).unwrap();
    let secret = |key: &str| Secret::new(key.as_bytes().to_vec());
    let secrets = Secrets {
        database: DatabaseUrl::parse(database.url()).unwrap(),
        key: secret(key),
        previous_keys: previous.iter().map(|key| secret(key)).collect(),
        pepper: None,
        smtp: None,
    };
    TestApp::start(database, cli, secrets).await
}

/// Whatever stands behind `SECRET_KEY=` in the repository's documents and deployment files.
fn keys_in_documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![root.join("README.md"), root.join(".env.example")];
    for folder in ["docs", "docs/guide", "docs/reference", "deploy"] {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    let texts = files
        .iter()
        .filter(|file| file.is_file())
        .map(|file: &PathBuf| std::fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| {
            let keys = text.split("SECRET_KEY=").skip(1);
            let keys = keys.map(|rest| rest.split(['\n', '"', '`', '\'']).next().unwrap());
            keys.flat_map(|key| {
                let word = key.split_whitespace().next().unwrap_or_default();
                [key.trim().to_owned(), word.to_owned()]
            })
            .collect::<Vec<_>>()
        })
        .collect()
}
