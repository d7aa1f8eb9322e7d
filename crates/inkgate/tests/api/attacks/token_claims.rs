//! T10 to T12: claims of the wrong time or type, signed with the right key.

use serde_json::json;

use super::{Victim, refused, signed};
use crate::support::{SECRET_KEY, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn t10_a_token_ends_at_its_very_second() {
    let victim = Victim::new().await;
    let now = victim.now();

    for exp in [now, now - 1, now - 59, now - 61, 0] {
        let token = signed(victim.claims_with("exp", &exp.to_string()));
        let line = format!("Bearer {token}");
        refused(&victim.app, line, "Token has expired").await;
    }
    let alive = signed(victim.claims_with("exp", &(now + 1).to_string()));
    victim
        .app
        .with_token(&alive)
        .get("/api/v1/me")
        .await
        .expect(200);

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_an_expiry_that_is_none_is_refused() {
    let victim = Victim::new().await;
    let exp = victim.now() + 60;

    victim.refused(&signed(victim.claims_without("exp"))).await;
    for exp in [
        "null",
        "\"soon\"",
        &format!("\"{exp}\""),
        &format!("{exp}.0"),
        &format!("{exp}e0"),
        "-1",
        "1e19",
        "1e400",
        "9223372036854775808",
        "true",
        "[]",
        &format!("[{exp}]"),
        &format!("{{\"exp\":{exp}}}"),
        "NaN",
        "Infinity",
        "",
    ] {
        victim
            .refused(&signed(victim.claims_with("exp", exp)))
            .await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_a_token_of_the_future_is_refused() {
    let victim = Victim::new().await;
    let now = victim.now();

    for (name, value) in [
        ("nbf", (now + 50).to_string()),
        ("nbf", (now + 1).to_string()),
        ("nbf", "-1".to_owned()),
        ("nbf", "\"now\"".to_owned()),
        ("nbf", "1e19".to_owned()),
        ("nbf", "null".to_owned()),
        ("iat", (now + 61).to_string()),
        ("iat", (now + 86_400).to_string()),
        ("iat", "\"now\"".to_owned()),
        ("iat", format!("{now}.5")),
        ("iat", "null".to_owned()),
    ] {
        victim
            .refused(&signed(victim.claims_with(name, &value)))
            .await;
    }
    for (name, value) in [("nbf", now), ("iat", now + 60)] {
        let token = signed(victim.claims_with(name, &value.to_string()));
        victim
            .app
            .with_token(&token)
            .get("/api/v1/me")
            .await
            .expect(200);
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_a_user_id_that_is_no_id_is_refused() {
    let victim = Victim::new().await;

    victim
        .refused(&signed(victim.claims_without("user_id")))
        .await;
    for id in [
        "\"1\"",
        "1.0",
        "1e0",
        "[1]",
        "{\"id\":1}",
        "true",
        "null",
        "-1",
        "0",
        "-0",
        "2",
        "9223372036854775807",
        "9223372036854775808",
        "1,\"user_id\":1",
        "2,\"user_id\":1",
        "1,\"x\":{\"a\":1,\"a\":2}",
    ] {
        victim
            .refused(&signed(victim.claims_with("user_id", id)))
            .await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_an_audience_an_issuer_or_a_subject_of_somebody_else_is_refused() {
    let victim = Victim::new().await;

    for (name, value) in [
        ("aud", "5"),
        ("aud", "[]"),
        ("aud", "{}"),
        ("aud", "null"),
        ("aud", "\"inkgate\""),
        ("aud", "[\"inkgate\",\"evil\"]"),
        ("iss", "[\"us\",\"evil\"]"),
        ("iss", "\"http://localhost\""),
        ("iss", "null"),
        ("sub", "1"),
        ("sub", "null"),
        ("jti", "5"),
        ("jti", "[]"),
    ] {
        victim
            .refused(&signed(victim.claims_with(name, value)))
            .await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_half_a_session_or_another_s_is_refused() {
    let victim = Victim::new().await;
    let sid = victim.claims()["sid"].as_str().unwrap().to_owned();
    let bob = victim.app.user("bob").await.token().to_owned();
    let bobs = super::claims(&bob)["sid"].as_str().unwrap().to_owned();

    for name in ["sid", "gen"] {
        victim.refused(&signed(victim.claims_without(name))).await;
    }
    for (name, value) in [
        ("sid", format!("\"{bobs}\"")),
        ("sid", format!("\"{}\"", sid.to_uppercase())),
        ("sid", format!("\"{}\"", sid.replace('-', ""))),
        ("sid", format!("\"{{{sid}}}\"")),
        ("sid", format!("\"urn:uuid:{sid}\"")),
        ("sid", "\"00000000-0000-0000-0000-000000000000\"".to_owned()),
        ("sid", "\"\"".to_owned()),
        ("sid", "1".to_owned()),
        ("sid", format!("[\"{sid}\"]")),
        ("gen", "1".to_owned()),
        ("gen", "-1".to_owned()),
        ("gen", "0.0".to_owned()),
        ("gen", "\"0\"".to_owned()),
        ("gen", "null".to_owned()),
    ] {
        victim
            .refused(&signed(victim.claims_with(name, &value)))
            .await;
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_a_payload_that_is_no_object_is_refused() {
    let victim = Victim::new().await;
    let claims = victim.claims().to_string();

    for payload in [
        "null".to_owned(),
        "1".to_owned(),
        "[]".to_owned(),
        format!("[{claims}]"),
        format!("\"{}\"", claims.replace('"', "\\\"")),
        format!("{claims}{claims}"),
        format!("{claims},"),
        format!("\u{feff}{claims}"),
        format!("{claims}\0"),
        "{}".to_owned(),
        claims[1..].to_owned(),
    ] {
        victim.refused(&signed(payload)).await;
    }
    victim
        .refused(&signed([claims.as_bytes(), b"\xff"].concat()))
        .await;
    let latin1 = claims.replace("\"jti\":\"", "\"jti\":\"\u{1}");
    let latin1 = latin1
        .bytes()
        .map(|byte| if byte == 1 { 0xe9 } else { byte });
    victim.refused(&signed(latin1.collect::<Vec<_>>())).await;

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_what_a_header_calls_critical_is_refused() {
    let victim = Victim::new().await;

    for extra in [
        r#""crit":["exp"]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["b64"],"b64":true"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""crit":["inkgate"],"inkgate":1"#,
        r#""b64":false"#,
        r#""b64":true"#,
    ] {
        let header = format!(r#"{{"alg":"HS256","typ":"JWT",{extra}}}"#);
        victim.refused(&victim.under_header(&header)).await;
    }
    // A payload that is not encoded, signed as RFC 7797 does it.
    let header = super::encode(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    let message = format!("{header}.{}", victim.claims());
    let signature = super::hmac_sha256(&message, SECRET_KEY.as_bytes());
    let token = format!("{message}.{}", super::encode(signature));
    victim.refused(&token).await;

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t10_a_token_of_the_seed_s_may_not_outlive_its_day() {
    let app = TestApp::spawn().await;
    app.register("alice", "1234").await.expect(201);
    let now = app.clock.now().as_seconds();
    let seed = |exp: i64| signed(json!({"user_id": 1, "exp": exp}).to_string());

    app.with_token(&seed(now + 86_400))
        .get("/api/v1/me")
        .await
        .expect(200);
    for exp in [now + 86_401, now + 31_536_000, i64::MAX] {
        refused(&app, format!("Bearer {}", seed(exp)), "Invalid token").await;
    }
    refused(&app, format!("Bearer {}", seed(now)), "Token has expired").await;
}
