//! `/api/v1`.

mod filters;
mod lists;
mod login;
mod me;
mod names;
mod order_of_checks;
mod passwords;
mod post_fields;
mod posts;
mod recorded;
mod registration;
mod request_bodies;
mod roles;
mod seed_tokens;
mod shapes;
mod todo_fields;
mod todos;
mod token_life;
mod tokens;
mod users;
mod users_deleted;

use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// What `GET /api/v1/me` says of whoever this is.
async fn id_of(client: &Client) -> i64 {
    let me = client.get("/api/v1/me").await.expect(200);
    me.json()["id"].as_i64().unwrap()
}

/// Writes a post and gives its path.
async fn write_post(client: &Client, title: &str) -> String {
    let post = json!({"title": title, "content": "Hello"});
    let written = client.post("/api/v1/posts", &post).await.expect(201);
    format!("/api/v1/posts/{}", written.json()["id"])
}

/// Writes a todo and gives its path.
async fn write_todo(client: &Client, title: &str) -> String {
    let todo = json!({"title": title});
    let written = client.post("/api/v1/todos", &todo).await.expect(201);
    format!("/api/v1/todos/{}", written.json()["id"])
}

/// One field of every row of the list in this answer.
#[track_caller]
fn each(answer: &Answer, field: &str) -> Vec<Value> {
    let json = answer.json();
    let list = json.as_object().unwrap().values().next().unwrap();
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| row[field].clone()).collect()
}
