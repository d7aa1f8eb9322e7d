//! The list of users, which nests every post of every user: several batches of both.

use std::collections::BTreeMap;

use model::{
    Content, NewUser, PostFields, PostStatus, PostWrite, RenderedPost, Role, SlugWish, Timestamp,
    Title, UserId, Username,
};
use serde_json::Value;
use store::{DatabaseUrl, Store, Synchronous};
use test_database::TestDatabase;

use crate::support::{Answer, TestApp};

const USERS: i64 = 1001;
/// How many posts whom has: over the edges of batches, and nobody in between.
const POSTS: [(i64, usize); 7] = [
    (1, 1),
    (3, 700),
    (499, 2),
    (500, 1),
    (501, 499),
    (1000, 1),
    (1001, 3),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_user_is_listed_once_with_all_posts() {
    let app = TestApp::spawn_on(filled().await, &["--env", "testing"]).await;

    let list = app.anonymous().get("/api/v1/users").await.expect(200);

    let found = posts_by_user(&list);
    let wanted: BTreeMap<_, _> = (1..=USERS).map(|id| (id, posts_of(id))).collect();
    assert_eq!(found, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_count_users_and_not_their_posts() {
    let app = TestApp::spawn_on(filled().await, &["--env", "testing"]).await;

    for (query, ids) in [
        ("limit=3", 1..=3),
        ("limit=500", 1..=500),
        ("limit=501", 1..=501),
        ("after=2&limit=1", 3..=3),
        ("after=2&limit=498", 3..=500),
        ("after=500", 501..=1001),
        ("after=1000&limit=5", 1001..=1001),
    ] {
        let list = app.anonymous().get(&format!("/api/v1/users?{query}")).await;

        let wanted: BTreeMap<_, _> = ids.map(|id| (id, posts_of(id))).collect();
        assert_eq!(posts_by_user(&list.expect(200)), wanted, "{query}");
    }
}

fn posts_of(id: i64) -> usize {
    let mut posts = POSTS.iter();
    posts
        .find(|(user, _)| *user == id)
        .map_or(0, |(_, count)| *count)
}

/// How many posts each user of a list has. Users and posts must stand in order, nothing twice.
#[track_caller]
fn posts_by_user(list: &Answer) -> BTreeMap<i64, usize> {
    let list = list.json();
    let users = list["users"].as_array().unwrap();
    assert!(users.is_sorted_by(|one, next| number(one, "id") < number(next, "id")));
    let counted = users.iter().map(|user| {
        let (id, posts) = (number(user, "id"), user["posts"].as_array().unwrap());
        assert!(posts.is_sorted_by(|one, next| number(one, "id") < number(next, "id")));
        assert!(posts.iter().all(|post| number(post, "user_id") == id));
        (id, posts.len())
    });
    counted.collect()
}

fn number(row: &Value, name: &str) -> i64 {
    row[name].as_i64().unwrap()
}

/// A database with these users and posts. The store writes them: to register so many would take
/// as many hashes.
async fn filled() -> TestDatabase {
    let database = TestDatabase::create().await;
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let store = Store::open(&url, Synchronous::Normal).await.unwrap();
    let now = Timestamp::from_micros(0);
    for number in 1..=USERS {
        let new = NewUser {
            username: Username::parse(&format!("user {number}")).unwrap(),
            password_hash: "none".to_owned(),
            role: Role::Author,
            email: None,
            created_at: now,
        };
        assert_eq!(
            store.insert_user(&new, &[], &[]).await.unwrap(),
            UserId(number)
        );
    }
    let (title, content) = (Title::parse("t").unwrap(), Content::parse("c").unwrap());
    let mut fields = PostFields::new(title, content);
    fields.status = PostStatus::Published;
    fields.published_at = Some(now);
    let post = PostWrite {
        fields,
        title_key: "t".to_owned(),
        tag_keys: Vec::new(),
        rendered: Some(RenderedPost {
            html: "<p>c</p>".to_owned(),
            summary: "c".to_owned(),
            word_count: 1,
        }),
        words: String::new(),
        slug: SlugWish::Free("t".to_owned()),
        revision: None,
        by: UserId(1),
        now,
        key: None,
    };
    // In turns, so that the posts of a user are not neighbours.
    for turn in 0..700 {
        for (user, _) in POSTS.iter().rev().filter(|(_, count)| turn < *count) {
            store.insert_post(UserId(*user), &post).await.unwrap();
        }
    }
    store.close();
    database
}
