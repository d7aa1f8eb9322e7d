//! Bodies, dates and numbers that mean nothing.

use serde_json::json;

use super::super::problem;
use super::{POST, POSTS, Story, refused};

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
async fn a_search_for_operators_alone() {
    let story = Story::begin().await;
    let reader = story.app.anonymous();

    for q in [
        "-",
        "*",
        "\"\"",
        "-%20-%20-",
        "\"%20\"%20*%20-\"",
        "(){}^:%2B",
        "%00",
        "-*",
    ] {
        let found = reader.get(&format!("/api/v2/search?q={q}")).await;
        let found = found.expect(200).json();
        assert_eq!(found, json!({"results": [], "next_cursor": null}), "{q}");
        let list = reader.get(&format!("{POSTS}?q={q}")).await.expect(200);
        assert_eq!(list.json()["posts"], json!([]), "{q}");
    }
    for q in ["", "%20"] {
        let answer = reader.get(&format!("/api/v2/search?q={q}")).await;
        problem(&answer, 400, "invalid_query");
    }

    story.nothing_changed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_second_of_the_calendar_is_a_date() {
    let story = Story::begin().await;
    let never = "9999-12-31T23:59:59.999Z";

    let post = json!({"title": "T", "content": "", "published_at": never});
    let post = story.alice.post(POSTS, &post).await.expect(201).json();
    assert_eq!(
        (&post["status"], &post["published_at"]),
        (&json!("scheduled"), &json!(never))
    );
    let todo = json!({"title": "T", "due_at": never});
    let todo = story
        .alice
        .post("/api/v2/todos", &todo)
        .await
        .expect(201)
        .json();
    assert_eq!(todo["due_at"], never);
    let due = format!("/api/v2/todos?due_after=9999-12-31T23:59:59Z&due_before={never}");
    story.alice.get(&due).await.expect(200);
}
