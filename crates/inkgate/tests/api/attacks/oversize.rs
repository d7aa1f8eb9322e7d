//! T14: tokens that are larger or deeper than any real one.

use serde_json::json;

use super::{HEADER, Victim, encode, forge, signed};
use crate::support::SECRET_KEY;
use crate::support::socket::talk;

#[tokio::test(flavor = "multi_thread")]
async fn t14_a_token_of_any_size_is_a_plain_refusal() {
    let victim = Victim::new().await;
    let dots = |count: usize| ".".repeat(count);

    for (credential, wanted) in [
        ("a".repeat(8 * 1024), &[401][..]),
        (dots(8 * 1024), &[401]),
        // hyper measures a head of 64 KiB by the blocks that it reads: one that is just too long
        // may pass, and is no token then.
        ("a".repeat(64 * 1024), &[401, 431]),
        (format!("a.{}.c", "b".repeat(64 * 1024)), &[401, 431]),
        // It answers 431 and closes, or just closes while the client still sends.
        ("a".repeat(1024 * 1024), &[431, 0]),
        (dots(1_000_000), &[431, 0]),
    ] {
        let request = format!(
            "GET /api/v1/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Authorization: Bearer {credential}\r\n\r\n"
        );
        let reply = talk(&victim.app, request).await;
        let status = reply.status();
        assert!(
            wanted.contains(&status),
            "{} bytes: {status}",
            credential.len()
        );
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t14_a_token_longer_than_4096_bytes_is_refused_though_it_is_signed() {
    let victim = Victim::new().await;
    let padded = |length: usize| {
        let mut claims = victim.claims();
        claims["padding"] = "p".repeat(length).into();
        signed(claims.to_string())
    };
    let longest = (0..4096)
        .rev()
        .find(|length| padded(*length).len() <= 4096)
        .unwrap();

    let good = victim.app.with_token(&padded(longest));
    good.get("/api/v1/me").await.expect(200);
    victim.refused(&padded(longest + 2)).await;
    victim.refused(&padded(8_000)).await;

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t14_json_nested_deeply_is_refused() {
    let victim = Victim::new().await;
    let claims = victim.claims().to_string();

    for depth in [200, 1_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for deep in [&nested, &objects, &"[".repeat(depth)] {
            let header = format!(r#"{{"alg":"HS256","typ":"JWT","x":{deep}}}"#);
            let forged = forge(header, &claims, SECRET_KEY.as_bytes());
            victim.refused(&forged).await;
            victim.refused(&signed(victim.claims_with("x", deep))).await;
            let garbage = format!("{}.{}.{}", encode(deep), encode(deep), encode(HEADER));
            victim.refused(&garbage).await;
        }
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t14_a_token_of_many_names_is_refused_or_read_like_any_other() {
    let victim = Victim::new().await;
    let mut claims = victim.claims();
    for number in 0..200 {
        claims[format!("x{number}")] = json!(0);
    }
    let many = signed(claims.to_string());
    assert!(many.len() < 4096);

    // Names that nobody knows say nothing.
    let alice = victim.app.with_token(&many);
    alice.get("/api/v1/me").await.expect(200);

    victim.unharmed().await;
}
