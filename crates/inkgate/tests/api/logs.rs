//! What is logged, in which form, and what never is.

use domain::SmtpUrl;
use model::{Clock, Secret};
use serde_json::{Value, json};
use test_database::TestDatabase;

use inkgate::config_secrets::Secrets;
use store::DatabaseUrl;

use crate::support::authenticator::{Authenticator, CONFIRM, MFA, TOTP};
use crate::support::{Pair, Program, SECRET_KEY, within_a_second};

const GOOD_KEY: &str = "mH1Tn2uVqkq3Z0bYw9fJr7sXc5dEa8gL";

/// A server in this environment to which somebody talked, and an id that it gave out.
async fn story(environment: &str) -> (String, String) {
    let database = TestDatabase::create().await;
    let program = Program::on(&database)
        .set("INKGATE_ENV", environment)
        .set("SECRET_KEY", GOOD_KEY);
    let running = program.serve();
    let anonymous = running.anonymous();
    let answer = anonymous
        .get("/api/v1/posts/471147114711?page=secret")
        .await
        .expect(404);
    anonymous.get("/nowhere/to/be/found").await.expect(404);
    let ended = running.stop().expect_success();
    assert_eq!(ended.out, "");
    (ended.err, answer.header("x-request-id").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_production_is_json() {
    let (log, request_id) = story("production").await;

    let parsed = log.lines().map(|line| {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    });
    let lines: Vec<_> = parsed.collect();

    for line in &lines {
        for key in ["timestamp", "level", "message"] {
            assert!(line[key].is_string(), "{line}");
        }
    }
    let request = lines
        .iter()
        .find(|line| line["request_id"] == request_id.as_str());
    let request = request.unwrap_or_else(|| panic!("{request_id} is not in {log}"));
    assert_eq!(request["method"], "GET");
    assert_eq!(request["route"], "/api/v1/posts/{id}");
    assert_eq!(request["status"], 404);
    assert!(request["duration_us"].is_u64(), "{request}");
    assert!(
        !log.contains("471147114711") && !log.contains("nowhere"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn development_is_told_in_lines_for_people() {
    let (log, request_id) = story("development").await;

    let request = log.lines().find(|line| line.contains(&request_id)).unwrap();

    assert!(
        request.contains(" INFO GET /api/v1/posts/{id} 404 "),
        "{request}"
    );
    assert!(log.lines().all(|line| !line.starts_with('{')), "{log}");
    assert!(
        !log.contains('\u{1b}'),
        "no colours where nobody looks: {log}"
    );
    assert!(
        !log.contains("471147114711") && !log.contains("nowhere"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_log_can_be_turned_off() {
    let database = TestDatabase::create().await;
    let running = Program::on(&database)
        .set("INKGATE_ACCESS_LOG", "false")
        .serve();
    running.anonymous().get("/api/v1/posts").await.expect(200);

    let log = running.stop().expect_success().err;

    assert!(!log.contains("/api/v1/posts"), "{log}");
}

const PASSWORDS: [&str; 4] = [
    "the first password of alice",
    "the second password of alice",
    "a password that is wrong",
    "a password without an account",
];
const PREVIOUS_KEY: &str = "a key of before that has more than 32 bytes";
const PEPPER: &str = "a pepper for the tests";
const DATABASE_PASSWORD: &str = "the-password-of-the-database";

/// A program that logs all it can, with every kind of secret.
fn talkative(database: &TestDatabase) -> Program {
    let with_password = format!("://inkgate:{DATABASE_PASSWORD}@");
    let url = database.url().replace("://inkgate@", &with_password);
    Program::on(database)
        .set("DATABASE_URL", &url)
        .set("SECRET_KEY_PREVIOUS", PREVIOUS_KEY)
        .set("INKGATE_PEPPER", PEPPER)
        .set("INKGATE_LOG", "trace")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_ever_logged_or_shown() {
    let database = TestDatabase::create().await;
    let program = talkative(&database);
    let mut said = Vec::new();

    let running = program.serve();
    let account = json!({"username": "alice", "password": PASSWORDS[0]});
    let anonymous = running.anonymous();
    anonymous.post("/api/v1/users", &account).await.expect(201);
    anonymous.post("/api/v1/users", &account).await.expect(400);
    let first = running.login("alice", PASSWORDS[0]).await;
    running.try_login("alice", PASSWORDS[2]).await.expect(401);
    running.try_login("nobody", PASSWORDS[3]).await.expect(401);
    first.get("/api/v1/me").await.expect(200);
    let query = format!("/api/v1/posts?token={}", first.token());
    first.get(&query).await.expect(200);
    first.get(&format!("/{}", first.token())).await.expect(404);
    let post = json!({"title": "A post", "content": "Its words"});
    first.post("/api/v1/posts", &post).await.expect(201);
    let set = ["user", "set-password", "alice", "--password-stdin"];
    said.push(program.run_with_input(&set, PASSWORDS[1]).expect_success());
    within_a_second(401, async || first.get("/api/v1/me").await).await;
    let second = running.login("alice", PASSWORDS[1]).await;
    let (head, _) = second.token().rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "A".repeat(43));
    running
        .with_token(&forged)
        .get("/api/v1/me")
        .await
        .expect(401);
    for command in ["config", "doctor", "migrate"] {
        said.push(program.run(&[command]));
    }
    said.push(program.run(&["user", "list"]).expect_success());
    said.push(running.stop().expect_success());

    let said: String = said
        .iter()
        .map(|ended| format!("{}{}", ended.out, ended.err))
        .collect();
    assert!(
        said.contains("TRACE") && said.contains("DEBUG"),
        "it was to log all it can"
    );
    let mut secrets = PASSWORDS.to_vec();
    secrets.extend([
        SECRET_KEY,
        PREVIOUS_KEY,
        PEPPER,
        DATABASE_PASSWORD,
        "$argon2id$",
    ]);
    for token in [first.token(), second.token(), &forged] {
        secrets.extend(token.split('.').skip(1));
    }
    for secret in secrets {
        let line = said.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_second_factor_is_ever_logged() {
    let database = TestDatabase::create().await;
    let running = talkative(&database).serve();
    let anonymous = running.anonymous();
    let account = json!({"username": "alice", "password": PASSWORDS[0]});
    anonymous.post("/api/v1/users", &account).await.expect(201);
    let log_in = async || anonymous.post("/api/v2/auth/login", &account).await;
    let access = Pair::of(log_in().await).access;
    let client = running.with_token(&access);
    let password = json!({"current_password": PASSWORDS[0]});

    let offer = client.post(TOTP, &password).await.expect(200).json();
    let device = Authenticator::scan(&offer, &Clock::system());
    let code = json!({"code": device.code()});
    let confirmed = client.post(CONFIRM, &code).await.expect(200).json();
    let waiting = log_in().await.expect(200).json();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    for code in [&json!("wrong"), &codes[0]] {
        let body = json!({"mfa_token": waiting["mfa_token"], "code": code});
        anonymous.post(MFA, &body).await;
    }
    let log = running.stop().expect_success().err;

    assert!(log.contains("TRACE"), "it was to log all it can");
    let shown = [&offer["secret"], &waiting["mfa_token"]];
    for secret in codes.iter().chain(shown) {
        let secret = secret.as_str().unwrap();
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_v2_is_ever_logged() {
    let database = TestDatabase::create().await;
    let running = talkative(&database).serve();
    let anonymous = running.anonymous();
    let account = json!({"username": "alice", "password": PASSWORDS[0]});
    anonymous.post("/api/v1/users", &account).await.expect(201);
    let log_in = "/api/v2/auth/login";
    let first = Pair::of(anonymous.post(log_in, &account).await);
    let spent = json!({"refresh_token": first.refresh});
    let refresh = "/api/v2/auth/refresh";
    let second = Pair::of(anonymous.post(refresh, &spent).await);
    let alice = running.with_token(&second.access);
    let wanted = json!({"name": "x", "scopes": ["profile:read"]});
    let made = alice.post("/api/v2/auth/tokens", &wanted).await.expect(201);
    let personal = made.json()["token"].as_str().unwrap().to_owned();
    running
        .with_token(&personal)
        .get("/api/v2/me")
        .await
        .expect(200);
    for stranger in [&first.refresh, &format!("{personal}x")] {
        running
            .with_token(stranger)
            .get("/api/v2/me")
            .await
            .expect(401);
    }
    let cookies = format!(
        "inkgate_at={}; inkgate_rt={}",
        second.access, second.refresh
    );
    let request = anonymous.request(reqwest::Method::GET, "/api/v2/me");
    let by_cookie = anonymous.send(request.header("cookie", cookies)).await;
    by_cookie.expect(200);

    let log = running.stop().expect_success().err;

    assert!(log.contains("TRACE"), "it was to log all it can");
    let jwts = [&first.access, &second.access];
    let parts = jwts.iter().flat_map(|token| token.split('.').skip(1));
    let opaque = [&first.refresh, &second.refresh, &personal];
    for secret in parts.chain(opaque.map(String::as_str)) {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was shown");
    }
}

#[test]
fn an_error_line_repeats_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("postgres://blog:{DATABASE_PASSWORD}@127.0.0.1:1/blog");
    let cases = [
        (
            "DATABASE_URL",
            format!("mysql://blog:{DATABASE_PASSWORD}@db/blog"),
        ),
        (
            "DATABASE_URL",
            format!("postgres://blog:{DATABASE_PASSWORD}@db:port/blog"),
        ),
        (
            "DATABASE_URL",
            format!("postgres://blog:{DATABASE_PASSWORD}@db/blog?unknown=1"),
        ),
        (
            "DATABASE_URL",
            format!("postgres:/blog:{DATABASE_PASSWORD}@db/blog"),
        ),
        ("DATABASE_URL", format!("blog:{DATABASE_PASSWORD}")),
        ("DATABASE_URL", format!("{DATABASE_PASSWORD}://db/blog")),
        ("DATABASE_URL", nowhere),
        ("SECRET_KEY", DATABASE_PASSWORD.to_owned()),
        (
            "INKGATE_SMTP_URL",
            format!("smtp://blog:{DATABASE_PASSWORD}@mail.example?tls=none"),
        ),
        (
            "INKGATE_SMTP_URL",
            format!("smtps://blog:{DATABASE_PASSWORD}@mail.example"),
        ),
    ];

    for (name, value) in cases {
        let production = Program::in_folder(folder.path())
            .set("INKGATE_ENV", "production")
            .set("SECRET_KEY", GOOD_KEY);
        let ended = production.set(name, &value).run(&["serve"]);
        assert_ne!(ended.code, Some(0), "{name}={value}");
        let said = format!("{}{}", ended.out, ended.err);
        assert!(!said.contains(DATABASE_PASSWORD), "{name}={value}: {said}");
    }
}

#[test]
fn secrets_do_not_show_themselves_to_a_debugger() {
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
    let url = format!("postgres://blog:{DATABASE_PASSWORD}@db/blog");
    let smtp = format!("smtps://blog:{DATABASE_PASSWORD}@mail.example");
    let secrets = Secrets {
        database: DatabaseUrl::parse(&url).unwrap(),
        key: secret(SECRET_KEY),
        previous_keys: vec![secret(PREVIOUS_KEY)],
        pepper: Some(secret(PEPPER)),
        smtp: Some(SmtpUrl::parse(&smtp).unwrap()),
    };

    let shown = format!("{secrets:?}");

    assert_eq!(
        shown,
        "Secrets { database: postgres://db/blog, key: [redacted], previous_keys: [[redacted]], \
         pepper: Some([redacted]), smtp: Some(mail.example:465 Wrapped) }"
    );
}
