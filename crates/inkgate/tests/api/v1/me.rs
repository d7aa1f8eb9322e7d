//! The caller, and the forms in which a token comes.

use reqwest::Method;
use reqwest::header::AUTHORIZATION;

use super::{id_of, write_post};
use crate::support::{Answer, TestApp};

const PATH: &str = "/api/v1/me";

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_is_shown_with_published_posts() {
    let app = TestApp::spawn().await;
    app.user("somebody").await;
    let alice = app.user("alice").await;
    write_post(&alice, "one").await;
    let deleted = write_post(&alice, "two").await;
    alice.delete(&deleted).await.expect(200);

    let me = alice.get(PATH).await.expect(200);

    let user = format!("/api/v1/users/{}", id_of(&alice).await);
    assert_eq!(
        me.text(),
        app.anonymous().get(&user).await.expect(200).text()
    );
    assert_eq!(me.json()["username"], "alice");
    assert_eq!(me.json()["posts"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nobody_is_recognised() {
    let app = TestApp::spawn().await;

    for lines in [vec![], vec![""]] {
        let answer = ask(&app, &lines).await.expect(401);

        assert_eq!(answer.message(), "Missing token");
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"inkgate\""
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheme_is_taken_in_any_case_or_left_out() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();

    for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR ", ""] {
        ask(&app, &[&format!("{scheme}{token}")]).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_form_is_an_invalid_token() {
    let app = TestApp::spawn().await;
    let token = app.user("alice").await.token().to_owned();
    let good = format!("Bearer {token}");
    let [two_blanks, tab, basic, token_scheme, behind, before] = [
        format!("Bearer  {token}"),
        format!("Bearer\t{token}"),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer {token} x"),
        format!("Bearer Bearer {token}"),
    ];
    let forms: [&[&str]; 10] = [
        &["Bearer"],
        &["Bearer not-a-jwt"],
        &["Basic YWxpY2U6MTIzNA=="],
        &[&two_blanks],
        &[&tab],
        &[&basic],
        &[&token_scheme],
        &[&behind],
        &[&before],
        &[&good, &good],
    ];

    for lines in forms {
        let answer = ask(&app, lines).await.expect(401);

        assert_eq!(answer.message(), "Invalid token", "{lines:?}");
        assert_eq!(
            answer.header("www-authenticate"),
            "Bearer realm=\"inkgate\", error=\"invalid_token\""
        );
    }
}

async fn ask(app: &TestApp, authorization: &[&str]) -> Answer {
    let client = app.anonymous();
    let request = client.request(Method::GET, PATH);
    let request = authorization.iter().fold(request, |request, line| {
        request.header(AUTHORIZATION, *line)
    });
    client.send(request).await
}
