//! `/api/v2`.

mod bad_input;
mod caching;
mod comment_lists;
mod comment_moderation;
mod comments;
mod conditional;
mod cors;
mod counts;
mod facets;
mod follows;
mod hidden_slugs;
mod idempotency;
mod idempotent_actions;
mod list_shapes;
mod many_todos;
mod marks;
mod order_of_checks;
mod paging;
mod paging_walk;
mod post_completion;
mod post_drafts;
mod post_lists;
mod post_order;
mod post_patches;
mod post_revisions;
mod post_schedule;
mod post_slugs;
mod post_states;
mod post_tags;
mod post_trash;
mod post_walk;
mod posts;
mod posts_refused;
mod preview_links;
mod problems;
mod search;
mod shapes;
mod todo_lists;
mod todos;
mod todos_refused;

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

/// Writes a post and gives its answer.
async fn write_post(author: &Client, title: &str) -> Answer {
    let post = json!({"title": title, "content": "Hello"});
    author.post("/api/v2/posts", &post).await.expect(201)
}

/// Writes a post of which `fields` are named besides a title and a text, and gives it.
async fn write_with(author: &Client, fields: Value) -> Value {
    let mut post = json!({"title": "My Post", "content": "Hello"});
    for (name, value) in fields.as_object().unwrap() {
        post[name] = value.clone();
    }
    author.post("/api/v2/posts", &post).await.expect(201).json()
}

/// The ids of the posts that a list shows on its first page.
async fn ids(reader: &Client, list: &str) -> Vec<i64> {
    let page = reader.get(list).await.expect(200).json();
    let posts = page["posts"].as_array().unwrap().iter();
    posts.map(|post| post["id"].as_i64().unwrap()).collect()
}

/// What the database answers to a question for one number.
async fn stored_number(app: &TestApp, sql: &str) -> i64 {
    crate::audit::number(app.database.as_ref().unwrap(), sql).await
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

/// What comments of a list say, as somebody sees them.
async fn comment_texts(client: &Client, path: &str) -> Vec<String> {
    let list = client.get(path).await.expect(200).json();
    let texts = column(&list, "comments", "content").into_iter();
    texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// How many comments the only post is said to have, to whoever reads it and in the list.
async fn comment_count(app: &TestApp) -> i64 {
    let reader = app.anonymous();
    let post = reader.get("/api/v2/posts/1").await.expect(200).json();
    let list = reader.get("/api/v2/posts").await.expect(200).json();
    assert_eq!(list["posts"][0]["comment_count"], post["comment_count"]);
    post["comment_count"].as_i64().unwrap()
}
