//! What is too large, too many or too deep.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::super::problem;
use super::{JSON, MOST, POSTS, Story, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_a_mebibyte_and_one_byte() {
    let story = Story::begin().await;

    let long = json!({"title": "T", "content": "x".repeat(MOST + 1)}).to_string();
    for answer in story.send(&long).await {
        refused(&answer, "content");
        assert!(answer.body.len() < 2000);
    }

    story.nothing_changed().await;
    let longest = json!({"title": "T", "content": "x".repeat(MOST)}).to_string();
    let [made, changed] = story.send(&longest).await;
    assert_eq!((made.status, changed.status), (201, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_eight_mebibytes_and_one_byte() {
    let story = Story::begin().await;
    let blanks = " ".repeat(8 * MOST + 1);

    for answer in story.send(&blanks).await {
        problem(&answer, 413, "body_too_large");
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_tags() {
    let story = Story::begin().await;
    let tags: Vec<_> = (0..10_000).map(|number| format!("tag {number}")).collect();
    let body = json!({"title": "T", "content": "", "tags": tags}).to_string();

    for answer in story.send(&body).await {
        refused(&answer, "tags");
    }
    let query = "tag=a&".repeat(2000);
    let answer = story.alice.get(&format!("{POSTS}?{query}limit=1")).await;
    problem(&answer, 400, "invalid_query");

    story.nothing_changed().await;
}

/// Sources that nest without end: those of which everybody thinks first as long as they may be, the
/// others a quarter of that, because all of them take a while without optimisation.
fn nests() -> Vec<(&'static str, String)> {
    let longest = |part: &str| part.repeat(MOST / part.len());
    let fill = |part: &str| part.repeat(MOST / 4 / part.len());
    let mut indented = String::new();
    let mut depth = 0;
    while indented.len() + depth + 4 < MOST {
        indented.push_str(&" ".repeat(depth));
        indented.push_str("- x\n");
        depth += 2;
    }
    vec![
        ("lists in one line", longest("- ")),
        ("lists of numbers", fill("1. ")),
        ("lists by indentation", indented),
        ("quotes", longest("> ")),
        ("brackets", longest("[")),
        ("both brackets", fill("[]")),
        ("brackets and parentheses", fill("[](")),
        ("pictures", fill("![")),
        (
            "closed brackets",
            format!("{}{}", "[".repeat(MOST / 8), "]".repeat(MOST / 8)),
        ),
        ("stars", fill("*")),
        ("emphasis", fill("*a_")),
        ("strong", fill("**a ")),
        ("backticks", fill("` ``")),
        ("tags", fill("<div>")),
        ("open tags", fill("<a ")),
        ("comments", fill("<!--")),
        ("entities", fill("&amp;")),
        ("footnotes", fill("[^a]")),
        ("definitions", fill("[a]: b\n")),
        ("tables", format!("|a|\n|-|\n{}", fill("|b"))),
        ("dollars and tildes", fill("~~a ")),
        ("links", fill("<http://a>")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn markdown_that_nests_without_end_is_rendered_in_time_or_refused() {
    let story = Story::begin().await;

    for (what, content) in nests() {
        let begun = Instant::now();
        let body = json!({"title": "Nested", "content": content}).to_string();
        let answer = story.alice.raw(Method::POST, POSTS, JSON, body).await;
        let took = begun.elapsed();

        assert!(took < Duration::from_secs(60), "{what}: {took:?}");
        if answer.status == 422 {
            refused(&answer, "content");
        } else {
            let made = answer.expect(201).json();
            let path = format!("/api/v2/posts/{}", made["id"]);
            let shown = story.app.anonymous().get(&path).await.expect(200);
            assert!(shown.json()["content"] == content.as_str(), "{what}");
            story.alice.delete(&path).await.expect(200);
            let path = format!("{path}?permanent=true");
            story.alice.delete(&path).await.expect(200);
        }
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_of_brackets_are_too_much() {
    let story = Story::begin().await;

    for part in ["[", "- ", "> "] {
        let content = part.repeat(10_000_000 / part.len());
        let body = json!({"title": "T", "content": content}).to_string();
        for answer in story.send(&body).await {
            problem(&answer, 413, "body_too_large");
        }
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_nests_without_end() {
    let story = Story::begin().await;

    for body in [
        "[".repeat(100_000),
        format!("{{\"title\":{}", "{\"a\":".repeat(100_000)),
        format!("{{\"tags\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)),
    ] {
        for answer in story.send(&body).await {
            problem(&answer, 400, "malformed_json");
        }
    }

    story.nothing_changed().await;
}
