//! T45: what is good once, and what must be shown.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use test_database::TestDatabase;

use super::waiting_log_ins::{code, is_401, tokens};
use crate::support::authenticator::{Authenticator, CONFIRM, TOTP, disable, offered};
use crate::support::{Answer, Client, Pair, TestApp};

const ME: &str = "/api/v2/me";

async fn enabled(client: &Client) -> bool {
    let me = client.get(ME).await.expect(200).json();
    me["totp_enabled"].as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_a_code_is_good_once() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let tokens = tokens(&app, "alice", 3).await;
    let right = alice.app.code();

    Pair::of(app.finish(&tokens[0], &right).await);
    is_401(app.finish(&tokens[1], &right).await, "invalid_code");
    let before = alice.app.code_of(-1);
    is_401(app.finish(&tokens[1], &before).await, "invalid_code");
    is_401(app.finish(&tokens[0], &right).await, "invalid_token");
    let client = app.with_token(&alice.pair.access);
    is_401(disable(&client, "1234", &right).await, "invalid_code");

    app.advance(Duration::from_secs(30));
    Pair::of(app.finish(&tokens[1], &alice.app.code()).await);
    let right = alice.app.code_of(1);
    Pair::of(app.finish(&tokens[2], &right).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_the_code_of_the_confirmation_is_used_up() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let device = offered(&alice, &app.clock).await;
    let code = device.code();
    let confirm = json!({"code": code});

    alice.post(CONFIRM, &confirm).await.expect(200);

    let token = app.mfa_token("alice").await;
    is_401(app.finish(&token, &code).await, "invalid_code");
    is_401(
        app.finish(&token, &device.code_of(-1)).await,
        "invalid_code",
    );
    Pair::of(app.finish(&token, &device.code_of(1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_a_hundred_who_use_one_code_at_once_are_one() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.enrolled("alice").await, app.enrolled("bob").await);
    let tokens = tokens(&app, "alice", 100).await;
    let token = app.mfa_token("bob").await;
    let (hers, his) = (alice.app.code(), bob.app.code());

    let many_log_ins = tokens.iter().map(|token| app.finish(token, &hers));
    let many_log_ins = join_all(many_log_ins).await;
    let one_log_in = join_all((0..100).map(|_| app.finish(&token, &his))).await;

    for (answers, owner) in [(many_log_ins, &alice), (one_log_in, &bob)] {
        let count = |statuses: &[u16]| {
            let of = |answer: &&Answer| statuses.contains(&answer.status);
            answers.iter().filter(of).count()
        };
        assert_eq!((count(&[200]), count(&[401, 429])), (1, 99));
        let owner = app.with_token(&owner.pair.access);
        let sessions = owner.get("/api/v2/auth/sessions").await.expect(200).json();
        assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_a_recovery_code_is_good_once_for_a_hundred_at_once_too() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let tokens = tokens(&app, "alice", 100).await;
    let recovery = &alice.recovery_codes[0];

    let answers = tokens.iter().map(|token| app.finish(token, recovery));
    let answers = join_all(answers).await;

    let opened = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(opened.count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        is_401(answer, "invalid_code");
    }
    let client = app.with_token(&alice.pair.access);
    is_401(disable(&client, "1234", recovery).await, "invalid_code");
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_taking_a_second_factor_away_needs_the_password_and_a_code() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let personal = json!({"name": "x", "scopes": ["profile:read"]});
    let personal = client.post("/api/v2/auth/tokens", &personal).await;
    let personal = personal.expect(201).json()["token"].clone();
    let right = alice.app.code();

    let wrong_password = disable(&client, "wrong", &right).await.expect(403);
    assert_eq!(code(&wrong_password), "wrong_password");
    for wrong in [&alice.app.wrong_code(), "ABCD-EFGH-IJKL-MNOP", "x"] {
        is_401(disable(&client, "1234", wrong).await, "invalid_code");
    }
    for part in [json!({"code": right}), json!({"current_password": "1234"})] {
        let request = client.request(Method::DELETE, TOTP).json(&part);
        client.send(request).await.expect(422);
    }
    let personal = app.with_token(personal.as_str().unwrap());
    disable(&personal, "1234", &right).await.expect(403);
    let on = json!({"current_password": "1234"});
    personal.post(TOTP, &on).await.expect(403);

    assert!(enabled(&client).await);
    disable(&client, "1234", &right).await.expect(204);
    assert!(!enabled(&client).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_nothing_is_asked_for_until_the_offer_is_confirmed_by_its_owner() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);

    let wrong = json!({"current_password": "wrong"});
    let refused = alice.post(TOTP, &wrong).await.expect(403);
    assert_eq!(code(&refused), "wrong_password");
    let none = json!({"code": "123456"});
    alice.post(CONFIRM, &none).await.expect(409);
    let device = offered(&alice, &app.clock).await;
    let guess = json!({"code": device.wrong_code()});
    is_401(alice.post(CONFIRM, &guess).await, "invalid_code");
    let recovery = json!({"code": "ABCD-EFGH-IJKL-MNOP"});
    is_401(alice.post(CONFIRM, &recovery).await, "invalid_code");
    // Somebody else's offer is theirs.
    let bob = app.with_token(&app.pair("bob").await.access);
    let code = json!({"code": device.code()});
    bob.post(CONFIRM, &code).await.expect(409);

    assert!(!enabled(&alice).await);
    app.login("alice", "1234").await;
    app.login_v2("alice", "1234").await;
    Pair::of(app.refresh(&pair.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_two_confirmations_at_once_give_one_set_of_codes() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let device = offered(&alice, &app.clock).await;
    let code = json!({"code": device.code()});

    let answers = join_all((0..5).map(|_| alice.post(CONFIRM, &code))).await;

    let (won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|answer| matches!(answer.status, 401 | 409)));
    let codes = won[0].json()["recovery_codes"].clone();
    let codes: Vec<String> = serde_json::from_value(codes).unwrap();
    for recovery in &codes {
        let token = app.mfa_token("alice").await;
        Pair::of(app.finish(&token, recovery).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t45_whoever_reads_the_database_can_show_no_code() {
    let database = TestDatabase::sqlite();
    let app = TestApp::spawn_on(database, &["--env", "testing"]).await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let password = json!({"current_password": "1234"});
    let offer = alice.post(TOTP, &password).await.expect(200).json();
    let device = Authenticator::scan(&offer, &app.clock);
    let code = json!({"code": device.code()});
    let confirmed = alice.post(CONFIRM, &code).await.expect(200).json();
    let token = app.mfa_token("alice").await;

    let database = app.stop().await;

    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(database.folder()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let decode = |text: &str| data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap();
    assert!(holds(b"alice"), "the test would see it");
    let secret = offer["secret"].as_str().unwrap();
    assert!(!holds(secret.as_bytes()) && !holds(&decode(secret)));
    for recovery in confirmed["recovery_codes"].as_array().unwrap() {
        let recovery = recovery.as_str().unwrap();
        let plain = recovery.replace('-', "");
        assert!(!holds(recovery.as_bytes()) && !holds(plain.as_bytes()) && !holds(&decode(&plain)));
    }
    assert!(!holds(token.trim_start_matches("ink_mfa_").as_bytes()));
}
