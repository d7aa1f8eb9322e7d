//! Second factors: offered, confirmed, asked for, taken away.

use std::time::Duration;

use serde_json::{Value, json};

use crate::attacks::claims;
use crate::support::authenticator::{CONFIRM, TOTP, disable, offered};
use crate::support::{Answer, Client, Pair, TestApp};

const ME: &str = "/api/v2/me";

fn code(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap().to_owned()
}

async fn confirm(client: &Client, code: &str) -> Answer {
    client.post(CONFIRM, &json!({"code": code})).await
}

async fn enabled(client: &Client) -> Value {
    client.get(ME).await.expect(200).json()["totp_enabled"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_a_secret_a_link_and_a_picture_that_no_cache_keeps() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);

    let answer = alice
        .post(TOTP, &json!({"current_password": "1234"}))
        .await
        .expect(200);

    assert_eq!(answer.header("cache-control"), "private, no-store");
    let offer = answer.json();
    assert_eq!(offer.as_object().unwrap().len(), 3);
    let secret = offer["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    let uri = offer["otpauth_uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/Inkgate:alice%40127.0.0.1%3A"),
        "{uri}"
    );
    assert!(
        uri.contains(&format!("?secret={secret}&issuer=Inkgate&")),
        "{uri}"
    );
    let picture = offer["qr_svg"].as_str().unwrap();
    assert!(
        picture.contains("<svg") && picture.contains("</svg>"),
        "{picture}"
    );
    assert!(!picture.contains("script"), "{picture}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_in_two_steps_opens_a_session_that_says_how() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;

    let token = app.mfa_token("alice").await;
    let answer = app.finish(&token, &alice.app.code()).await;

    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["user"]["totp_enabled"], true);
    let pair = Pair::of(answer);
    assert_eq!(claims(&pair.access)["amr"], json!(["pwd", "otp"]));
    app.with_token(&pair.access).get(ME).await.expect(200);
    let next = Pair::of(app.refresh(&pair.refresh).await);
    assert_eq!(claims(&next.access)["amr"], json!(["pwd", "otp"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_step_opens_nothing_and_says_what_is_to_come() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;

    let body = json!({"username": "alice", "password": "1234"});
    let answer = app.anonymous().post("/api/v2/auth/login", &body).await;

    let answer = answer.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = answer.json();
    let wanted = json!({"mfa_required": true, "mfa_token": answer["mfa_token"],
        "methods": ["totp", "recovery"]});
    assert_eq!(answer, wanted);
    let client = app.with_token(&alice.pair.access);
    let sessions = client.get("/api/v2/auth/sessions").await.expect(200).json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    let wrong = json!({"username": "alice", "password": "wrong"});
    let refused = app.anonymous().post("/api/v2/auth/login", &wrong).await;
    assert_eq!(code(&refused.expect(401)), "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_ends_every_other_session_and_revokes_every_token() {
    let app = TestApp::spawn().await;
    let (own, other) = (app.pair("alice").await, app.login_v2("alice", "1234").await);
    let seed = app.login("alice", "1234").await;
    let client = app.with_token(&own.access);
    let personal = json!({"name": "x", "scopes": ["profile:read"]});
    let personal = client
        .post("/api/v2/auth/tokens", &personal)
        .await
        .expect(201);
    let personal = personal.json()["token"].as_str().unwrap().to_owned();
    let device = offered(&client, &app.clock).await;

    let answer = confirm(&client, &device.code()).await.expect(200);

    assert_eq!(answer.header("cache-control"), "private, no-store");
    let new = Pair::of(answer);
    let (before, after) = (claims(&own.access), claims(&new.access));
    assert_eq!((&before["sid"], &before["gen"]), (&after["sid"], &json!(0)));
    assert_eq!(after["gen"], 1);
    assert_eq!(after["amr"], json!(["pwd", "otp"]));
    for token in [&own.access, &other.access, seed.token(), &personal] {
        app.with_token(token).get(ME).await.expect(401);
    }
    for pair in [&own, &other] {
        app.refresh(&pair.refresh).await.expect(401);
    }
    assert_eq!(enabled(&app.with_token(&new.access)).await, true);
    Pair::of(app.refresh(&new.refresh).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_recovery_codes_are_shown_once_and_each_is_good_once_in_any_dress() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let codes = &alice.recovery_codes;
    assert_eq!(codes.len(), 10);
    for text in codes {
        assert_eq!(text.len(), 19, "{text}");
        assert!(text.split('-').all(|group| group.len() == 4), "{text}");
    }

    let dresses = [
        codes[0].clone(),
        codes[1].to_lowercase(),
        codes[2].replace('-', ""),
        codes[3].replace('-', " "),
    ];

    for dress in &dresses {
        let token = app.mfa_token("alice").await;
        let pair = Pair::of(app.finish(&token, dress).await);
        assert_eq!(claims(&pair.access)["amr"], json!(["pwd", "otp"]));
    }
    let token = app.mfa_token("alice").await;
    for dress in &dresses {
        assert_eq!(
            code(&app.finish(&token, dress).await.expect(401)),
            "invalid_code"
        );
    }
    // The app's own codes go on as before.
    Pair::of(app.finish(&token, &alice.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_holds_for_fifteen_minutes_and_another_takes_its_place() {
    let app = TestApp::spawn().await;
    let alice = app.with_token(&app.pair("alice").await.access);
    let first = offered(&alice, &app.clock).await;
    let second = offered(&alice, &app.clock).await;

    let replaced = confirm(&alice, &first.code()).await.expect(401);
    assert_eq!(code(&replaced), "invalid_code");
    app.advance(Duration::from_mins(15));
    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);
    let late = confirm(&alice, &second.code()).await.expect(409);
    assert_eq!(code(&late), "totp_not_offered");

    let third = offered(&alice, &app.clock).await;
    app.advance(Duration::from_secs(15 * 60 - 1));
    let alice = app.with_token(&app.login_v2("alice", "1234").await.access);
    confirm(&alice, &third.code()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_state_is_a_conflict() {
    let app = TestApp::spawn().await;
    let bob = app.with_token(&app.pair("bob").await.access);
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);

    let nothing_offered = confirm(&bob, "123456").await.expect(409);
    let nothing_on = disable(&bob, "1234", "123456").await.expect(409);
    let on = client
        .post(TOTP, &json!({"current_password": "1234"}))
        .await
        .expect(409);
    let confirmed = confirm(&client, &alice.app.code()).await.expect(409);

    assert_eq!(code(&nothing_offered), "totp_not_offered");
    assert_eq!(code(&nothing_on), "totp_not_enabled");
    assert_eq!(code(&on), "totp_enabled");
    assert_eq!(code(&confirmed), "totp_enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_code_is_refused_by_its_field() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let token = app.mfa_token("alice").await;

    for value in [
        json!(""),
        json!("1".repeat(65)),
        json!(123_456),
        json!(null),
        json!(["1"]),
    ] {
        let finish = json!({"mfa_token": token, "code": value});
        let finish = app
            .anonymous()
            .post("/api/v2/auth/login/mfa", &finish)
            .await;
        let confirm = client.post(CONFIRM, &json!({"code": value})).await;
        for answer in [finish, confirm] {
            assert_eq!(answer.expect(422).json()["errors"][0]["field"], "code");
        }
    }
    for text in [
        "x",
        "1",
        "1234567",
        "１２３４５６",
        &"1".repeat(64),
        "\u{0}",
    ] {
        let answer = app.finish(&token, text).await.expect(401);
        assert_eq!(code(&answer), "invalid_code", "{text}");
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"inkgate\""
        );
    }

    Pair::of(app.finish(&token, &alice.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn v1_says_where_to_log_in_after_the_right_password_only() {
    let app = TestApp::spawn().await;
    app.enrolled("alice").await;
    let login = async |password: &str| {
        let body = json!({"username": "alice", "password": password});
        app.anonymous().post("/api/v1/login", &body).await
    };

    let (right, wrong) = (login("1234").await, login("wrong").await);

    let right = right.expect(403);
    assert!(
        right.text().contains("POST /api/v2/auth/login"),
        "{}",
        right.text()
    );
    assert!(!wrong.expect(401).text().contains("factor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_password_keeps_the_second_factor_and_how_the_session_began() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let change = json!({"current_password": "1234", "new_password": "4321"});

    let new = Pair::of(client.post("/api/v2/auth/password", &change).await);

    assert_eq!(claims(&new.access)["amr"], json!(["pwd", "otp"]));
    assert_eq!(enabled(&app.with_token(&new.access)).await, true);
    let body = json!({"username": "alice", "password": "4321"});
    let answer = app.anonymous().post("/api/v2/auth/login", &body).await;
    assert_eq!(answer.expect(200).json()["mfa_required"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_goes_with_its_codes_and_sessions_go_on() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let waiting = app.mfa_token("alice").await;

    disable(&client, "1234", &alice.app.code())
        .await
        .expect(204);

    assert_eq!(enabled(&client).await, false);
    Pair::of(app.refresh(&alice.pair.refresh).await);
    app.finish(&waiting, &alice.recovery_codes[0])
        .await
        .expect(401);
    app.login("alice", "1234").await;
    let pair = app.login_v2("alice", "1234").await;
    assert_eq!(claims(&pair.access)["amr"], json!(["pwd"]));
    // Another one begins anew: nothing of the first is good for it.
    let again = app.enroll(&pair).await;
    let token = app.mfa_token("alice").await;
    for old in [&alice.recovery_codes[0], &alice.app.code()] {
        assert_eq!(
            code(&app.finish(&token, old).await.expect(401)),
            "invalid_code"
        );
    }
    Pair::of(app.finish(&token, &again.app.code()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_takes_a_second_factor_away() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);

    disable(&client, "1234", &alice.recovery_codes[9])
        .await
        .expect(204);

    assert_eq!(enabled(&client).await, false);
    app.login_v2("alice", "1234").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_no_second_factor_to_the_next_of_its_name() {
    let app = TestApp::spawn().await;
    let alice = app.enrolled("alice").await;
    let client = app.with_token(&alice.pair.access);
    let waiting = app.mfa_token("alice").await;
    let password = json!({"current_password": "1234"});
    let delete = client.request(reqwest::Method::DELETE, ME).json(&password);

    client.send(delete).await.expect(204);

    app.finish(&waiting, &alice.app.code()).await.expect(401);
    let next = app.pair("alice").await;
    assert_eq!(claims(&next.access)["amr"], json!(["pwd"]));
    app.domain.tidy().await.unwrap();
    app.with_token(&next.access).get(ME).await.expect(200);
}
