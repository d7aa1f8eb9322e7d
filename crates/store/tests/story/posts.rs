//! Posts: one, lists, changes, the trash.

use futures_util::future::join_all;
use inkgate_store::Error;
use model::{
    Category, Content, Cursor, NewPost, PageLimit, Post, PostFilter, PostId, PostPatch, UserId,
};

use crate::support::{START, TestStore, later, new_post, title};

const NOBODY: UserId = UserId(999_999);
const NOTHING: PostId = PostId(999_999);

impl TestStore {
    /// Every page of a list.
    pub(crate) async fn every_page(&self, filter: &PostFilter, limit: &str) -> Vec<Post> {
        let limit = PageLimit::parse(limit).unwrap();
        let (mut posts, mut before) = (Vec::new(), Cursor::NEWEST);
        loop {
            let page = self.newest_posts(filter, &before, limit).await.unwrap();
            assert!(page.rows.len() <= limit.get() as usize);
            posts.extend(page.rows);
            match page.next {
                Some(next) => before = next,
                None => return posts,
            }
        }
    }

    /// Every batch of a complete list.
    pub(crate) async fn every_batch(&self, user: Option<UserId>) -> Vec<Vec<Post>> {
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
    pub(crate) async fn every_batch_by_users(&self, last: UserId) -> Vec<Vec<Post>> {
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

    let written = store
        .insert_post(user, &new, START, START.floor_to_millis())
        .await
        .unwrap();

    let post = store.post(written.id).await.unwrap().unwrap();
    assert_eq!(format!("{post:?}"), format!("{written:?}"));
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
    store.delete_user(gone, START, &[]).await.unwrap();
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
