//! Posts: one, lists, changes, the trash.

use futures_util::future::join_all;
use inkgate_store::Error;
use model::{
    Content, Cover, PageLimit, Post, PostFields, PostFilter, PostId, PostWrite, RevisionChange,
    Role, SlugWish, Timestamp, UserId,
};

use crate::support::{START, TestStore, later, new_post};

const NOBODY: UserId = UserId(999_999);
const NOTHING: PostId = PostId(999_999);
/// Everything has been published by then.
pub(crate) const LATE: Timestamp = Timestamp::from_micros(i64::MAX);

/// Every public post.
pub(crate) fn public() -> PostFilter {
    PostFilter::public(LATE)
}

impl TestStore {
    /// Every page of a list.
    pub(crate) async fn every_page(&self, filter: &PostFilter, limit: &str) -> Vec<Post> {
        let limit = PageLimit::parse(limit).unwrap();
        let (mut posts, mut before) = (Vec::new(), None);
        loop {
            let page = self.posts(filter, before.as_ref(), limit).await.unwrap();
            assert!(page.rows.len() <= limit.get() as usize);
            posts.extend(page.rows);
            match page.next {
                Some(next) => before = Some(next),
                None => return posts,
            }
        }
    }

    /// Every batch of a complete list.
    pub(crate) async fn every_batch(&self, user: Option<UserId>) -> Vec<Vec<Post>> {
        let (mut batches, mut after) = (Vec::new(), PostId(0));
        loop {
            let batch = self
                .listed_posts_after(LATE, after, user, u32::MAX)
                .await
                .unwrap();
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
            let batch = self.listed_posts_by_users(LATE, place, last).await.unwrap();
            let Some(last) = batch.last() else {
                return batches;
            };
            place = (last.author.id, last.id);
            batches.push(batch);
        }
    }

    /// Changes a post that is at `version`, whichever it is by now where none is named.
    async fn rewrite(
        &self,
        id: PostId,
        version: Option<i64>,
        now: Timestamp,
        change: impl FnOnce(&mut PostWrite),
    ) -> Option<Post> {
        let before = self.post(id).await.unwrap();
        let version = version.or(before.as_ref().map(|post| post.version));
        let mut write = PostWrite {
            slug: SlugWish::Keep,
            revision: Some(RevisionChange::Updated),
            ..new_post("old", now)
        };
        if let Some(post) = before {
            write.fields = post.fields;
        }
        change(&mut write);
        let version = version.unwrap_or_default();
        self.update_post(id, version, &write, None).await.unwrap()
    }

    /// Whether no question at all gives or changes a post; every question must agree.
    pub(crate) async fn post_is_hidden(&self, id: PostId, user: UserId) -> bool {
        let of_user = PostFilter {
            user_id: Some(user),
            ..public()
        };
        let of_category = PostFilter {
            category: Some("general".to_owned()),
            ..public()
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
        for filter in [public(), of_user, of_category, of_both] {
            lists.push(self.every_page(&filter, "100").await);
        }
        let update = self.rewrite(id, None, START, |_| {}).await;
        let mut seen: Vec<_> = lists
            .iter()
            .map(|list| list.iter().any(|post| post.id == id))
            .collect();
        seen.push(self.post(id).await.unwrap().is_some());
        seen.push(update.is_some());
        if seen.iter().all(|seen| !seen) {
            seen.push(
                self.trash_post(id, (user, Role::Author), None, START)
                    .await
                    .unwrap(),
            );
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
        !seen[0]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_comes_back_as_it_was_stored() {
    let store = TestStore::open().await;
    let user = store.add_user("Alice").await;
    let mut new = new_post(" Ünïcödé: 'quoted' \"twice\" \\ 🦀 ", START);
    let text = "line\r\nline\n\ttab é e\u{301} \u{feff}小 $1 ? :name %s --";
    text.clone_into(&mut new.fields.content);
    "tech".clone_into(&mut new.fields.category);
    new.fields.tags = vec!["Rust".to_owned(), "\u{1f980} \"q\"".to_owned()];
    new.fields.series = Some("a series".to_owned());
    new.fields.excerpt = Some("an excerpt".to_owned());
    new.fields.language = Some("en".to_owned());
    new.fields.canonical_url = Some("https://a.example/".to_owned());
    new.fields.cover = Some(Cover {
        url: "https://a.example/x.png".to_owned(),
        alt: String::new(),
    });
    new.fields.pinned = true;
    new.fields.comments_enabled = false;

    let written = store.insert_post(user, &new).await.unwrap();

    let post = store.post(written.id).await.unwrap().unwrap();
    assert_eq!(format!("{post:?}"), format!("{written:?}"));
    assert_eq!(post.author.id, user);
    assert_eq!(post.author.username, "Alice");
    assert_eq!(post.fields, new.fields);
    assert_eq!(post.html.as_deref(), Some("<p>Some words.</p>"));
    assert_eq!((post.summary.as_str(), post.word_count), ("Some words.", 2));
    assert_eq!(post.slug, "a-post");
    assert_eq!(post.created_at, START);
    assert_eq!(post.updated_at, START);
    assert_eq!(post.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_and_the_emptiest_content_come_back() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let longest = "x".repeat(Content::MAX_BYTES);

    let long = store.add_posts(user, 1, &longest).await[0];
    let empty = store.add_posts(user, 1, "").await[0];

    assert!(store.post(long).await.unwrap().unwrap().fields.content == longest);
    assert_eq!(store.post(empty).await.unwrap().unwrap().fields.content, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_no_post() {
    let store = TestStore::open().await;

    let refused = store.insert_post(NOBODY, &new_post("a title", START)).await;

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
    let changes: [fn(&mut PostFields); 3] = [
        |fields| "new".clone_into(&mut fields.title),
        |fields| fields.content.clear(),
        |fields| "tech".clone_into(&mut fields.category),
    ];

    let mut seen = Vec::new();
    for (change, seconds) in changes.into_iter().zip(1..) {
        let now = later(seconds);
        let updated = store.rewrite(id, None, now, |write| change(&mut write.fields));
        let post = updated.await.unwrap();
        assert_eq!(post.author.username, "Alice");
        assert_eq!(post.created_at, START);
        assert_eq!(post.updated_at, now);
        assert_eq!(post.fields.published_at, Some(START.floor_to_millis()));
        let read = store.post(id).await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{post:?}"));
        let PostFields {
            title,
            content,
            category,
            ..
        } = post.fields;
        seen.push((title, content, category, post.version));
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
    assert_eq!(
        store.post(other).await.unwrap().unwrap().fields.title,
        "other"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_another_version_changes_nothing() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "old").await;
    let rename = |write: &mut PostWrite| "new".clone_into(&mut write.fields.title);

    for version in [0, 2, -1, i64::MAX] {
        let updated = store.rewrite(id, Some(version), START, rename).await;
        assert!(updated.is_none(), "{version}");
    }
    let nothing = store.rewrite(NOTHING, None, START, rename).await;

    assert!(nothing.is_none());
    let post = store.post(id).await.unwrap().unwrap();
    assert_eq!((post.fields.title.as_str(), post.version), ("old", 1));
    assert_eq!(store.count("post_revisions").await, 1);
    let updated = store.rewrite(id, Some(1), START, rename).await;
    assert_eq!(updated.unwrap().version, 2);
    assert_eq!(store.count("post_revisions").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_updates_of_one_version_one_succeeds() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "old").await;

    let updates = (0..20).map(|_| store.rewrite(id, Some(1), START, |_| {}));
    let updated = join_all(updates).await;

    let succeeded = updated.into_iter().flatten();
    assert_eq!(succeeded.count(), 1);
    assert_eq!(store.post(id).await.unwrap().unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_is_in_the_trash_and_nowhere_else() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "deleted").await;
    let kept = store.add_post(user, "kept").await;

    let deleted = store
        .trash_post(id, (user, Role::Author), Some(1), later(1))
        .await;

    assert!(deleted.unwrap());
    assert!(store.post_is_hidden(id, user).await);
    assert!(!store.post_is_hidden(kept, user).await);
    assert_eq!(store.count("posts").await, 2);
    let by = format!("SELECT deleted_by FROM posts WHERE id = {id}");
    assert_eq!(store.number(&by).await, user.0);
    let again = store
        .trash_post(id, (user, Role::Author), None, later(2))
        .await;
    assert!(!again.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_another_version_is_not_deleted() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "kept").await;

    assert!(
        !store
            .trash_post(id, (user, Role::Author), Some(2), START)
            .await
            .unwrap()
    );
    assert!(
        !store
            .trash_post(NOTHING, (user, Role::Author), None, START)
            .await
            .unwrap()
    );

    assert!(!store.post_is_hidden(id, user).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_delete_a_post_one_does() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_post(user, "wanted gone").await;

    let deletes = (0..20).map(|_| store.trash_post(id, (user, Role::Author), None, START));
    let deleted = join_all(deletes).await;

    let succeeded = deleted
        .into_iter()
        .filter(|answer| *answer.as_ref().unwrap());
    assert_eq!(succeeded.count(), 1);
}
