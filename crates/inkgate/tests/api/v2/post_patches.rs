//! Changes of posts, field by field, alone and at the same time.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{problem, stored_number, write_post, write_with, wrong_fields};
use crate::support::TestApp;

const POST: &str = "/api/v2/posts/1";

/// Each field that can be set, a value of it, and what null makes of that; a field without the
/// latter takes no null.
fn fields() -> [(&'static str, Value, Option<Value>); 13] {
    let cover = json!({"url": "https://example.org/c.png", "alt": "A lighthouse"});
    let date = json!("2020-01-01T00:00:00.000Z");
    [
        ("title", json!("Another"), None),
        ("content", json!("Other words"), None),
        ("category", json!("tech"), Some(json!("general"))),
        ("tags", json!(["Rust", "web"]), Some(json!([]))),
        ("series", json!("One"), Some(json!(null))),
        ("slug", json!("chosen"), Some(json!("another"))),
        ("excerpt", json!("In short"), Some(json!("Other words"))),
        ("cover", cover, Some(json!(null))),
        (
            "canonical_url",
            json!("https://example.org/a?b=c"),
            Some(json!(null)),
        ),
        ("language", json!("zh-Hant"), Some(json!(null))),
        ("pinned", json!(true), None),
        ("comments_enabled", json!(false), None),
        ("published_at", date, None),
    ]
}

/// Takes away what follows from other fields.
fn bare(mut post: Value) -> Value {
    for field in ["html", "word_count", "excerpt", "updated_at", "version"] {
        post[field] = Value::Null;
    }
    post
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_changed_alone_and_cleared_by_null() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let mut wanted = bare(write_post(&alice, "My Post").await.json());
    let steps = fields().into_iter();
    let clearings = fields()
        .into_iter()
        .filter_map(|(field, _, cleared)| Some((field, Value::Null, cleared?)));
    let steps = steps.map(|(field, value, _)| (field, value.clone(), value));

    for (field, value, becomes) in steps.chain(clearings) {
        app.advance(Duration::from_secs(1));
        let changed = alice.patch(POST, &json!({field: value})).await.expect(200);

        assert_eq!(changed.json()[field], becomes, "{field}");
        wanted[field] = becomes;
        assert_eq!(bare(changed.json()), bare(wanted.clone()), "{field}");
        let shown = app.anonymous().get(POST).await;
        assert_eq!(shown.body, changed.body);
    }
    for (field, _, _) in fields()
        .into_iter()
        .filter(|(.., cleared)| cleared.is_none())
    {
        let refused = alice.patch(POST, &json!({field: null})).await;
        let body = problem(&refused, 422, "invalid");
        assert_eq!(
            wrong_fields(&body),
            [(field.to_owned(), "invalid".to_owned())]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_set_when_a_post_is_made() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let mut new = json!({});
    for (field, value, _) in fields() {
        new[field] = value;
    }

    let made = write_with(&alice, new.clone()).await;

    for (field, value) in new.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    assert_eq!(app.anonymous().get(POST).await.json(), made);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cover_is_patched_as_an_object_of_its_own() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "T").await;
    let (one, two) = ("https://example.org/1.png", "http://example.org/2.png");

    for (patch, becomes) in [
        (json!({"url": one}), json!({"url": one, "alt": ""})),
        (json!({"alt": "One"}), json!({"url": one, "alt": "One"})),
        (json!({"url": two}), json!({"url": two, "alt": "One"})),
        (json!({}), json!({"url": two, "alt": "One"})),
        (json!({"alt": null}), json!({"url": two, "alt": ""})),
        (json!({"alt": "x"}), json!({"url": two, "alt": "x"})),
        (json!({"alt": ""}), json!({"url": two, "alt": ""})),
        (json!(null), json!(null)),
    ] {
        let changed = alice
            .patch(POST, &json!({"cover": patch}))
            .await
            .expect(200);
        assert_eq!(changed.json()["cover"], becomes, "{patch}");
    }
    for wrong in [
        json!({"alt": "without a picture"}),
        json!({}),
        json!({"url": null}),
        json!({"url": 5}),
        json!({"url": one, "width": 5}),
        json!(one),
        json!([one]),
        json!({"url": "javascript:alert(1)"}),
        json!({"url": "/c.png"}),
        json!({"url": one, "alt": "x".repeat(501)}),
        json!({"url": one, "alt": "\0"}),
        json!({"url": "https://x/\"onerror=\""}),
    ] {
        let answer = alice.patch(POST, &json!({"cover": wrong})).await;
        let body = problem(&answer, 422, "invalid");
        assert_eq!(
            wrong_fields(&body),
            [("cover".to_owned(), "invalid".to_owned())],
            "{wrong}"
        );
    }
    assert_eq!(alice.get(POST).await.json()["cover"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_values_are_refused_and_change_nothing() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_post(&alice, "T").await;
    let long = |count: usize| json!("x".repeat(count));
    let cases = [
        (
            "series",
            vec![json!(5), json!(""), json!("  "), json!("a\0"), long(101)],
        ),
        (
            "excerpt",
            vec![json!(5), json!(""), json!(" \n"), json!("\0"), long(501)],
        ),
        (
            "status",
            vec![
                json!(5),
                json!(null),
                json!(""),
                json!("Draft"),
                json!("trashed"),
                json!("scheduled"),
            ],
        ),
        (
            "published_at",
            vec![
                json!(5),
                json!(""),
                json!("yesterday"),
                json!("2026-11-23"),
                json!("2026-11-23T19:00:00"),
            ],
        ),
        (
            "canonical_url",
            vec![
                json!(5),
                json!(""),
                json!("ftp://x.org"),
                json!("javascript:1"),
                json!("https://"),
                long(2049),
            ],
        ),
        (
            "language",
            vec![
                json!(5),
                json!(""),
                json!("english language"),
                json!("en_US"),
            ],
        ),
        ("pinned", vec![json!(1), json!("true"), json!(null)]),
        (
            "comments_enabled",
            vec![json!(0), json!("false"), json!(null)],
        ),
    ];

    for (field, values) in cases {
        for value in values {
            let answer = alice
                .patch(POST, &json!({field: value, "title": "Changed"}))
                .await;
            let body = problem(&answer, 422, "invalid");
            let name = if value == "scheduled" {
                "published_at"
            } else {
                field
            };
            assert_eq!(
                wrong_fields(&body),
                [(name.to_owned(), "invalid".to_owned())],
                "{value}"
            );
        }
    }
    assert_eq!(app.anonymous().get(POST).await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_change_different_fields_at_once_all_get_through() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;
    let fields: Vec<_> = fields()
        .into_iter()
        .filter(|(name, ..)| *name != "slug")
        .collect();
    let patches: Vec<_> = fields.iter().cycle().take(20).collect();

    let all = join_all(patches.iter().map(|(field, value, _)| {
        let patch = json!({*field: value});
        let alice = alice.clone();
        async move { alice.patch(POST, &patch).await }
    }));

    let mut versions: Vec<_> = all
        .await
        .into_iter()
        .map(|answer| answer.expect(200).json()["version"].as_i64().unwrap())
        .collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..22).collect::<Vec<_>>());
    let post = app.anonymous().get(POST).await.json();
    for (field, value, _) in fields {
        assert_eq!(post[field], value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_with_one_condition_one_gets_through() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let made = write_post(&alice, "My Post").await;
    let tag = made.header("etag").to_owned();

    let all = join_all((0..20).map(|number| {
        let request = alice.request(reqwest::Method::PATCH, POST);
        let request = request.header("if-match", &tag);
        alice.send(request.json(&json!({"title": format!("T{number}")})))
    }))
    .await;

    let (done, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.status == 200);
    assert_eq!(done.len(), 1);
    let shown = alice.get(POST).await;
    assert_eq!(shown.body, done[0].body);
    for answer in refused {
        problem(&answer, 412, "stale_version");
        assert_eq!(answer.header("etag"), shown.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_saved_text_is_a_revision() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;
    let revisions = async || stored_number(&app, "SELECT count(*) FROM post_revisions").await;
    assert_eq!(revisions().await, 1);

    for (patch, wanted) in [
        (json!({"title": "Another"}), 2),
        (json!({"content": "Other"}), 3),
        (json!({"title": "A third", "content": "Third"}), 4),
        // The same once more, or something beside the text, is none.
        (json!({"title": "A third"}), 4),
        (json!({"tags": ["a"], "pinned": true, "slug": "s"}), 4),
        (json!({}), 4),
        (json!({"title": ""}), 4),
        (json!({"status": "draft"}), 4),
        (json!({"status": "published"}), 5),
    ] {
        drop(alice.patch(POST, &patch).await);
        assert_eq!(revisions().await, wanted, "{patch}");
    }
    let put = json!({"title": "By v1"});
    alice.put("/api/v1/posts/1", &put).await.expect(200);
    assert_eq!(revisions().await, 6);
    let newest = "SELECT n FROM post_revisions ORDER BY n DESC LIMIT 1";
    assert_eq!(stored_number(&app, newest).await, 6);
    let stored = "SELECT count(*) FROM post_revisions WHERE n = 6 AND title = 'By v1'
        AND content = 'Third' AND change = 'updated' AND user_id = 1";
    assert_eq!(stored_number(&app, stored).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_a_text_follows_it() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    write_post(&alice, "My Post").await;

    let text = format!("# Head\n\n{}", "word ".repeat(401));
    let changed = alice
        .patch(POST, &json!({"content": text}))
        .await
        .expect(200)
        .json();

    assert_eq!(changed["word_count"], 402);
    assert_eq!(changed["reading_minutes"], 3);
    assert!(
        changed["html"].as_str().unwrap().contains("Head</h1>"),
        "{}",
        changed["html"]
    );
    let excerpt = changed["excerpt"].as_str().unwrap();
    assert!(excerpt.starts_with("word word"), "{excerpt}");
    let cjk = alice
        .patch(POST, &json!({"content": "令牌 and 令"}))
        .await
        .json();
    assert_eq!(cjk["word_count"], 4);
    let put = json!({"content": "*By* v1\n\n<script>alert(1)</script>"});
    alice.put("/api/v1/posts/1", &put).await.expect(200);
    let html = app.anonymous().get(POST).await.json()["html"].clone();
    let html = html.as_str().unwrap();
    assert!(
        html.contains("<em>By</em>") && !html.contains("<script"),
        "{html}"
    );
}
