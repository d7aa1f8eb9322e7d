//! T01 to T06: other algorithms, other keys, and headers that name them.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::json;

use super::{HEADER, Victim, encode, forge, signed};
use crate::support::SECRET_KEY;

#[tokio::test(flavor = "multi_thread")]
async fn t01_alg_none_is_refused() {
    let victim = Victim::new().await;
    let payload = encode(victim.claims().to_string());
    let signature = victim.token.rsplit('.').next().unwrap();

    for alg in ["none", "None", "NONE", "nOnE", "", " none"] {
        let header = json!({"alg": alg, "typ": "JWT"}).to_string();
        let message = format!("{}.{payload}", encode(&header));
        victim.refused(&format!("{message}.")).await;
        victim.refused(&message).await;
        victim.refused(&format!("{message}.{signature}")).await;
        victim.refused(&victim.under_header(&header)).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_no_other_algorithm_passes_for_hs256() {
    let victim = Victim::new().await;
    let others = [
        "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519", "HS384", "HS512", "hs256",
        "HS256 ", "HS2560", "A256KW", "dir",
    ];

    for alg in others {
        // With the right key, so that nothing but the name of the algorithm is wrong.
        let header = json!({"alg": alg, "typ": "JWT"}).to_string();
        victim.refused(&victim.under_header(&header)).await;
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null,"typ":"JWT"}"#,
        r#"{"alg":["HS256"],"typ":"JWT"}"#,
        r#"{"alg":256,"typ":"JWT"}"#,
        r#"{"alg":"none","alg":"HS256","typ":"JWT"}"#,
        r#"{"ALG":"HS256","typ":"JWT"}"#,
    ] {
        victim.refused(&victim.under_header(header)).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t03_a_v1_token_in_the_dress_of_another_kind_is_refused() {
    let victim = Victim::new().await;

    for header in [
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"1"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","kid":"1"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":"JOSE"}"#,
        r#"{"alg":"HS256","typ":"application/at+jwt"}"#,
        r#"{"alg":"HS256","typ":""}"#,
        r#"{"alg":"HS256","typ":5}"#,
    ] {
        victim.refused(&victim.under_header(header)).await;
    }
    // The claims that v2 tokens have, signed with the key of v1 tokens.
    let claims = victim.claims();
    let v2 = json!({"iss": "http://localhost", "aud": "inkgate", "client_id": "inkgate",
        "sub": "1", "exp": claims["exp"], "iat": claims["iat"], "sid": claims["sid"],
        "gen": claims["gen"], "scope": "posts:write"});
    victim.refused(&signed(v2.to_string())).await;

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_keys_that_a_token_brings_along_are_neither_used_nor_fetched() {
    let victim = Victim::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let key = b"a key that the attacker has made";
    let jwk = json!({"kty": "oct", "alg": "HS256", "kid": "mine", "k": encode(key)});
    let parameters = [
        ("jwk", jwk.clone()),
        ("jwk", json!({})),
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("x5c", json!([encode(key)])),
        ("jwk", json!(null)),
        ("jku", json!([url])),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
    ];

    let payload = victim.claims().to_string();
    for (name, value) in parameters {
        let mut header = json!({"alg": "HS256", "typ": "JWT", "kid": "mine"});
        header[name] = value;
        let header = header.to_string();
        victim.refused(&forge(&header, &payload, key)).await;
        // With the right key, too: the parameter alone is reason enough.
        victim.refused(&victim.under_header(&header)).await;
    }

    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_a_key_id_leads_nowhere() {
    let victim = Victim::new().await;
    let payload = victim.claims().to_string();
    let header = |kid: &str| format!(r#"{{"alg":"HS256","typ":"JWT","kid":{kid}}}"#);

    // What the file, the row or the variable would hold that the id leads to.
    for (kid, key) in [
        (r#""../../../../dev/null""#, &b""[..]),
        (r#""/dev/null""#, b""),
        (r#""../../../../proc/sys/kernel/ostype""#, b"Linux\n"),
        (r#""' OR 1=1--""#, b"1"),
        (r#""' UNION SELECT 'key';--""#, b"key"),
        (r#""$SECRET_KEY""#, b"$SECRET_KEY"),
        (r#""|id""#, b""),
    ] {
        victim.refused(&forge(header(kid), &payload, key)).await;
    }
    // With the right key: what is no key id makes the whole no token of ours.
    let huge = format!("\"{}\"", "k".repeat(10_000));
    for kid in [
        huge.as_str(),
        "5",
        "null",
        "true",
        r#"["1"]"#,
        r#"{"a":1}"#,
        r#""a\u0000b""#,
        r#""a\nb""#,
    ] {
        victim.refused(&victim.under_header(&header(kid))).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_signatures_that_fit_everything_fit_nothing() {
    let victim = Victim::new().await;
    let payload = encode(victim.claims().to_string());
    let real = super::hmac_sha256(
        &format!("{}.{payload}", encode(HEADER)),
        SECRET_KEY.as_bytes(),
    );
    // DER of r = s = 0, and of the order of P-256 twice.
    let der_zero = [0x30, 6, 2, 1, 0, 2, 1, 0];
    let small_order = [&[1][..], &[0; 63]].concat();
    let signatures: [&[u8]; 13] = [
        &[0; 31],
        &[0; 32],
        &[0; 33],
        &[0; 63],
        &[0; 64],
        &[0; 65],
        &[0xff; 32],
        &der_zero,
        &small_order,
        &real[..31],
        &real[..1],
        &[&real[..], &[0]].concat(),
        &[&real[..], &real[..]].concat(),
    ];

    for alg in ["HS256", "ES256", "EdDSA"] {
        let header = encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        for signature in signatures {
            let token = format!("{header}.{payload}.{}", encode(signature));
            victim.refused(&token).await;
        }
    }

    victim.unharmed().await;
}
