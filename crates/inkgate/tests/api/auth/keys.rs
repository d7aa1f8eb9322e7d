//! The public keys, and that others can verify with them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::json;

use crate::support::{Answer, TestApp};

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
    let header: serde_json::Value =
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
