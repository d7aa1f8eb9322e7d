//! `/api/v2`.

mod caching;
mod comment_moderation;
mod comments;
mod conditional;
mod cors;
mod counts;
mod follows;
mod idempotency;
mod many_todos;
mod marks;
mod order_of_checks;
mod paging;
mod paging_walk;
mod post_drafts;
mod post_revisions;
mod posts;
mod posts_refused;
mod preview_links;
mod problems;
mod shapes;
mod todo_lists;
mod todos;
mod todos_refused;

use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// Writes a post and gives its answer.
async fn write_post(author: &Client, title: &str) -> Answer {
    let post = json!({"title": title, "content": "Hello"});
    author.post("/api/v2/posts", &post).await.expect(201)
}

/// Writes a todo and gives its answer.
async fn write_todo(owner: &Client, title: &str) -> Answer {
    let todo = json!({"title": title});
    owner.post("/api/v2/todos", &todo).await.expect(201)
}

/// Fails the test unless this is a problem (RFC 9457) with this status and code; gives its body.
#[track_caller]
fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["code"], code, "{body}");
    assert_eq!(body["status"], status);
    assert_eq!(body["request_id"], answer.header("x-request-id"));
    body
}

/// The fields that a problem names, each with its code, in order of their names.
#[track_caller]
fn wrong_fields(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap().iter();
    let mut fields: Vec<_> = errors
        .map(|error| (text(&error["field"]), text(&error["code"])))
        .collect();
    fields.sort();
    fields
}

/// What stands in `name` of each row of the list `rows`.
#[track_caller]
fn column<'a>(page: &'a Value, rows: &str, name: &str) -> Vec<&'a Value> {
    let rows = page[rows].as_array().unwrap();
    rows.iter().map(|row| &row[name]).collect()
}
