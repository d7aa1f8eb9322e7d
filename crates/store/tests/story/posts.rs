//! Posts: one, lists, changes, the trash.

use futures_util::future::join_all;
use inkgate_store::{BATCH_BYTES, BATCH_ROWS, Error};
use model::{
    Category, Content, Cursor, NewPost, PageLimit, Post, PostFilter, PostId, PostPatch, UserId,
};

use crate::support::{START, TestStore, later, new_post, title, titles};

const NOBODY: UserId = UserId(999_999);
const NOTHING: PostId = PostId(999_999);

impl TestStore {
    /// Every page of a list.
    async fn every_page(&self, filter: &PostFilter, limit: &str) -> Vec<Post> {
        let limit = PageLimit::parse(limit).unwrap();
        let (mut posts, mut before) = (Vec::new(), Cursor::NEWEST);
        loop {
            let page = self.newest_posts(filter, before, limit).await.unwrap();
            assert!(page.rows.len() <= limit.get() as usize);
            posts.extend(page.rows);
            match page.next {
                Some(next) => before = next,
                None => return posts,
            }
        }
    }

    /// Every batch of a complete list.
    async fn every_batch(&self, user: Option<UserId>) -> Vec<Vec<Post>> {
        let (mut batches, mut after) = (Vec::new(), PostId(0));
        loop {
            let batch = self.posts_after(after, user, u32::MAX).await.unwrap();
            let Some(last) = batch.last() else {
                return batches;
            };
            after = last.id;
            batches.push(batch);
        }
    }

    /// Every batch of the posts of the users up to `last`.
    async fn every_batch_by_users(&self, last: UserId) -> Vec<Vec<Post>> {
        let (mut batches, mut place) = (Vec::new(), (UserId(0), PostId(0)));
        loop {
            let batch = self.posts_by_users(place.0, place.1, last).await.unwrap();
            let Some(last) = batch.last() else {
                return batches;
            };
            place = (last.author.id, last.id);
            batches.push(batch);
        }
    }

    /// Whether no question at all gives or changes a post; every question must agree.
    pub(crate) async fn post_is_hidden(&self, id: PostId, user: UserId) -> bool {
        let of_user = PostFilter {
            user_id: Some(user),
            category: None,
        };
        let of_category = PostFilter {
            user_id: None,
            category: Some("general".to_owned()),
        };
        let of_both = PostFilter {
            user_id: Some(user),
            ..of_category.clone()
        };
        let mut lists = vec![
            self.every_batch(None).await.concat(),
            self.every_batch(Some(user)).await.concat(),
            self.every_batch_by_users(user).await.concat(),
        ];
        for filter in [PostFilter::default(), of_user, of_category, of_both] {
            lists.push(self.every_page(&filter, "100").await);
        }
        let patch = PostPatch::default();
        let update = self.update_post(id, &patch, None, START).await.unwrap();
        let mut seen: Vec<_> = lists
            .iter()
            .map(|list| list.iter().any(|post| post.id == id))
            .collect();
        seen.push(self.post(id).await.unwrap().is_some());
        seen.push(update.is_some());
        if seen.iter().all(|seen| !seen) {
            seen.push(self.delete_post(id, user, None, START).await.unwrap());
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
        !seen[0]
    }
}

fn ids(posts: &[Post]) -> Vec<PostId> {
    posts.iter().map(|post| post.id).collect()
}

fn bytes(batch: &[Post]) -> usize {
    batch
        .iter()
        .map(|post| post.title.len() + post.content.len())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_comes_back_as_it_was_stored() {
    let store = TestStore::open().await;
    let user = store.add_user("Alice").await;
    let new = NewPost {
        title: title(" Ünïcödé: 'quoted' \"twice\" \\ 🦀 "),
        content: Content::parse("line\r\nline\n\ttab é e\u{301} \u{feff}小 $1 ? :name %s --")
            .unwrap(),
        category: Category::parse("tech").unwrap(),
    };

    let id = store
        .insert_post(user, &new, START, START.floor_to_millis())
        .await
        .unwrap();

    let post = store.post(id).await.unwrap().unwrap();
    assert_eq!(post.id, id);
    assert_eq!(post.author.id, user);
    assert_eq!(post.author.username, "Alice");
    assert_eq!(post.title, new.title.as_str());
    assert_eq!(post.content, new.content.as_str());
    assert_eq!(post.category, "tech");
    assert_eq!(post.created_at, START);
    assert_eq!(post.updated_at, START);
    assert_eq!(post.published_at, START.floor_to_millis());
    assert_eq!(post.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_and_the_emptiest_content_come_back() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let longest = "x".repeat(Content::MAX_BYTES);

    let long = store.add_posts(user, 1, &longest).await[0];
    let empty = store.add_posts(user, 1, "").await[0];

    assert!(store.post(long).await.unwrap().unwrap().content == longest);
    assert_eq!(store.post(empty).await.unwrap().unwrap().content, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_no_post() {
    let store = TestStore::open().await;

    let refused = store
        .insert_post(NOBODY, &new_post("a title"), START, START)
        .await;

    assert!(matches!(refused, Err(Error::ForeignKey)), "{refused:?}");
    assert!(store.post(NOTHING).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_the_newest_post_is_never_given_again() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let gone = store.add_user("gone").await;
    let highest = store.add_post(gone, "the highest").await;
    store.delete_user(gone, START).await.unwrap();
    while store.purge_deleted_users().await.unwrap() > 0 {}

    let next = store.add_post(user, "the next").await;

    assert_eq!(store.count("posts").await, 1);
    assert!(next > highest);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_it_names() {
    let store = TestStore::open().await;
    let user = store.add_user("Alice").await;
    let id = store.add_post(user, "old").await;
    let other = store.add_post(user, "other").await;
    let (new_title, content, category) = (
        title("new"),
        Content::parse("").unwrap(),
        Category::parse("tech").unwrap(),
    );
    let patches = [
        PostPatch {
            title: Some(new_title),
            ..PostPatch::default()
        },
        PostPatch {
            content: Some(content),
            ..PostPatch::default()
        },
        PostPatch {
            category: Some(category),
            ..PostPatch::default()
        },
    ];

    let mut seen = Vec::new();
    for (patch, seconds) in patches.iter().zip(1..) {
        let updated = store.update_post(id, patch, None, later(seconds)).await;
        let post = updated.unwrap().unwrap();
        assert_eq!(post.author.username, "Alice");
        assert_eq!(post.created_at, START);
        assert_eq!(post.updated_at, later(seconds));
        assert_eq!(post.published_at, START.floor_to_millis());
        let read = store.post(id).await.unwrap().unwrap();
        assert_eq!(read.version, post.version);
        assert_eq!(read.updated_at, post.updated_at);
        seen.push((post.title, post.content, post.category, post.version));
    }

    let row = |title: &str, content: &str, category: &str, version| {
        let [title, content, category] = [title, content, category].map(str::to_owned);
        (title, content, category, version)
    };
    assert_eq!(
        seen,
        [
            row("new", "Some words.", "general", 2),
            row("new", "", "general", 3),
            row("new", "", "tech", 4),
        ]
    );
    assert_eq!(store.post(other).await.unwrap().unwrap().title, "other");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_another_version_changes_nothing() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "old").await;
    let patch = PostPatch {
        title: Some(title("new")),
        ..PostPatch::default()
    };

    for version in [0, 2, -1, i64::MAX] {
        let updated = store.update_post(id, &patch, Some(version), START).await;
        assert!(updated.unwrap().is_none(), "{version}");
    }
    let nothing = store.update_post(NOTHING, &patch, None, START).await;

    assert!(nothing.unwrap().is_none());
    let post = store.post(id).await.unwrap().unwrap();
    assert_eq!((post.title.as_str(), post.version), ("old", 1));
    let updated = store.update_post(id, &patch, Some(1), START).await;
    assert_eq!(updated.unwrap().unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_updates_of_one_version_one_succeeds() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "old").await;
    let patch = PostPatch::default();

    let updates = (0..20).map(|_| store.update_post(id, &patch, Some(1), START));
    let updated = join_all(updates).await;

    let succeeded = updated
        .into_iter()
        .filter(|answer| answer.as_ref().unwrap().is_some());
    assert_eq!(succeeded.count(), 1);
    assert_eq!(store.post(id).await.unwrap().unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_that_name_no_version_all_count() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "old").await;
    let patch = PostPatch::default();

    let updates = (0..20).map(|_| store.update_post(id, &patch, None, START));
    let updated = join_all(updates).await;

    let mut versions: Vec<_> = updated
        .into_iter()
        .map(|answer| answer.unwrap().unwrap().version)
        .collect();
    versions.sort_unstable();
    assert!(versions.into_iter().eq(2..=21));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_is_in_the_trash_and_nowhere_else() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "deleted").await;
    let kept = store.add_post(user, "kept").await;

    let deleted = store.delete_post(id, user, Some(1), later(1)).await;

    assert!(deleted.unwrap());
    assert!(store.post_is_hidden(id, user).await);
    assert!(!store.post_is_hidden(kept, user).await);
    assert_eq!(store.count("posts").await, 2);
    let by = format!("SELECT deleted_by FROM posts WHERE id = {id}");
    assert_eq!(store.number(&by).await, user.0);
    let again = store.delete_post(id, user, None, later(2)).await;
    assert!(!again.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_another_version_is_not_deleted() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "kept").await;

    assert!(!store.delete_post(id, user, Some(2), START).await.unwrap());
    assert!(!store.delete_post(NOTHING, user, None, START).await.unwrap());

    assert!(!store.post_is_hidden(id, user).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_delete_a_post_one_does() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "wanted gone").await;

    let deletes = (0..20).map(|_| store.delete_post(id, user, None, START));
    let deleted = join_all(deletes).await;

    let succeeded = deleted
        .into_iter()
        .filter(|answer| *answer.as_ref().unwrap());
    assert_eq!(succeeded.count(), 1);
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
        let pages = store.every_page(&PostFilter::default(), limit).await;
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

    let (mut seen, mut before) = (Vec::new(), Cursor::NEWEST);
    for seconds in 0.. {
        let page = store
            .newest_posts(&PostFilter::default(), before, limit)
            .await
            .unwrap();
        seen.extend(ids(&page.rows));
        let Some(next) = page.next else { break };
        before = next;
        // Newer ones, at the very moment of the cursor too, and one goes that was seen.
        store.add_post_at(user, "newer", 100 + seconds).await;
        store.add_post_at(user, "same moment", 4).await;
        let gone = page.rows.last().unwrap().id;
        assert!(store.delete_post(gone, user, None, START).await.unwrap());
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
        let new = NewPost {
            category: Category::parse(category).unwrap(),
            ..new_post(&format!("{seconds}"))
        };
        let now = later(seconds as u64);
        store.insert_post(user, &new, now, now).await.unwrap();
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
        .delete_post(hers.remove(7), alice, None, START)
        .await
        .unwrap();

    let all = store.every_batch(None).await;
    let of_alice = store.every_batch(Some(alice)).await;
    let of_bob = store.every_batch(Some(bob)).await;
    let first_two = store.posts_after(PostId(0), None, 2).await.unwrap();

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
        .delete_post(in_trash, users[0], None, START)
        .await
        .unwrap();
    store.delete_user(users[1], START).await.unwrap();
    expected.retain(|(user, _)| *user != users[1] && *user <= users[2]);
    expected.sort_unstable();

    let found = store.every_batch_by_users(users[2]).await.concat();
    let (user, id) = expected[expected.len() - 3];
    let rest = store.posts_by_users(user, id, users[2]).await.unwrap();

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
