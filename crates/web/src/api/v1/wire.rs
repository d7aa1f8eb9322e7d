//! Shapes of v1. Fields stand in alphabetical order, which is the order on the wire.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::{Post, Timestamp, Todo};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::writer;
use crate::json;

/// A body that is finished at once.
pub(super) struct Json<T>(pub(super) StatusCode, pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json::answer(self.0, json::JSON, Bytes::from(writer::line(&self.1)))
    }
}

/// Something is done, and nothing is left to show.
#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    /// What was done.
    #[schema(example = "Post deleted")]
    pub(super) message: &'static str,
}

/// A post.
#[derive(Serialize, ToSchema)]
#[schema(as = Post)]
pub(super) struct PostOut<'a> {
    #[schema(example = "general")]
    category: &'a str,
    #[schema(example = "Hello")]
    content: &'a str,
    /// UTC, no zone letter.
    #[schema(value_type = String, example = "2026-11-23T19:00:00.123456")]
    created_at: V1Time,
    id: i64,
    #[schema(example = "My Post")]
    title: &'a str,
    /// Who wrote it.
    user_id: i64,
}

impl<'a> From<&'a Post> for PostOut<'a> {
    fn from(post: &'a Post) -> Self {
        Self {
            category: &post.fields.category,
            content: &post.fields.content,
            created_at: V1Time(post.created_at),
            id: post.id.0,
            title: &post.fields.title,
            user_id: post.author.id.0,
        }
    }
}

/// A todo.
#[derive(Serialize, ToSchema)]
#[schema(as = Todo)]
pub(super) struct TodoOut<'a> {
    completed: bool,
    /// UTC, no zone letter.
    #[schema(value_type = String, example = "2026-11-23T19:00:00.123456")]
    created_at: V1Time,
    #[schema(required)]
    description: Option<&'a str>,
    id: i64,
    /// 0 unless v2 set it.
    priority: i64,
    #[schema(example = "Learn Flask")]
    title: &'a str,
    /// Whose it is.
    user_id: i64,
}

impl<'a> From<&'a Todo> for TodoOut<'a> {
    fn from(todo: &'a Todo) -> Self {
        Self {
            completed: todo.completed,
            created_at: V1Time(todo.created_at),
            description: todo.description.as_deref(),
            id: todo.id.0,
            priority: todo.priority,
            title: &todo.title,
            user_id: todo.user_id.0,
        }
    }
}

/// A user, with every post that is published, by id.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserOut<'a> {
    pub(super) id: i64,
    pub(super) posts: Vec<PostOut<'a>>,
    #[schema(example = "alice")]
    pub(super) username: &'a str,
}

/// All users.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a body that is streamed")]
pub(super) struct Users<'a> {
    users: Vec<UserOut<'a>>,
}

/// All posts, by id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a body that is streamed")]
pub(super) struct Posts<'a> {
    posts: Vec<PostOut<'a>>,
}

/// All todos, by id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents a body that is streamed")]
pub(super) struct Todos<'a> {
    todos: Vec<TodoOut<'a>>,
}

/// A time as v1 shows it.
struct V1Time(Timestamp);

impl Serialize for V1Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(26);
        self.0.push_v1(&mut text);
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}
