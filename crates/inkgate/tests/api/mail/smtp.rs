//! Mail handed in at a real mail server, which the test plays.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::JobId;

use crate::support::{SILENCE, SmtpServer, TestApp, app_with_mail, app_with_smtp};

async fn with_server(user: &str) -> (TestApp, SmtpServer) {
    let server = SmtpServer::start().await;
    let app = app_with_smtp(&format!("smtp://{user}{}?tls=none", server.address)).await;
    (app, server)
}

/// How many jobs wait, and how many are dead.
async fn jobs(app: &TestApp) -> (i64, i64) {
    let counts = app.domain.count_jobs().await.unwrap();
    (counts.waiting, counts.dead)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_handed_in_with_a_text_of_each_kind() {
    let (app, server) = with_server("user:p%40ss@").await;
    app.register_with("alice", "alice@example.org").await;

    app.run_jobs().await;

    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    assert_eq!(mail.header("From"), "\"A blog\" <blog@blog.example>");
    assert_eq!(mail.to(), "alice@example.org");
    assert_eq!(mail.header("Subject"), "Confirm your e-mail address");
    assert_eq!(mail.header("Date"), "Mon, 23 Nov 2026 19:00:00 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Message-ID").ends_with("@127.0.0.1>"));
    assert!(
        mail.header("Content-Type")
            .starts_with("multipart/alternative")
    );
    assert!(mail.raw.contains("Content-Type: text/plain; charset=utf-8"));
    assert!(mail.raw.contains("Content-Type: text/html; charset=utf-8"));
    let commands = server.commands();
    let plain = BASE64_STANDARD.encode("\0user\0p@ss");
    assert!(
        commands.contains(&format!("AUTH PLAIN {plain}")),
        "{commands:?}"
    );
    assert!(
        commands
            .iter()
            .any(|line| line.starts_with("MAIL FROM:<blog@blog.example>"))
    );
    assert!(commands.contains(&"RCPT TO:<alice@example.org>".to_owned()));
    assert_eq!(jobs(&app).await, (0, 0));
    app.confirm(&mail.token()).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_is_asked_again_and_the_token_is_another() {
    let (app, server) = with_server("").await;
    server.refuse("451 later");
    app.register_with("alice", "alice@example.org").await;

    app.run_jobs().await;
    assert_eq!((server.mails().len(), jobs(&app).await), (0, (1, 0)));
    let waiting = app.domain.jobs_after(JobId::FIRST, false).await.unwrap();
    let error = waiting[0].last_error.as_deref().unwrap();
    assert!(error.contains("451"), "{error}");
    app.advance(Duration::from_secs(29));
    app.run_jobs().await;
    assert_eq!(server.mails().len(), 0);
    app.advance(Duration::from_secs(1));
    app.run_jobs().await;

    assert_eq!((server.mails().len(), jobs(&app).await), (1, (0, 0)));
    app.confirm(&server.mails()[0].token()).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_for_good_ends_in_a_dead_job_that_can_be_retried() {
    let (app, server) = with_server("").await;
    for _ in 0..12 {
        server.refuse("550 no such user");
    }
    app.register_with("alice", "alice@example.org").await;

    for _ in 0..12 {
        assert_eq!(jobs(&app).await, (1, 0));
        app.run_jobs().await;
        app.advance(Duration::from_hours(6));
    }
    assert_eq!((server.mails().len(), jobs(&app).await), (0, (0, 1)));
    assert_eq!(app.domain.retry_dead_jobs().await.unwrap(), 1);
    app.run_jobs().await;

    assert_eq!((server.mails().len(), jobs(&app).await), (1, (0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_in_the_clear_to_a_server_that_offers_no_encryption() {
    let server = SmtpServer::start().await;
    let app = app_with_smtp(&format!("smtp://user:secret@{}", server.address)).await;
    app.register_with("alice", "alice@example.org").await;

    app.run_jobs().await;

    assert_eq!(jobs(&app).await, (1, 0));
    let said = server.commands();
    let harmless = |line: &String| line.starts_with("EHLO") || line == "QUIT" || line == "STARTTLS";
    assert!(said.iter().all(harmless), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_asked_again() {
    let app = app_with_smtp("smtp://127.0.0.1:1?tls=none").await;
    app.register_with("alice", "alice@example.org").await;

    app.run_jobs().await;

    assert_eq!(jobs(&app).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_mail_is_set_up_the_job_says_so() {
    let app = TestApp::spawn().await;
    app.register_with("alice", "alice@example.org").await;

    app.run_jobs().await;

    let waiting = app.domain.jobs_after(JobId::FIRST, false).await.unwrap();
    let error = waiting[0].last_error.as_deref().unwrap();
    assert_eq!(error, "no mail is set up: set INKGATE_SMTP_URL");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_holds_mails_that_their_owner_alone_may_read() {
    use std::os::unix::fs::PermissionsExt;

    let app = app_with_mail(&[]).await;
    app.register_with("alice", "jörg@bücher.example").await;
    app.run_jobs().await;

    let folder = app.database.as_ref().unwrap().folder().join("mail");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
    assert_eq!(files.len(), 1);
    let file = files[0].as_ref().unwrap();
    assert!(file.file_name().to_str().unwrap().ends_with(".1.eml"));
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mail = app.the_mail().await;
    assert!(
        mail.to().contains("@xn--bcher-kva.example"),
        "{}",
        mail.to()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_hangs_keeps_no_others_waiting() {
    let (app, server) = with_server("").await;
    server.refuse(SILENCE);
    app.register_with("alice", "alice@example.org").await;
    let hangs = || server.commands().iter().any(|line| line.contains("alice"));
    while !hangs() {
        tokio::task::yield_now().await;
    }

    app.register_with("bob", "bob@example.org").await;

    while server.mails().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.mails()[0].to(), "bob@example.org");
    let jobs = app.domain.jobs_after(JobId::FIRST, false).await.unwrap();
    let none_failed = jobs.iter().all(|job| job.last_error.is_none());
    assert!(none_failed, "alice's mail was given up before: {jobs:?}");
}
