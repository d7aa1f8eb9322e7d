//! Bad input that must not hurt: each has a clear answer, and nothing else changes.

mod sizes;
mod texts;
mod values;
mod writers;

use reqwest::Method;

use super::{problem, stored_number, write_post, wrong_fields};
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
