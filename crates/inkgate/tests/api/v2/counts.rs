//! What is counted beside posts, while many write at once.

use futures_util::future::join_all;
use model::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::write_post;
use crate::support::{Client, TestApp};

const POSTS: i64 = 3;
const USERS: usize = 6;
const ROUNDS: usize = 12;

/// The same numbers at every run: xorshift (Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Does one thing after another, each of them allowed; what it concerns may be gone by then.
async fn be_busy(client: Client, editor: Client, seed: u64) {
    let mut numbers = Numbers(seed);
    let mut own = Vec::new();
    for _ in 0..ROUNDS {
        let post = numbers.below(POSTS as u64) + 1;
        let favorite = format!("/api/v2/posts/{post}/favorite");
        let comments = format!("/api/v2/posts/{post}/comments");
        client
            .send(client.request(Method::PUT, &favorite))
            .await
            .expect(204);
        let said = client.post(&comments, &json!({"content": "words"})).await;
        let said = said.expect(201).json();
        own.push(said["id"].as_i64().unwrap());
        let chosen = own[numbers.below(own.len() as u64) as usize];
        let verdict = ["approve", "spam", "reject"][numbers.below(3) as usize];
        let verdict = format!("/api/v2/comments/{chosen}/{verdict}");
        let words = json!({"content": "others"});
        let comment = format!("/api/v2/comments/{chosen}");
        let none = json!({});
        let (decided, changed) =
            tokio::join!(editor.post(&verdict, &none), client.patch(&comment, &words),);
        assert_eq!((decided.status, changed.status), (200, 200));
        match numbers.below(4) {
            0 => {
                client.delete(&favorite).await.expect(204);
            }
            1 => {
                own.retain(|id| *id != chosen);
                let (one, other) = tokio::join!(client.delete(&comment), editor.delete(&comment));
                let mut both = [one.status, other.status];
                both.sort_unstable();
                assert!(both == [204, 404] || both == [204, 412], "{both:?}");
            }
            _ => {}
        }
    }
}

/// How many comments everybody sees below a post.
async fn listed(client: &Client, post: i64) -> i64 {
    let mut count = 0;
    let mut path = format!("/api/v2/posts/{post}/comments?limit=100");
    loop {
        let page = client.get(&path).await.expect(200).json();
        count += page["comments"].as_array().unwrap().len() as i64;
        let Some(cursor) = page["next_cursor"].as_str() else {
            return count;
        };
        path = format!("/api/v2/posts/{post}/comments?limit=100&cursor={cursor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_those_of_the_lists_after_many_wrote_at_once() {
    let flags = ["--env", "testing", "--comment-moderation", "first"];
    let app = TestApp::spawn_with(&flags).await;
    let author = app.user("author").await;
    let editor = app.user_with_role("editor", Role::Editor).await;
    for number in 0..POSTS {
        write_post(&author, &number.to_string()).await;
    }
    let mut users = Vec::new();
    for number in 0..USERS {
        let name = format!("reader{number}");
        users.push(app.user_with_role(&name, Role::Reader).await);
    }
    let him = app.login_v2("reader0", "1234").await;

    let busy = users.iter().zip(1..);
    let busy = busy.map(|(user, seed)| be_busy(user.clone(), editor.clone(), seed * 0x9e37_79b9));
    join_all(busy).await;
    let goodbye = json!({"current_password": "1234"});
    let goodbye = app
        .with_token(&him.access)
        .request(Method::DELETE, "/api/v2/me")
        .json(&goodbye);
    app.anonymous().send(goodbye).await.expect(204);
    app.domain.tidy().await.unwrap();

    let mut marked = vec![0; POSTS as usize + 1];
    for user in &users[1..] {
        let list = user
            .get("/api/v2/me/favorites?limit=100")
            .await
            .expect(200)
            .json();
        for post in list["posts"].as_array().unwrap() {
            marked[post["id"].as_u64().unwrap() as usize] += 1;
        }
    }
    let posts = app
        .anonymous()
        .get("/api/v2/posts")
        .await
        .expect(200)
        .json();
    let mut seen = 0;
    for post in posts["posts"].as_array().unwrap() {
        let id = post["id"].as_i64().unwrap();
        assert_eq!(post["favorite_count"], marked[id as usize], "{post}");
        assert_eq!(
            post["comment_count"],
            listed(&app.anonymous(), id).await,
            "{post}"
        );
        assert_eq!(post["version"], Value::from(1));
        seen += post["comment_count"].as_i64().unwrap();
    }
    assert!(seen > 0 && marked.iter().sum::<i32>() > 0);
}
