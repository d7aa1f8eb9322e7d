//! T07 and T08: other spellings of the same token, and other serialisations.

use serde_json::json;

use super::{Victim, encode, signed};
use crate::support::socket::talk;

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[tokio::test(flavor = "multi_thread")]
async fn t07_parts_that_are_missing_or_too_many_are_refused() {
    let victim = Victim::new().await;
    let parts: Vec<_> = victim.token.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    let flattened = json!({"protected": h, "payload": p, "signature": s}).to_string();
    let general =
        json!({"payload": p, "signatures": [{"protected": h, "signature": s}]}).to_string();

    for token in [
        format!("{h}.{p}."),
        format!("{h}.{p}"),
        format!("{h}.{p}.{s}."),
        format!(".{h}.{p}.{s}"),
        format!("{h}..{s}"),
        format!(".{p}.{s}"),
        format!("{h}.{p}..{s}"),
        format!("{h}.{p}.{s}.{s}"),
        format!("{h}.{p}.{s}.{p}.{s}"),
        format!("{h}.{h}.{p}.{s}"),
        format!("{h}{p}{s}"),
        "..".to_owned(),
        ".".to_owned(),
        flattened,
        general,
    ] {
        victim.refused(&token).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t08_every_token_has_one_spelling() {
    let victim = Victim::new().await;
    let token = with_both_special_characters(&victim);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    victim
        .app
        .with_token(&token)
        .get("/api/v1/me")
        .await
        .expect(200);

    // A signature has 256 bits, its 43 characters 258: the last two must be zero.
    let (first, last) = signature.split_at(42);
    let place = BASE64URL
        .iter()
        .position(|byte| *byte == last.as_bytes()[0]);
    for unused in 1..4 {
        let last = char::from(BASE64URL[place.unwrap() | unused]);
        victim.refused(&format!("{message}.{first}{last}")).await;
    }
    let standard = signature.replace('-', "+").replace('_', "/");
    for token in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token}%3D"),
        format!("{token}\t."),
        format!("{message}.{first} {last}"),
        format!("{message}. {signature}"),
        format!("{message} .{signature}"),
        format!("{message}.{standard}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.{payload}%3D.{signature}"),
        format!(" {token}"),
        format!("\t{token}"),
        format!("{token},"),
        format!("{token}\u{a0}"),
    ] {
        victim.refused(&token).await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t08_a_line_break_in_a_token_is_refused() {
    let victim = Victim::new().await;
    let (message, signature) = victim.token.rsplit_once('.').unwrap();

    // A bare LF ends the line for hyper, which is fine for a server that is asked last: what
    // stands on the next line is a header without a colon, and the request is refused. So is a
    // line that is folded (RFC 9112, section 5.2).
    for line_break in ["\n", "\r\n", "\r\n ", "\n ", "\r"] {
        let request = format!(
            "GET /api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Authorization: Bearer {message}.{line_break}{signature}\r\n\r\n"
        );
        let reply = talk(&victim.app, request).await;
        assert!(
            matches!(reply.status(), 400 | 401),
            "{line_break:?}: {}",
            reply.text()
        );
    }

    victim.unharmed().await;
}

/// A good token whose signature holds the two characters that tell base64url from base64.
fn with_both_special_characters(victim: &Victim) -> String {
    let token = |number: u32| signed(victim.claims_with("jti", &format!("\"{number}\"")));
    (0..)
        .map(token)
        .find(|token| {
            let signature = token.rsplit('.').next().unwrap();
            signature.contains('-') && signature.contains('_')
        })
        .unwrap()
}

#[test]
fn the_alphabet_is_that_of_the_encoder() {
    assert_eq!(encode([0, 16, 131]), "ABCD");
    assert_eq!(encode([255, 255, 254]).as_bytes()[3], BASE64URL[62]);
}
