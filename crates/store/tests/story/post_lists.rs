//! Lists of posts: complete ones in batches, and pages.

use inkgate_store::{BATCH_BYTES, BATCH_ROWS};
use model::{Content, PageLimit, Post, PostFilter, PostId, Role, UserId};

use crate::posts::{LATE, public};
use crate::support::{START, TestStore, later, new_post, titles};

const NOBODY: UserId = UserId(999_999);

fn ids(posts: &[Post]) -> Vec<PostId> {
    posts.iter().map(|post| post.id).collect()
}

fn bytes(batch: &[Post]) -> usize {
    batch
        .iter()
        .map(|post| post.fields.title.len() + post.fields.content.len())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_from_the_newest_to_the_oldest() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    // Out of order, and some at the same moment.
    let mut posts = Vec::new();
    for (number, seconds) in [5, 3, 3, 9, 3, 1, 9, 0].into_iter().enumerate() {
        let text = format!("post {number}");
        posts.push((seconds, store.add_post_at(user, &text, seconds).await));
    }
    posts.sort_unstable();
    let expected: Vec<_> = posts.into_iter().rev().map(|(_, id)| id).collect();

    for limit in ["1", "2", "3", "7", "8", "100"] {
        let pages = store.every_page(&public(), limit).await;
        assert_eq!(ids(&pages), expected, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_come_and_go_between_pages_make_no_other_appear_twice_or_never() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let mut expected = Vec::new();
    for number in 0..20 {
        // Several share a moment.
        let id = store
            .add_post_at(user, &format!("old {number}"), number / 4)
            .await;
        expected.insert(0, id);
    }
    let limit = PageLimit::parse("3").unwrap();

    let (mut seen, mut before) = (Vec::new(), None);
    for seconds in 0.. {
        let page = store
            .posts(&public(), before.as_ref(), limit)
            .await
            .unwrap();
        seen.extend(ids(&page.rows));
        let Some(next) = page.next else { break };
        before = Some(next);
        // Newer ones, at the very moment of the cursor too, and one goes that was seen.
        store.add_post_at(user, "newer", 100 + seconds).await;
        store.add_post_at(user, "same moment", 4).await;
        let gone = page.rows.last().unwrap().id;
        assert!(
            store
                .trash_post(gone, (user, Role::Author), None, START)
                .await
                .unwrap()
        );
    }

    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_lets_through_what_it_names() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    for (seconds, (user, category)) in [
        (alice, "tech"),
        (alice, "life"),
        (bob, "tech"),
        (bob, "Tech"),
        (alice, "tech"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut new = new_post(&format!("{seconds}"), later(seconds as u64));
        new.fields.category = category.to_owned();
        store.insert_post(user, &new).await.unwrap();
    }

    let cases = [
        (None, None, "43210"),
        (Some(alice), None, "410"),
        (None, Some("tech"), "420"),
        (None, Some("Tech"), "3"),
        (Some(alice), Some("tech"), "40"),
        (Some(bob), Some("life"), ""),
        (Some(NOBODY), None, ""),
        (None, Some("no such"), ""),
        (None, Some(""), ""),
        // What no category can hold, but a query can.
        (None, Some("te\0ch"), ""),
        (Some(bob), Some("\0"), ""),
        (None, Some("tech' OR 1 = 1 --"), ""),
    ];
    for (user_id, category, expected) in cases {
        let filter = PostFilter {
            user_id,
            category: category.map(str::to_owned),
            ..public()
        };
        for limit in ["1", "100"] {
            let pages = store.every_page(&filter, limit).await;
            assert_eq!(titles(&pages).concat(), expected, "{filter:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_list_comes_by_number_in_bounded_batches() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let mut hers = store.add_posts(alice, BATCH_ROWS as usize + 3, "x").await;
    let mut his = store.add_posts(bob, 2, "x").await;
    hers.sort_unstable();
    his.sort_unstable();
    store
        .trash_post(hers.remove(7), (alice, Role::Author), None, START)
        .await
        .unwrap();

    let all = store.every_batch(None).await;
    let of_alice = store.every_batch(Some(alice)).await;
    let of_bob = store.every_batch(Some(bob)).await;
    let first_two = store
        .listed_posts_after(LATE, PostId(0), None, 2)
        .await
        .unwrap();

    assert!(all.iter().all(|batch| batch.len() <= BATCH_ROWS as usize));
    assert_eq!(ids(&all.concat()), [&hers[..], &his].concat());
    assert_eq!(ids(&of_alice.concat()), hers);
    assert_eq!(ids(&of_bob.concat()), his);
    assert_eq!(ids(&first_two), hers[..2]);
    assert!(store.every_batch(Some(NOBODY)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_ends_when_it_holds_enough_bytes() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let mut expected = store.add_posts(alice, 12, &"x".repeat(100_000)).await;
    expected.extend(
        store
            .add_posts(bob, 3, &"y".repeat(Content::MAX_BYTES))
            .await,
    );
    expected.extend(store.add_posts(bob, 12, "z").await);
    expected.sort_unstable();

    for batches in [
        store.every_batch(None).await,
        store.every_batch_by_users(bob).await,
    ] {
        for batch in &batches {
            let without_last = bytes(&batch[..batch.len() - 1]);
            assert!(without_last < BATCH_BYTES, "{}", bytes(batch));
        }
        assert_eq!(ids(&batches.concat()), expected);
        assert!(batches.len() >= 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_by_users_come_ordered_by_user_and_then_by_number() {
    let store = TestStore::open().await;
    let mut users = Vec::new();
    for number in 0..4 {
        users.push(store.add_user(&format!("user {number}")).await);
    }
    let mut expected = Vec::new();
    for number in 0..24 {
        let user = users[number * 7 % 4];
        let id = store.add_post(user, &format!("post {number}")).await;
        expected.push((user, id));
    }
    let (_, in_trash) = expected.remove(5);
    store
        .trash_post(in_trash, (users[0], Role::Author), None, START)
        .await
        .unwrap();
    store.delete_user(users[1], START, &[]).await.unwrap();
    expected.retain(|(user, _)| *user != users[1] && *user <= users[2]);
    expected.sort_unstable();

    let found = store.every_batch_by_users(users[2]).await.concat();
    let (user, id) = expected[expected.len() - 3];
    let rest = store
        .listed_posts_by_users(LATE, (user, id), users[2])
        .await
        .unwrap();

    let place = |post: &Post| (post.author.id, post.id);
    assert_eq!(found.iter().map(place).collect::<Vec<_>>(), expected);
    assert_eq!(
        rest.iter().map(place).collect::<Vec<_>>(),
        expected[expected.len() - 2..]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_by_users_come_in_bounded_batches() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let count = BATCH_ROWS as usize + 3;
    store.add_posts(bob, count, "x").await;
    store.add_posts(alice, 3, "x").await;

    let batches = store.every_batch_by_users(bob).await;

    assert!(
        batches
            .iter()
            .all(|batch| batch.len() <= BATCH_ROWS as usize)
    );
    assert_eq!(batches.concat().len(), count + 3);
}
