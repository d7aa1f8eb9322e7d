//! T01 to T08 for tokens of v2: other algorithms, other keys, other headers, other spellings.

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::json;

use super::v2_claims::V2Victim;
use super::{HEADER, encode, forge, hmac_sha256, signed};
use crate::support::SECRET_KEY;
use crate::support::signing_key::SigningKey;

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_v2_token_without_an_algorithm_is_refused() {
    let victim = V2Victim::new().await;
    let kid = &victim.key.kid;

    for alg in [
        "none", "None", "NONE", "nOnE", "", "EdDSA ", "eddsa", "Ed25519",
    ] {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": kid}).to_string();
        let message = format!("{}.{}", encode(&header), victim.payload());
        victim.refused(&format!("{message}.")).await;
        victim.refused(&message).await;
        victim
            .refused(&format!("{message}.{}", victim.signature()))
            .await;
        victim.refused(&victim.under_header(&header)).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_a_public_key_is_no_secret_for_hs256() {
    let victim = V2Victim::new().await;
    let jwks = victim.app.anonymous().get("/.well-known/jwks.json").await;
    let jwks = jwks.expect(200);

    let mut secrets = vec![jwks.body.clone()];
    for key in jwks.json()["keys"].as_array().unwrap() {
        let x = key["x"].as_str().unwrap();
        let raw = BASE64_URL_SAFE_NO_PAD.decode(x).unwrap();
        // SubjectPublicKeyInfo (RFC 8410, section 4).
        let der = [
            &[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..],
            &raw,
        ]
        .concat();
        let body = BASE64_STANDARD.encode(&der);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----");
        secrets.extend([raw, der, x.into(), key.to_string().into()]);
        secrets.extend([format!("{pem}\n").into(), pem.into()]);
    }
    let v1 = json!({"user_id": 1, "exp": victim.now() + 600}).to_string();
    let v2 = victim.claims().to_string();
    for secret in &secrets {
        for payload in [&v1, &v2] {
            for header in [HEADER.to_owned(), victim.key.header()] {
                victim.refused(&forge(header, payload, secret)).await;
            }
            let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": victim.key.kid});
            victim
                .refused(&forge(header.to_string(), payload, secret))
                .await;
        }
    }
    assert_eq!(secrets.len(), 13);

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t03_no_version_takes_what_the_other_s_key_has_signed() {
    let victim = V2Victim::new().await;
    let v1 =
        json!({"user_id": 1, "exp": victim.now() + 600, "sid": victim.claims()["sid"], "gen": 0});
    let (v1, v2) = (v1.to_string(), victim.claims().to_string());
    let secret = SECRET_KEY.as_bytes();
    let header = victim.key.header();

    for token in [
        // v2's header, v1's key.
        forge(&header, &v1, secret),
        forge(&header, &v2, secret),
        // v1's header, v2's key.
        victim.key.sign(HEADER, &v1),
        victim.key.sign(HEADER, &v2),
        // Each with its own header and key, and the other's claims.
        victim.key.sign(&header, &v1),
        signed(&v2),
        // The key of one, the algorithm of the other.
        forge(header.replace("EdDSA", "HS256"), &v2, secret),
        forge(
            header.replace("at+jwt", "JWT").replace("EdDSA", "HS256"),
            &v2,
            secret,
        ),
        victim.key.sign(header.replace("EdDSA", "HS256"), &v2),
    ] {
        victim.refused(&token).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t04_a_v2_token_brings_no_key_along() {
    let victim = V2Victim::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let own = SigningKey {
        kid: "mine".to_owned(),
        pair: own_pair(),
    };
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "mine", "x": encode([1; 32])});

    for (name, value) in [
        ("jwk", jwk.clone()),
        ("jku", json!(url)),
        ("x5u", json!(url)),
        ("x5c", json!([encode([1; 32])])),
        ("crit", json!(["exp"])),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("x", json!(1)),
    ] {
        for (key, kid) in [
            (&own, "mine"),
            (&own, victim.key.kid.as_str()),
            (&victim.key, &victim.key.kid),
        ] {
            let mut header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
            header[name] = value.clone();
            let token = key.sign(header.to_string(), victim.claims().to_string());
            victim.refused(&token).await;
        }
    }

    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_the_key_id_of_a_v2_token_names_one_of_our_keys() {
    let victim = V2Victim::new().await;
    let claims = victim.claims().to_string();
    let own = SigningKey {
        kid: victim.key.kid.clone(),
        pair: own_pair(),
    };

    // Somebody else's key under our name, then our key under other names.
    victim.refused(&own.sign(own.header(), &claims)).await;
    for kid in [
        r#""""#,
        r#""../../../../dev/null""#,
        r#""' OR 1=1--""#,
        r#""*""#,
        "null",
        "5",
        r#"["a"]"#,
        r#""a\u0000b""#,
        &format!("\"{}\"", "k".repeat(10_000)),
        &format!("\"{} \"", victim.key.kid),
        &format!("\"{}\"", victim.key.kid.to_lowercase()),
    ] {
        let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":{kid}}}"#);
        victim.refused(&victim.under_header(&header)).await;
    }
    for header in [
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#.to_owned(),
        victim.key.header().replace("at+jwt", "JWT"),
        victim.key.header().replace("at+jwt", "AT+JWT"),
        victim.key.header().replace("at+jwt", "application/at+jwt"),
        victim.key.header().replace(r#""typ":"at+jwt","#, ""),
        victim.key.header().replace(r#"{"#, r#"{"alg":"EdDSA","#),
        victim.key.header().replace(',', ", "),
    ] {
        victim.refused(&victim.under_header(&header)).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_a_v2_signature_that_fits_everything_fits_nothing() {
    let victim = V2Victim::new().await;
    let real = BASE64_URL_SAFE_NO_PAD.decode(victim.signature()).unwrap();
    // S + L verifies where S is not demanded to be below L, the order of the group (RFC 8032,
    // section 5.1.7).
    let malleated = [&real[..32], &plus_order(&real[32..])].concat();
    let identity = [&[1][..], &[0; 63]].concat();
    let order_two = [&[0xec][..], &[0xff; 30], &[0x7f], &[0; 32]].concat();
    let hmac = hmac_sha256(victim.message(), SECRET_KEY.as_bytes());

    for signature in [
        &[0; 64][..],
        &[0; 63],
        &[0; 65],
        &[0xff; 64],
        &[0; 32],
        &[0x30, 6, 2, 1, 0, 2, 1, 0],
        &malleated,
        &identity,
        &order_two,
        &real[..63],
        &[&real[..], &[0]].concat(),
        &[&real[32..], &real[..32]].concat(),
        &hmac,
    ] {
        let token = format!("{}.{}", victim.message(), encode(signature));
        victim.refused(&token).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_parts_of_a_v2_token_that_are_missing_or_too_many_are_refused() {
    let victim = V2Victim::new().await;
    let (message, s) = victim.token.rsplit_once('.').unwrap();
    let (h, p) = message.split_once('.').unwrap();

    for token in [
        format!("{h}.{p}."),
        format!("{h}.{p}"),
        format!("{h}.{p}.{s}."),
        format!(".{h}.{p}.{s}"),
        format!("{h}..{s}"),
        format!("{h}.{p}.{s}.{s}"),
        format!("{h}.{h}.{p}.{s}"),
        format!("{h}."),
        h.to_owned(),
    ] {
        victim.refused(&token).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t08_every_v2_token_has_one_spelling() {
    let victim = V2Victim::new().await;
    let (message, signature) = victim.token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();

    // 64 bytes leave four unused bits in the last of 86 characters.
    let last = signature.as_bytes()[85];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.iter().position(|byte| *byte == last).unwrap();
    assert_eq!(place % 16, 0);
    for unused in 1..16 {
        let last = char::from(alphabet[place + unused]);
        victim
            .refused(&format!("{message}.{}{last}", &signature[..85]))
            .await;
    }
    for token in [
        format!("{}=", victim.token),
        format!("{}==", victim.token),
        format!("{}%3D", victim.token),
        format!(" {}", victim.token),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header} .{payload}.{signature}"),
    ] {
        victim.refused(&token).await;
    }

    victim.unharmed().await;
}

fn own_pair() -> Ed25519KeyPair {
    let private = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(private.as_ref()).unwrap()
}

/// S + L, little endian.
fn plus_order(s: &[u8]) -> Vec<u8> {
    let mut order = [0; 32];
    order[..16].copy_from_slice(&[
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14,
    ]);
    order[31] = 0x10;
    let mut carry = 0;
    let add = |(a, b): (&u8, &u8)| {
        let sum = u16::from(*a) + u16::from(*b) + carry;
        carry = sum >> 8;
        u8::try_from(sum & 0xff).unwrap()
    };
    s.iter().zip(&order).map(add).collect()
}
