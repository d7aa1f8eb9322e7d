//! An authenticator app (RFC 6238), written without the program's own code.

use data_encoding::BASE32_NOPAD;
use model::Clock;
use reqwest::Method;
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use serde_json::{Value, json};

use super::{Answer, Client, Pair, TestApp};

pub(crate) const TOTP: &str = "/api/v2/auth/totp";
pub(crate) const CONFIRM: &str = "/api/v2/auth/totp/confirm";
pub(crate) const MFA: &str = "/api/v2/auth/login/mfa";

/// An app that knows a secret.
#[derive(Clone)]
pub(crate) struct Authenticator {
    secret: Vec<u8>,
    clock: Clock,
}

/// Somebody whose log-in needs a code.
pub(crate) struct Enrolled {
    pub(crate) app: Authenticator,
    pub(crate) recovery_codes: Vec<String>,
    pub(crate) pair: Pair,
}

impl Authenticator {
    /// An app that has scanned an offer.
    pub(crate) fn scan(offer: &Value, clock: &Clock) -> Self {
        let uri = offer["otpauth_uri"].as_str().unwrap();
        let (_, rest) = uri.split_once("secret=").unwrap();
        let secret = rest.split('&').next().unwrap();
        Self {
            secret: BASE32_NOPAD.decode(secret.as_bytes()).unwrap(),
            clock: clock.clone(),
        }
    }

    /// Goes by this clock from now on.
    pub(crate) fn follow(&mut self, clock: &Clock) {
        self.clock = clock.clone();
    }

    /// The code that it shows.
    pub(crate) fn code(&self) -> String {
        self.code_of(0)
    }

    /// The code of `steps` steps from now.
    pub(crate) fn code_of(&self, steps: i64) -> String {
        let step = self.clock.now().as_seconds() / 30 + steps;
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let number = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// A code of six digits that is wrong for a while.
    pub(crate) fn wrong_code(&self) -> String {
        let right: Vec<_> = (-3..=3).map(|step| self.code_of(step)).collect();
        let mut all = (0..9).map(|number| format!("{number:06}"));
        all.find(|code| !right.contains(code)).unwrap()
    }
}

impl TestApp {
    /// Registers `name`, whose log-in needs a code from now on. The next step begins, so that the
    /// code shown is good.
    pub(crate) async fn enrolled(&self, name: &str) -> Enrolled {
        let pair = self.pair(name).await;
        self.enroll(&pair).await
    }

    /// The same for somebody who is there.
    pub(crate) async fn enroll(&self, pair: &Pair) -> Enrolled {
        let client = self.with_token(&pair.access);
        let app = offered(&client, &self.clock).await;
        let code = json!({"code": app.code()});
        let confirmed = client.post(CONFIRM, &code).await.expect(200);
        let codes = confirmed.json()["recovery_codes"].clone();
        self.advance(std::time::Duration::from_secs(30));
        Enrolled {
            app,
            recovery_codes: serde_json::from_value(codes).unwrap(),
            pair: Pair::of(confirmed),
        }
    }

    /// The first step of a log-in in two; gives the token for the second.
    pub(crate) async fn mfa_token(&self, name: &str) -> String {
        let body = json!({"username": name, "password": "1234"});
        let answer = self.anonymous().post("/api/v2/auth/login", &body).await;
        let answer = answer.expect(200).json();
        assert_eq!(answer["mfa_required"], true, "{answer}");
        answer["mfa_token"].as_str().unwrap().to_owned()
    }

    /// The second step.
    pub(crate) async fn finish(&self, token: &str, code: &str) -> Answer {
        let body = json!({"mfa_token": token, "code": code});
        self.anonymous().post(MFA, &body).await
    }
}

/// Asks for an offer with the password of every test.
pub(crate) async fn offered(client: &Client, clock: &Clock) -> Authenticator {
    let password = json!({"current_password": "1234"});
    let offer = client.post(TOTP, &password).await.expect(200).json();
    Authenticator::scan(&offer, clock)
}

/// Asks for the end of a second factor.
pub(crate) async fn disable(client: &Client, password: &str, code: &str) -> Answer {
    let body = json!({"current_password": password, "code": code});
    client
        .send(client.request(Method::DELETE, TOTP).json(&body))
        .await
}
