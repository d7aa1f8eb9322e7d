//! What is mailed stands nowhere else.

use std::fs;
use std::path::Path;

use serde_json::json;
use test_database::TestDatabase;

use crate::support::{Mail, Program};

/// Waits for the mail to this address, and takes it.
async fn mail_to(folder: &Path, address: &str) -> Mail {
    loop {
        for file in fs::read_dir(folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let is_whole = path.extension().is_some_and(|end| end == "eml");
            let raw = fs::read_to_string(&path).unwrap_or_default();
            let mail = Mail { raw };
            if is_whole && mail.to() == address {
                fs::remove_file(path).unwrap();
                return mail;
            }
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_and_no_address_is_ever_logged_or_kept() {
    let database = TestDatabase::create().await;
    let folder = database.folder().join("mail");
    let program = Program::on(&database)
        .set("INKGATE_MAIL_FOLDER", folder.to_str().unwrap())
        .set("INKGATE_LOG", "trace");
    let running = program.serve();
    let anonymous = running.anonymous();
    let post = async |path: &str, body: serde_json::Value, status| {
        let path = format!("/api/v2/auth/{path}");
        anonymous.post(&path, &body).await.expect(status);
    };
    let email = "a.secret.address@example.org";
    let account = json!({"username": "alice", "password": "1234", "email": email});
    post("register", account, 201).await;
    let verify = mail_to(&folder, email).await.token();
    post("email/verify", json!({"token": verify}), 204).await;
    post("password/forgot", json!({"email": email}), 202).await;
    let reset = mail_to(&folder, email).await.token();
    post(
        "password/reset",
        json!({"token": reset, "new_password": "4321"}),
        204,
    )
    .await;
    post(
        "password/reset",
        json!({"token": reset, "new_password": "4321"}),
        401,
    )
    .await;
    let login = json!({"email": email, "password": "wrong"});
    post("login", login, 401).await;
    let jobs = program.run(&["jobs", "list"]).expect_success();

    let said = running.stop().expect_success().err + &jobs.out + &jobs.err;

    assert!(said.contains("DEBUG"), "it was to log all it can");
    for secret in [&verify[11..], &reset[10..], email] {
        let line = said.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was shown");
    }
    if database.is_sqlite() {
        let mut kept = fs::read(database.file()).unwrap();
        let log = database.file().with_extension("db-wal");
        kept.extend(fs::read(log).unwrap_or_default());
        let kept = String::from_utf8_lossy(&kept);
        for secret in [&verify[11..], &reset[10..]] {
            assert!(!kept.contains(secret));
        }
    }
}
