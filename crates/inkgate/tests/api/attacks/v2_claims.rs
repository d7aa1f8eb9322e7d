//! T10 to T12 and T14 for tokens of v2: claims of the wrong time, type or meaning, signed with
//! the right key.

use serde_json::{Value, json};

use super::{claims, refused};
use crate::support::signing_key::SigningKey;
use crate::support::{Pair, TestApp};

/// Somebody whose v2 token others would like to have.
pub(super) struct V2Victim {
    pub(super) app: TestApp,
    pub(super) token: String,
    pub(super) key: SigningKey,
}

impl V2Victim {
    pub(super) async fn new() -> Self {
        let app = TestApp::spawn().await;
        let Pair { access, .. } = app.pair("alice").await;
        let key = SigningKey::of(&app).await;
        let victim = Self {
            app,
            token: access,
            key,
        };
        // What the tests forge would be taken if nothing were wrong with it.
        let same = victim
            .key
            .sign(victim.key.header(), victim.claims().to_string());
        victim.taken(&same).await;
        victim
    }

    pub(super) fn now(&self) -> i64 {
        self.app.clock.now().as_seconds()
    }

    pub(super) fn claims(&self) -> Value {
        claims(&self.token)
    }

    pub(super) fn message(&self) -> &str {
        self.token.rsplit_once('.').unwrap().0
    }

    pub(super) fn payload(&self) -> &str {
        self.token.split('.').nth(1).unwrap()
    }

    pub(super) fn signature(&self) -> &str {
        self.token.rsplit_once('.').unwrap().1
    }

    /// The real claims under another header, signed with the server's own key.
    pub(super) fn under_header(&self, header: &str) -> String {
        self.key.sign(header, self.claims().to_string())
    }

    /// This payload, signed as the server does.
    fn signed(&self, payload: impl AsRef<[u8]>) -> String {
        self.key.sign(self.key.header(), payload)
    }

    /// The real claims with one replaced by `json`, which may be none that a parser would take.
    fn with(&self, name: &str, json: &str) -> String {
        let mut claims = self.claims();
        claims[name] = "replaced".into();
        self.signed(claims.to_string().replace("\"replaced\"", json))
    }

    pub(super) async fn refused(&self, token: &str) {
        refused(&self.app, format!("Bearer {token}"), "Invalid token").await;
    }

    async fn taken(&self, token: &str) {
        let client = self.app.with_token(token);
        client.get("/api/v2/auth/sessions").await.expect(200);
    }

    /// Fails the test unless the real token is still good, and no forged one has written anything.
    pub(super) async fn unharmed(self) {
        self.taken(&self.token).await;
        let posts = self.app.anonymous().get("/api/v2/posts").await;
        assert_eq!(posts.expect(200).json()["posts"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_a_v2_token_of_another_time_is_refused() {
    let victim = V2Victim::new().await;
    let now = victim.now();

    for exp in [now, now - 1, now - 59, now - 61, 0, -1, now + 601, i64::MAX] {
        victim.refused(&victim.with("exp", &exp.to_string())).await;
    }
    for iat in [now + 61, now + 86_400, now - 1, i64::MIN] {
        victim.refused(&victim.with("iat", &iat.to_string())).await;
    }
    for name in ["exp", "iat", "auth_time"] {
        for value in [
            "null", "\"1\"", "1e19", "1e400", "1.0", "true", "[]", "{}", "",
        ] {
            victim.refused(&victim.with(name, value)).await;
        }
    }
    for (name, value) in [("nbf", now + 50), ("nbf", now)] {
        victim.refused(&victim.with(name, &value.to_string())).await;
    }
    // Over before it began.
    let mut claims = victim.claims();
    (claims["iat"], claims["exp"]) = ((now + 50).into(), (now + 40).into());
    victim.refused(&victim.signed(claims.to_string())).await;
    victim
        .taken(&victim.with("exp", &(now + 1).to_string()))
        .await;

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_every_claim_of_a_v2_token_is_there_with_its_type_and_meaning() {
    let victim = V2Victim::new().await;
    let bob = claims(&victim.app.pair("bob").await.access);
    let bobs = bob["sid"].to_string();
    let sid = victim.claims()["sid"].as_str().unwrap().to_owned();

    for name in victim.claims().as_object().unwrap().keys() {
        let mut claims = victim.claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        victim.refused(&victim.signed(claims.to_string())).await;
        for value in [
            "null", "{}", "[[]]", "-5", "1.5", "\"\"", "\"evil\"", "true",
        ] {
            // Nothing is read from the number of a token: any text will do.
            if name == "jti" && value.starts_with('"') || name == "auth_time" && value == "-5" {
                continue;
            }
            victim.refused(&victim.with(name, value)).await;
        }
    }
    for (name, value) in [
        ("aud", r#"["inkgate"]"#),
        ("aud", r#"["inkgate","evil"]"#),
        ("iss", r#"["http://127.0.0.1:0","evil"]"#),
        ("iss", r#""http://127.0.0.1:0/""#),
        ("iss", r#""HTTP://127.0.0.1:0""#),
        ("sub", "1"),
        ("sub", r#""01""#),
        ("sub", r#""+1""#),
        ("sub", r#"" 1""#),
        ("sub", r#""0""#),
        ("sub", r#""2""#),
        ("sub", r#""9223372036854775808""#),
        ("sub", r#""1","sub":"1""#),
        ("sid", &bobs),
        ("sid", &format!("\"{}\"", sid.to_uppercase())),
        ("sid", &format!("\"{}\"", sid.replace('-', ""))),
        ("gen", "1"),
        ("gen", "-1"),
        ("gen", "\"0\""),
        ("amr", r#""pwd""#),
        ("amr", r#"["pwd","pwd"]"#),
        ("amr", "[]"),
        ("scope", r#""posts:read""#),
        ("role", r#""admin""#),
        ("user_id", "1"),
    ] {
        victim.refused(&victim.with(name, value)).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_a_v2_payload_that_is_no_object_is_refused() {
    let victim = V2Victim::new().await;
    let claims = victim.claims().to_string();

    for payload in [
        "null".to_owned(),
        "[]".to_owned(),
        format!("[{claims}]"),
        format!("{claims}{claims}"),
        format!("\u{feff}{claims}"),
        format!("{claims}\0"),
        "{}".to_owned(),
        claims[1..].to_owned(),
    ] {
        victim.refused(&victim.signed(payload)).await;
    }
    let latin1 = [claims.as_bytes(), b"\xff"].concat();
    victim.refused(&victim.signed(latin1)).await;

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t14_a_v2_token_longer_than_4096_bytes_is_refused_though_it_is_signed() {
    let victim = V2Victim::new().await;
    let jti = |length: usize| victim.with("jti", &format!("\"{}\"", "j".repeat(length)));

    let fits = (0..4096).rev().map(jti).find(|token| token.len() <= 4096);

    victim.taken(&fits.unwrap()).await;
    assert!(jti(3000).len() > 4096);
    victim.refused(&jti(3000)).await;
    victim.unharmed().await;
}
