//! The public keys, and that others can verify with them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use test_database::TestDatabase;

use crate::attacks::{claims, encode};
use crate::support::{Answer, Pair, Program, TestApp};

async fn jwks(app: &TestApp) -> Answer {
    let answer = app.anonymous().get("/.well-known/jwks.json").await;
    answer.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_start_on_there_are_two_keys_and_no_private_one() {
    let app = TestApp::spawn().await;

    let answer = jwks(&app).await;

    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("content-type"), "application/json");
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let wanted = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": key["kid"], "x": key["x"]});
        assert_eq!(*key, wanted);
    }
    // They are the database's, not the server's.
    let app = TestApp::spawn_on(app.stop().await, &["--env", "testing"]).await;
    assert_eq!(jwks(&app).await.json(), set);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_public_keys_can_verify_a_token() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let (message, signature) = pair.access.rsplit_once('.').unwrap();
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let header: Value =
        serde_json::from_slice(&decode(message.split('.').next().unwrap())).unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("at+jwt"))
    );

    let set = jwks(&app).await.json();
    let keys = set["keys"].as_array().unwrap();

    let verified: Vec<_> = keys
        .iter()
        .filter(|key| {
            let key = UnparsedPublicKey::new(&ED25519, decode(key["x"].as_str().unwrap()));
            key.verify(message.as_bytes(), &decode(signature)).is_ok()
        })
        .collect();
    assert_eq!(verified.len(), 1);
    assert_eq!(verified[0]["kid"], header["kid"]);
}

/// What `scripts/verify-token` says, which knows of us the issuer and where the keys are.
fn pyjwt(jwks: &str, issuer: &str, token: &str) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = root.join(option_env!("CARGO_TARGET_DIR").unwrap_or("target"));
    let python = target.join("verify-token/bin/python");
    assert!(
        python.exists(),
        "{}: scripts/test makes it, with PyJWT",
        python.display()
    );
    let mut child = Command::new(python)
        .arg(root.join("scripts/verify-token"))
        .args([issuer, jwks])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(token.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PyJWT: scripts/test installs it, and runs this"]
async fn a_library_that_is_not_ours_verifies_a_token_and_refuses_a_changed_one() {
    let issuer = "https://blog.example";
    let database = TestDatabase::create().await;
    // On a real clock: the library looks at its own.
    let server = Program::on(&database)
        .set("INKGATE_PUBLIC_URL", issuer)
        .serve();
    let jwks = format!("http://{}/.well-known/jwks.json", server.address);
    let alice = json!({"username": "alice", "password": "1234"});
    let client = server.anonymous();
    let made = client.post("/api/v2/auth/register", &alice).await;
    let id = made.expect(201).json()["user"]["id"].to_string();
    let Pair { access, .. } = Pair::of(client.post("/api/v2/auth/login", &alice).await);

    let verified = pyjwt(&jwks, issuer, &access);

    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success(), "{said}");
    let read: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(read, claims(&access));
    assert_eq!(read["sub"], id);
    let (message, signature) = access.rsplit_once('.').unwrap();
    let header = message.split_once('.').unwrap().0;
    let mut other = claims(&access);
    other["sub"] = "2".into();
    let forged = format!("{header}.{}.{signature}", encode(other.to_string()));
    for (issuer, token, reason) in [
        (issuer, &forged, "InvalidSignatureError"),
        ("https://evil.example", &access, "InvalidIssuerError"),
    ] {
        let refused = pyjwt(&jwks, issuer, token);
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(reason), "{said}");
    }
}
