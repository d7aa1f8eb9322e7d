//! A hundred who show the same thing at once: one of them is served.

use domain::Domain;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Answer, app_with_mail, second_node};

#[track_caller]
fn one_of_a_hundred(answers: &[Answer], done: u16, refused: u16) {
    assert_eq!(answers.len(), 100);
    let count = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!((count(done), count(refused)), (1, 99), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_confirmations_with_one_token_are_one() {
    let app = app_with_mail(&[]).await;
    app.register_with("alice", "alice@example.org").await;
    let token = app.the_mail().await.token();

    let answers = join_all((0..100).map(|_| app.confirm(&token))).await;

    one_of_a_hundred(&answers, 204, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_resets_with_one_token_are_one() {
    let app = app_with_mail(&[]).await;
    app.verified("alice", "alice@example.org").await;
    app.forgot("alice@example.org").await.expect(202);
    let token = app.the_mail().await.token();

    let reset = async |number: usize| {
        // What finds the queue of passwords full comes again, as it is told to.
        loop {
            let answer = app.reset(&token, &format!("password {number}")).await;
            if answer.status != 503 {
                return answer;
            }
        }
    };
    let answers = join_all((0..100).map(reset)).await;

    one_of_a_hundred(&answers, 204, 401);
    let won = answers.iter().position(|answer| answer.status == 204);
    app.login_v2("alice", &format!("password {}", won.unwrap()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_accounts_that_confirm_one_address_at_once_one_gets_it() {
    let app = app_with_mail(&[]).await;
    for number in 0..10 {
        app.register_with(&format!("user {number}"), "alice@example.org")
            .await;
    }
    let mails = app.mails().await;
    let tokens: Vec<_> = mails.iter().map(|mail| mail.token()).collect();
    assert_eq!(tokens.len(), 10);

    let answers = join_all((0..100).map(|n| app.confirm(&tokens[n % 10]))).await;

    let done = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(done, 1);
    let refused = |answer: &&Answer| matches!(answer.status, 401 | 409);
    assert_eq!(answers.iter().filter(refused).count(), 99);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_servers_run_jobs_each_mail_is_sent_once() {
    let app = app_with_mail(&[]).await;
    let other = second_node(&app).await;
    for number in 0..30 {
        app.register_with(&format!("user {number}"), &format!("u{number}@example.org"))
            .await;
    }

    let run = async |domain: &Domain| while domain.run_due_jobs(|| true).await.unwrap() > 0 {};
    join_all((0..20).map(|number| run(if number % 2 == 0 { &other } else { &app.domain }))).await;
    other.close();

    let mut to: Vec<_> = app
        .mails()
        .await
        .iter()
        .map(|mail| mail.to().to_owned())
        .collect();
    assert_eq!(to.len(), 30);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 30);
    let counts = app.domain.count_jobs().await.unwrap();
    assert_eq!(json!([counts.waiting, counts.dead]), json!([0, 0]));
}
