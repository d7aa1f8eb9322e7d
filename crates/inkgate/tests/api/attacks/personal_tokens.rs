//! T13, T23, T32 and T41 for personal access tokens.

use serde_json::json;

use super::refused;
use crate::support::{Client, TestApp};

async fn token(app: &TestApp, owner: &Client) -> String {
    let body = json!({"name": "x", "scopes": ["profile:read", "todos:read"]});
    let made = owner.post("/api/v2/auth/tokens", &body).await;
    let made = made.expect(201).json();
    let token = made["token"].as_str().unwrap().to_owned();
    app.with_token(&token).get("/api/v2/me").await.expect(200);
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn t13_a_personal_token_opens_nothing_of_v1_and_refreshes_nothing() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let token = token(&app, &app.with_token(&pair.access)).await;

    let client = app.with_token(&token);
    let seed = client.get("/api/v1/me").await.expect(401);
    assert_eq!(seed.message(), "Invalid token");
    app.refresh(&token).await.expect(401);
    client.get("/api/v2/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_a_personal_token_with_one_character_changed_is_refused() {
    let app = TestApp::spawn().await;
    let pair = app.pair("alice").await;
    let token = token(&app, &app.with_token(&pair.access)).await;

    for place in (0..token.len()).step_by(5) {
        let mut forged = token.clone();
        let other = if &forged[place..=place] == "1" {
            "2"
        } else {
            "1"
        };
        forged.replace_range(place..=place, other);
        refused(&app, format!("Bearer {forged}"), "Invalid token").await;
    }
    for forged in [
        format!("{token}0"),
        token.to_uppercase(),
        token.replace("ink_pat_", "ink_pat_0"),
        token.replace("ink_pat_", "ink_rt_"),
    ] {
        refused(&app, format!("Bearer {forged}"), "Invalid token").await;
    }

    app.with_token(&token).get("/api/v2/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t32_guessing_personal_tokens_is_limited_and_shuts_nobody_out() {
    let flags = ["--env", "testing", "--limits", "true"];
    let app = TestApp::spawn_with(&flags).await;
    let pair = app.pair("alice").await;
    let alice = app.with_token(&pair.access);
    let good = token(&app, &alice).await;
    // The newest stands first in the list.
    app.advance(std::time::Duration::from_millis(5));
    let gone = token(&app, &alice).await;
    let list = alice.get("/api/v2/auth/tokens").await.json();
    let path = format!(
        "/api/v2/auth/tokens/{}",
        list["tokens"][0]["id"].as_str().unwrap()
    );
    alice.delete(&path).await.expect(204);

    // Well formed, so that somebody who guesses could not tell it from a good one.
    let guesser = app.with_token(&gone);
    for _ in 0..30 {
        guesser.get("/api/v2/me").await.expect(401);
    }
    let limited = guesser.get("/api/v2/me").await.expect(429);

    assert_eq!(limited.header("retry-after"), "20");
    app.with_token(&good).get("/api/v2/me").await.expect(200);
    alice.get("/api/v2/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn t41_somebody_else_s_personal_tokens_are_not_there() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.pair("alice").await, app.pair("bob").await);
    let token = token(&app, &app.with_token(&alice.access)).await;
    let list = app
        .with_token(&alice.access)
        .get("/api/v2/auth/tokens")
        .await
        .json();
    let id = list["tokens"][0]["id"].as_str().unwrap();

    let bob = app.with_token(&bob.access);
    bob.delete(&format!("/api/v2/auth/tokens/{id}"))
        .await
        .expect(404);
    assert_eq!(
        bob.get("/api/v2/auth/tokens").await.json()["tokens"],
        json!([])
    );

    app.with_token(&token).get("/api/v2/me").await.expect(200);
}
