//! Second factors and the key that seals them.

use std::time::Duration;

use clap::Parser;
use inkgate::cli::Cli;
use inkgate::config_secrets::Secrets;
use model::Secret;
use store::DatabaseUrl;
use test_database::TestDatabase;

use crate::support::authenticator::{Enrolled, disable};
use crate::support::{Answer, Pair, SECRET_KEY, TestApp};

/// A server on this database with these keys, the first of which seals; an hour later.
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
    let app = TestApp::start(database, cli, secrets).await;
    app.advance(Duration::from_hours(1));
    app
}

/// Logs in with the app's code of that server's time.
async fn log_in(app: &TestApp, alice: &mut Enrolled) -> Answer {
    alice.app.follow(&app.clock);
    app.advance(Duration::from_secs(60));
    let token = app.mfa_token("alice").await;
    app.finish(&token, &alice.app.code()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_outlives_its_secret_key_while_the_old_one_is_told() {
    let app = TestApp::spawn().await;
    let mut alice = app.enrolled("alice").await;
    let new = "another key that has more than 32 bytes";

    let app = with_keys(app.stop().await, new, &[SECRET_KEY]).await;
    Pair::of(log_in(&app, &mut alice).await);
    app.domain.tidy().await.unwrap();
    // The old secret is not needed any more.
    let app = with_keys(app.stop().await, new, &[]).await;
    app.advance(Duration::from_hours(1));
    Pair::of(log_in(&app, &mut alice).await);

    // Without either, recovery codes are left.
    let lost = "a third key, which has more than 32 bytes";
    let app = with_keys(app.stop().await, lost, &[]).await;
    app.advance(Duration::from_hours(2));
    let refused = log_in(&app, &mut alice).await.expect(401);
    assert_eq!(refused.json()["code"], "invalid_code");
    let token = app.mfa_token("alice").await;
    let pair = Pair::of(app.finish(&token, &alice.recovery_codes[0]).await);
    let client = app.with_token(&pair.access);
    disable(&client, "1234", &alice.recovery_codes[1])
        .await
        .expect(204);
    app.login_v2("alice", "1234").await;
}
