//! Bad input that must not hurt: each has a clear answer, and nothing else changes.

use std::time::{Duration, Instant};

use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{problem, stored_number, write_post, write_with, wrong_fields};
use crate::support::{Answer, Client, TestApp};

const JSON: &str = "application/json";
const POSTS: &str = "/api/v2/posts";
const POST: &str = "/api/v2/posts/1";
/// The most that the content of a post may have.
const MOST: usize = 1024 * 1024;

/// A server with one post, and all that it stores of posts.
struct Story {
    app: TestApp,
    alice: Client,
    before: Vec<i64>,
    body: Vec<u8>,
}

impl Story {
    async fn begin() -> Self {
        let app = TestApp::spawn().await;
        let alice = app.user("alice").await;
        let body = write_post(&alice, "My Post").await.body;
        let mut story = Self {
            app,
            alice,
            before: Vec::new(),
            body,
        };
        story.before = story.counted().await;
        story
    }

    async fn counted(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for table in [
            "posts",
            "post_slugs",
            "post_tags",
            "post_revisions",
            "todos",
            "users",
        ] {
            let sql = format!("SELECT count(*) FROM {table}");
            counts.push(stored_number(&self.app, &sql).await);
        }
        counts
    }

    /// Sends a body as a new post and as a change of the one that is there.
    async fn send(&self, body: &str) -> [Answer; 2] {
        [
            self.alice.raw(Method::POST, POSTS, JSON, body).await,
            self.alice.raw(Method::PATCH, POST, JSON, body).await,
        ]
    }

    /// Fails the test if anything is other than it was.
    async fn nothing_changed(&self) {
        assert_eq!(self.counted().await, self.before);
        let post = self.app.anonymous().get(POST).await.expect(200);
        assert!(post.body == self.body, "{}", post.text());
    }
}

#[track_caller]
fn refused(answer: &Answer, field: &str) {
    let body = problem(answer, 422, "invalid");
    assert_eq!(
        wrong_fields(&body),
        [(field.to_owned(), "invalid".to_owned())]
    );
}

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

/// Sources that nest without end, each of nearly a mebibyte.
fn nests() -> Vec<(&'static str, String)> {
    let fill = |part: &str| part.repeat(MOST / part.len());
    let mut indented = String::new();
    let mut depth = 0;
    while indented.len() + depth + 4 < MOST {
        indented.push_str(&" ".repeat(depth));
        indented.push_str("- x\n");
        depth += 2;
    }
    vec![
        ("lists in one line", fill("- ")),
        ("lists of numbers", fill("1. ")),
        ("lists by indentation", indented),
        ("quotes", fill("> ")),
        ("brackets", fill("[")),
        ("both brackets", fill("[]")),
        ("brackets and parentheses", fill("[](")),
        ("pictures", fill("![")),
        (
            "closed brackets",
            format!("{}{}", "[".repeat(MOST / 2), "]".repeat(MOST / 2)),
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
        (
            "tables",
            format!("|a|\n|-|\n{}", fill("|b").split_at(MOST - 100).0),
        ),
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

#[tokio::test(flavor = "multi_thread")]
async fn dates_of_no_calendar() {
    let story = Story::begin().await;

    for date in [
        "0000-01-01T00:00:00Z",
        "-000001-01-01T00:00:00Z",
        "+275760-09-13T00:00:00Z",
        "275760-09-13T00:00:00Z",
        "275760-09-13T00:00:00.001Z",
        "10000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T19:00:00Z[UTC]",
        "99999999999999999999",
    ] {
        let body = json!({"title": "T", "content": "", "published_at": date}).to_string();
        for answer in story.send(&body).await {
            refused(&answer, "published_at");
        }
        let publish = json!({"published_at": date});
        let answer = story.alice.post(&format!("{POST}/publish"), &publish).await;
        refused(&answer, "published_at");
        let todo = json!({"title": "T", "due_at": date});
        refused(&story.alice.post("/api/v2/todos", &todo).await, "due_at");
        let date = date.replace('+', "%2B");
        for filter in ["published_after", "published_before"] {
            let answer = story.alice.get(&format!("{POSTS}?{filter}={date}")).await;
            problem(&answer, 400, "invalid_query");
        }
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_without_measure() {
    let story = Story::begin().await;

    for list in ["/api/v2/posts", "/api/v2/posts/trash", "/api/v2/todos"] {
        for (limit, code) in [
            ("1e9", "invalid_query"),
            ("-1", "invalid_query"),
            ("0", "invalid_query"),
            ("1000000000", "limit_too_large"),
            ("18446744073709551617", "limit_too_large"),
        ] {
            let answer = story.alice.get(&format!("{list}?limit={limit}")).await;
            problem(&answer, 400, code);
        }
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_posts_that_cannot_be() {
    let story = Story::begin().await;

    for id in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1e0",
        "01x",
        "%00",
        "1%00",
        "+",
        "null",
        "🦀",
        "1;drop",
    ] {
        let path = format!("/api/v2/posts/{id}");
        for answer in [
            story.alice.get(&path).await,
            story.alice.patch(&path, &json!({"title": "T"})).await,
            story.alice.delete(&path).await,
            story.alice.delete(&format!("{path}?permanent=true")).await,
            story
                .alice
                .post(&format!("{path}/restore"), &json!({}))
                .await,
            story
                .alice
                .post(&format!("{path}/publish"), &json!({}))
                .await,
        ] {
            problem(&answer, 404, "not_found");
        }
    }

    story.nothing_changed().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_author() {
    let story = Story::begin().await;
    let (app, reader) = (&story.app, story.app.anonymous());
    let root = app.user_with_role("root", Role::Admin).await;
    let draft = json!({"title": "Draft", "status": "draft"});
    write_with(&story.alice, draft).await;
    write_post(&root, "Stays").await;
    root.delete("/api/v1/users/1").await.expect(200);

    for _ in 0..2 {
        for client in [&reader, &root] {
            for path in [
                POST,
                "/api/v2/posts/by-slug/my-post",
                "/api/v2/posts/2",
                "/api/v2/posts/by-slug/draft",
            ] {
                problem(&client.get(path).await, 404, "not_found");
            }
            client.get("/api/v1/posts/1").await.expect(404);
            for list in ["/api/v2/posts?user_id=1", "/api/v2/posts?author=alice"] {
                let page = client.get(list).await.expect(200).json();
                assert_eq!(page["posts"], json!([]));
            }
        }
        for answer in [
            root.patch(POST, &json!({"title": "T"})).await,
            root.delete(POST).await,
            root.post(&format!("{POST}/publish"), &json!({})).await,
            root.post(&format!("{POST}/restore"), &json!({})).await,
        ] {
            problem(&answer, 404, "not_found");
        }
        let drafts = root
            .get("/api/v2/posts?status=draft")
            .await
            .expect(200)
            .json();
        assert_eq!(drafts["posts"], json!([]));
        let list: Value = reader.get(POSTS).await.expect(200).json();
        assert_eq!(super::column(&list, "posts", "title"), ["Stays"]);
        let gone = story
            .alice
            .post(POSTS, &json!({"title": "T", "content": ""}))
            .await;
        assert_eq!(gone.status, 401, "{}", gone.text());
        // Once more when nothing is left of the author.
        app.domain.tidy().await.unwrap();
    }
    assert_eq!(stored_number(app, "SELECT count(*) FROM posts").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_on_one_post() {
    let story = Story::begin().await;
    let (alice, root) = (
        &story.alice,
        story.app.user_with_role("root", Role::Admin).await,
    );

    for round in 1..=10 {
        let (title, words) = (
            json!({"title": format!("T{round}")}),
            json!({"content": format!("{round}")}),
        );
        let (one, two) = tokio::join!(alice.patch(POST, &title), root.patch(POST, &words));
        let (one, two) = (one.expect(200).json(), two.expect(200).json());

        assert_ne!(one["version"], two["version"]);
        let post = story.app.anonymous().get(POST).await.json();
        assert_eq!(
            (&post["title"], &post["content"]),
            (&title["title"], &words["content"])
        );
        assert_eq!(post["version"], 1 + 2 * round);
    }
    let last = json!({"title": "Last"});
    let (deleted, changed) = tokio::join!(alice.delete(POST), root.patch(POST, &last));
    deleted.expect(200);
    assert!([200, 404].contains(&changed.status), "{}", changed.text());
    problem(&story.app.anonymous().get(POST).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_object() {
    let story = Story::begin().await;

    for body in [
        "[]",
        "\"title\"",
        "null",
        "5",
        "true",
        "[{\"title\":\"T\"}]",
    ] {
        for answer in story.send(body).await {
            let problem = problem(&answer, 422, "invalid");
            assert_eq!(
                problem["errors"].as_array().map_or(0, Vec::len),
                0,
                "{problem}"
            );
        }
    }
    for body in [
        "",
        "{",
        "{\"title\":\"A\",\"title\":\"B\"}",
        "{\"cover\":{\"url\":\"a\",\"url\":\"b\"}}",
        "{} {}",
        "\u{feff}{}",
    ] {
        for answer in story.send(body).await {
            problem(&answer, 400, "malformed_json");
        }
    }
    for number in ["1e400", "-1e999999"] {
        let body = format!("{{\"title\":\"T\",\"content\":\"\",\"pinned\":{number}}}");
        for answer in story.send(&body).await {
            assert!([400, 422].contains(&answer.status), "{}", answer.text());
        }
    }

    story.nothing_changed().await;
}
