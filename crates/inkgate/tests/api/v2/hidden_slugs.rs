//! Slugs of unlisted posts, which nobody can guess.

use serde_json::json;

use super::post_slugs::{Found, find, moved, patch, slug};
use super::write_with;
use crate::support::TestApp;

/// Whether a slug is this one with 10 characters behind it that nobody can guess.
fn is_hidden(slug: &str, name: &str) -> bool {
    let end = slug
        .strip_prefix(name)
        .and_then(|end| end.strip_prefix('-'));
    end.is_some_and(|end| end.len() == 10 && end.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slug_of_an_unlisted_post_cannot_be_guessed() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());

    let titled = write_with(&alice, json!({"title": "Secret", "status": "unlisted"})).await;
    let named = json!({"slug": "chosen", "status": "unlisted"});
    let named = write_with(&alice, named).await;

    assert!(is_hidden(&slug(&titled), "secret"), "{titled}");
    assert!(is_hidden(&slug(&named), "chosen"), "{named}");
    assert_eq!(find(&reader, &slug(&titled)).await, Found::Post(1));
    for guess in ["secret", "chosen", "secret-2"] {
        assert_eq!(find(&reader, guess).await, Found::Nothing);
    }
    let renamed = patch(&alice, 2, json!({"slug": "other"})).await.expect(200);
    assert!(is_hidden(&slug(&renamed.json()), "other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_goes_into_hiding_is_not_found_by_what_was_known_of_it() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    let patches = [
        json!({"status": "unlisted"}),
        // Its own name once more is no way around.
        json!({"status": "unlisted", "slug": "known"}),
        json!({"status": "unlisted", "slug": null}),
    ];

    for (known, id) in patches.into_iter().zip(1..) {
        let new = json!({"title": "Known", "slug": "known"});
        write_with(&alice, new).await;
        let hidden = patch(&alice, id, known).await.expect(200).json();

        assert!(is_hidden(&slug(&hidden), "known"), "{hidden}");
        assert_eq!(find(&reader, "known").await, Found::Nothing);
        assert_eq!(find(&alice, "known").await, moved(&slug(&hidden)));
        assert_eq!(find(&reader, &slug(&hidden)).await, Found::Post(id));
        // Out of the way for the next.
        let path = format!("/api/v2/posts/{id}");
        alice.delete(&path).await.expect(200);
        alice
            .delete(&format!("{path}?permanent=true"))
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_public_in_between_hides_behind_another_slug() {
    let app = TestApp::spawn().await;
    let (alice, reader) = (app.user("alice").await, app.anonymous());
    let post = write_with(&alice, json!({"title": "T", "status": "unlisted"})).await;
    patch(&alice, 1, json!({"status": "published"}))
        .await
        .expect(200);
    assert_eq!(find(&reader, &slug(&post)).await, Found::Post(1));

    let hidden = patch(&alice, 1, json!({"status": "unlisted"}))
        .await
        .expect(200);

    assert_ne!(hidden.json()["slug"], post["slug"]);
    assert_eq!(find(&reader, &slug(&post)).await, Found::Nothing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_never_grows_too_long_to_be_sent_back() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_with(&alice, json!({"slug": "a".repeat(100)})).await;

    for _ in 0..12 {
        for status in ["unlisted", "published"] {
            let changed = patch(&alice, 1, json!({"status": status})).await;
            let name = slug(&changed.expect(200).json());
            assert!(name.len() <= 100, "{name}");
            let same = patch(&alice, 1, json!({"slug": name})).await.expect(200);
            assert_eq!(same.json()["slug"], name);
            assert_eq!(find(&app.anonymous(), &name).await, Found::Post(1));
        }
    }
}
