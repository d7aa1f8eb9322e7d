//! Texts that are odd.

use reqwest::Method;
use serde_json::json;

use super::super::{problem, write_with};
use super::{JSON, POST, POSTS, Story, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_title_of_blanks() {
    let story = Story::begin().await;

    for title in ["", " ", "\t\r\n", "\u{3000}\u{2003}", "\u{a0}"] {
        let body = json!({"title": title, "content": ""}).to_string();
        for answer in story.send(&body).await {
            refused(&answer, "title");
        }
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_any_text() {
    let story = Story::begin().await;

    for (field, value) in [
        ("title", json!("a\0b")),
        ("content", json!("a\0b")),
        ("category", json!("a\0b")),
        ("tags", json!(["a\0b"])),
        ("series", json!("a\0b")),
        ("slug", json!("a\0b")),
        ("excerpt", json!("a\0b")),
        ("status", json!("draft\0")),
        ("published_at", json!("2026-11-23T19:00:00Z\0")),
        ("cover", json!({"url": "https://x.org/\0", "alt": ""})),
        ("cover", json!({"url": "https://x.org/", "alt": "a\0b"})),
        ("canonical_url", json!("https://x.org/\0")),
        ("language", json!("en\0")),
    ] {
        let mut body = json!({"title": "T", "content": ""});
        body[field] = value;
        for answer in story.send(&body.to_string()).await {
            refused(&answer, field);
        }
    }
    let named = json!({"title": "T", "content": "", "a\0b": 1}).to_string();
    for answer in story.send(&named).await {
        problem(&answer, 422, "unknown_field");
    }
    for query in ["category", "tag", "series", "language", "author"] {
        for sort in ["title", "-updated_at", "-published_at"] {
            let list = format!("{POSTS}?{query}=a%00b&sort={sort}&total=true");
            let page = story.alice.get(&list).await.expect(200).json();
            assert_eq!(
                (&page["posts"], &page["total"]),
                (&json!([]), &json!(0)),
                "{list}"
            );
        }
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lone_surrogates_and_bytes_that_are_no_text() {
    let story = Story::begin().await;

    for text in [r"\ud800", r"\udfff", r"\ud83e", r"\udd80\ud83e", r"\ud800x"] {
        for field in ["title", "content", "slug", text] {
            let body = format!(r#"{{"{field}":"{text}"}}"#);
            for answer in story.send(&body).await {
                problem(&answer, 400, "malformed_json");
            }
        }
    }
    for bytes in [
        &b"{\"title\":\"\xed\xa0\x80\"}"[..],
        b"{\"title\":\"\xff\"}",
        b"\xff\xfe{\0}\0",
    ] {
        let answer = story.alice.raw(Method::PATCH, POST, JSON, bytes).await;
        problem(&answer, 400, "malformed_json");
    }

    story.nothing_changed().await;
    let pair = r#"{"title":"\ud83e\udd80","content":""}"#;
    let [made, _] = story.send(pair).await;
    assert_eq!(made.expect(201).json()["title"], "🦀");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_to_left_overrides_are_kept_and_change_no_name() {
    let story = Story::begin().await;
    let (alice, reader) = (&story.alice, story.app.anonymous());
    let odd = "\u{202e}gnp.exe\u{2066}\u{200f}";
    let new = json!({"title": odd, "content": odd, "category": odd, "tags": [odd], "series": odd});

    let made = write_with(alice, new.clone()).await;

    for (field, value) in new.as_object().unwrap() {
        assert_eq!(&made[field], value);
    }
    assert_eq!(made["slug"], "gnp-exe");
    let shown = reader
        .get("/api/v2/posts/by-slug/gnp-exe")
        .await
        .expect(200);
    assert!(
        shown
            .headers
            .values()
            .all(|value| value.as_bytes().is_ascii())
    );
    let tags = reader.get("/api/v2/tags").await.json();
    assert_eq!(tags["tags"][0]["name"], odd);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_of_emoji() {
    let story = Story::begin().await;

    let body = json!({"title": "T", "content": "", "slug": "🦀🎉"}).to_string();
    for answer in story.send(&body).await {
        refused(&answer, "slug");
    }
    story.nothing_changed().await;

    let made = write_with(&story.alice, json!({"title": "🦀🎉"})).await;
    assert_eq!(made["slug"], "post");
    let path = "/api/v2/posts/by-slug/%F0%9F%A6%80";
    problem(&story.alice.get(path).await, 404, "not_found");
}
