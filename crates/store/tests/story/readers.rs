//! Comments, and what is counted of them and of favorites beside posts.

use futures_util::future::join_all;
use model::{
    CommentContent, CommentDraft, CommentFilter, CommentId, CommentRevision, CommentStatus, Cursor,
    Mark, NewComment, PageLimit, PostId, Role, UserId,
};

use crate::support::{START, TestStore, later};

pub(crate) fn new_comment(user_id: UserId, post_id: PostId, text: &str) -> NewComment {
    NewComment {
        post_id,
        user_id,
        draft: CommentDraft {
            content: CommentContent::parse(text).unwrap(),
            parent_id: None,
        },
        html: format!("<p>{text}</p>\n"),
        status: CommentStatus::Approved,
    }
}

impl TestStore {
    async fn add_comment(&self, user: UserId, post: PostId, text: &str) -> model::Comment {
        let new = new_comment(user, post, text);
        self.insert_comment(&new, START, None)
            .await
            .unwrap()
            .unwrap()
    }

    /// The counts of comments and favorites that stand beside a post.
    pub(crate) async fn counts(&self, post: PostId) -> (i64, i64) {
        let counted = |column: &str| format!("SELECT {column} FROM posts WHERE id = {post}");
        (
            self.number(&counted("comment_count")).await,
            self.number(&counted("favorite_count")).await,
        )
    }

    /// The same, counted anew.
    async fn rows(&self, post: PostId) -> (i64, i64) {
        let comments = format!("comments WHERE status = 'approved' AND post_id = {post}");
        let favorites = format!("favorites WHERE post_id = {post}");
        (self.count(&comments).await, self.count(&favorites).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_is_counted_and_nothing_else() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let post = store.add_post(alice, "a post").await;
    let version = store.post(post).await.unwrap().unwrap().version;
    let comment = store.add_comment(bob, post, "one").await;
    let mut pending = new_comment(bob, post, "two");
    pending.status = CommentStatus::Pending;
    let pending = store
        .insert_comment(&pending, START, None)
        .await
        .unwrap()
        .unwrap();

    assert_eq!(store.counts(post).await, (1, 0));
    for (status, count) in [
        (CommentStatus::Approved, 2),
        (CommentStatus::Approved, 2),
        (CommentStatus::Spam, 1),
        (CommentStatus::Rejected, 1),
        (CommentStatus::Approved, 2),
    ] {
        let moderated = store
            .moderate_comment(&pending, status, None, None)
            .await
            .unwrap();
        assert_eq!(moderated.unwrap().status, status);
        assert_eq!(store.counts(post).await, (count, 0), "{status:?}");
    }
    let revision = CommentRevision {
        content: CommentContent::parse("other words").unwrap(),
        html: String::new(),
        moderated: true,
    };
    let edited = store
        .update_comment(&comment, &revision, None, later(1))
        .await;
    let edited = edited.unwrap().unwrap();
    assert_eq!(edited.status, CommentStatus::Pending);
    assert_eq!((edited.version, edited.updated_at), (2, later(1)));
    assert_eq!(store.counts(post).await, (1, 0));
    assert!(store.delete_comment(&comment, None).await.unwrap());
    assert!(store.delete_comment(&pending, None).await.unwrap());
    assert!(!store.delete_comment(&pending, None).await.unwrap());
    assert_eq!(store.counts(post).await, (0, 0));
    let now = store.post(post).await.unwrap().unwrap();
    assert_eq!((now.version, now.updated_at), (version, START));
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_exact_when_many_write_at_once() {
    let store = TestStore::open().await;
    let author = store.add_user("author").await;
    let posts = [
        store.add_post(author, "one").await,
        store.add_post(author, "two").await,
    ];
    let mut users = Vec::new();
    for number in 0..8 {
        users.push(store.add_user(&format!("user {number}")).await);
    }

    let busy = users.iter().enumerate().map(|(number, &user)| {
        let store = &store;
        async move {
            for round in 0..12 {
                let post = posts[(number + round) % 2];
                store
                    .insert_mark(Mark::Favorite, user, post, START)
                    .await
                    .unwrap();
                let new = new_comment(user, post, "words");
                // Somebody is deleted meanwhile.
                let Some(comment) = store.insert_comment(&new, START, None).await.unwrap() else {
                    continue;
                };
                let status = CommentStatus::ALL[round % 4];
                let (mark, moderated) = tokio::join!(
                    store.delete_mark(Mark::Favorite, user, posts[round % 2]),
                    store.moderate_comment(&comment, status, None, None),
                );
                mark.unwrap();
                moderated.unwrap();
                if round % 3 == 0 {
                    store.delete_comment(&comment, None).await.unwrap();
                }
            }
        }
    });
    let deleting = async { store.delete_user(users[0], START, &[]).await.unwrap() };
    let purging = async {
        for _ in 0..30 {
            store.purge_deleted_users().await.unwrap();
        }
    };
    tokio::join!(join_all(busy), deleting, purging);
    while store.purge_deleted_users().await.unwrap() > 0 {}

    for post in posts {
        assert_eq!(store.counts(post).await, store.rows(post).await);
        assert!(store.rows(post).await.0 > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_answers_one_of_the_same_post_that_answers_none() {
    let store = TestStore::open().await;
    let alice = store.add_user("alice").await;
    let (post, other) = (
        store.add_post(alice, "a").await,
        store.add_post(alice, "b").await,
    );
    let top = store.add_comment(alice, post, "top").await;
    let elsewhere = store.add_comment(alice, other, "elsewhere").await;
    let answer = async |parent: CommentId| {
        let mut new = new_comment(alice, post, "an answer");
        new.draft.parent_id = Some(parent);
        store.insert_comment(&new, later(1), None).await.unwrap()
    };

    let reply = answer(top.id).await.unwrap();
    assert_eq!(reply.parent_id, Some(top.id));
    assert!(answer(reply.id).await.is_none());
    assert!(answer(elsewhere.id).await.is_none());
    assert!(answer(CommentId(999)).await.is_none());
    store
        .moderate_comment(&top, CommentStatus::Spam, None, None)
        .await
        .unwrap();
    assert!(answer(top.id).await.is_none());

    // What answered a comment that is gone stands by itself, and can be answered.
    store.delete_comment(&top, None).await.unwrap();
    let reply = store.comment(reply.id).await.unwrap().unwrap();
    assert_eq!((reply.parent_id, reply.version), (None, 1));
    assert!(answer(reply.id).await.is_some());
    assert_eq!(store.counts(post).await, store.rows(post).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comments_where_nobody_can() {
    let store = TestStore::open().await;
    let (alice, gone) = (store.add_user("alice").await, store.add_user("gone").await);
    let (trashed, closed) = (
        store.add_post(alice, "a").await,
        store.add_post(alice, "b").await,
    );
    let open = store.add_post(alice, "c").await;
    store
        .trash_post(trashed, (alice, Role::Author), None, START)
        .await
        .unwrap();
    let close = format!("UPDATE posts SET comments_enabled = FALSE WHERE id = {closed}");
    store.execute(&close).await;
    store.delete_user(gone, START, &[]).await.unwrap();

    for (user, post) in [
        (alice, trashed),
        (alice, closed),
        (alice, PostId(999)),
        (gone, open),
    ] {
        let new = new_comment(user, post, "words");
        assert!(
            store
                .insert_comment(&new, START, None)
                .await
                .unwrap()
                .is_none()
        );
    }
    store
        .insert_mark(Mark::Favorite, alice, trashed, START)
        .await
        .unwrap();
    store
        .insert_mark(Mark::Bookmark, gone, open, START)
        .await
        .unwrap();
    assert_eq!(store.count("comments").await, 0);
    assert_eq!(
        store.count("favorites").await + store.count("bookmarks").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_comments_goes_from_old_to_new_with_one_s_own_that_wait() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let post = store.add_post(alice, "a post").await;
    for number in 0..7 {
        let mut new = new_comment(bob, post, &number.to_string());
        new.status = CommentStatus::ALL[number % 4];
        // Two of each moment.
        let at = later(number as u64 / 2);
        store.insert_comment(&new, at, None).await.unwrap().unwrap();
    }
    let list = async |reader: Option<UserId>| {
        let (mut found, mut after) = (Vec::new(), Cursor::LOWEST);
        let limit = PageLimit::parse("2").unwrap();
        loop {
            let page = store
                .comments_of_post(post, reader, &after, limit)
                .await
                .unwrap();
            found.extend(page.rows.iter().map(|comment| comment.content.clone()));
            match page.next {
                Some(next) => after = next,
                None => return found,
            }
        }
    };

    assert_eq!(list(None).await, ["0", "4"]);
    assert_eq!(list(Some(alice)).await, ["0", "4"]);
    assert_eq!(list(Some(bob)).await, ["0", "1", "4", "5"]);
    let queue = async |status, post_author| {
        let filter = CommentFilter {
            status,
            post_author,
        };
        let page = store
            .comments(&filter, &Cursor::LOWEST, PageLimit::MOST)
            .await;
        let texts = page
            .unwrap()
            .rows
            .into_iter()
            .map(|comment| comment.content);
        texts.collect::<Vec<_>>()
    };
    assert_eq!(queue(CommentStatus::Pending, None).await, ["1", "5"]);
    assert_eq!(queue(CommentStatus::Spam, Some(alice)).await, ["2", "6"]);
    assert_eq!(queue(CommentStatus::Pending, Some(bob)).await, [""; 0]);
    store
        .trash_post(post, (alice, Role::Author), None, START)
        .await
        .unwrap();
    assert_eq!(queue(CommentStatus::Pending, None).await, [""; 0]);
    assert_eq!(queue(CommentStatus::Spam, Some(alice)).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_outlive_their_author_and_not_their_post() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let (hers, his) = (
        store.add_post(alice, "hers").await,
        store.add_post(bob, "his").await,
    );
    let kept = store.add_comment(bob, hers, "his words").await;
    store.add_comment(alice, his, "her words").await;
    store
        .insert_mark(Mark::Favorite, bob, hers, START)
        .await
        .unwrap();
    store
        .insert_mark(Mark::Bookmark, bob, hers, START)
        .await
        .unwrap();
    store
        .insert_mark(Mark::Favorite, alice, his, START)
        .await
        .unwrap();
    store.insert_follow(bob, alice, START).await.unwrap();
    store.insert_follow(alice, bob, START).await.unwrap();
    assert_eq!(store.counts(hers).await, (1, 1));
    store.suspend_user(bob, START).await.unwrap();
    assert!(store.comment(kept.id).await.unwrap().unwrap().is_by(bob));

    store.delete_user(bob, START, &[]).await.unwrap();
    let shown = store.comment(kept.id).await.unwrap().unwrap();
    assert!(shown.author.is_none());
    while store.purge_deleted_users().await.unwrap() > 0 {}

    let shown = store.comment(kept.id).await.unwrap().unwrap();
    assert_eq!((shown.content.as_str(), shown.version), ("his words", 1));
    assert!(shown.author.is_none());
    assert_eq!(store.count("comments").await, 1);
    assert_eq!(store.count("users").await, 1);
    for table in ["favorites", "bookmarks", "follows"] {
        assert_eq!(store.count(table).await, 0, "{table}");
    }
    assert_eq!(store.counts(hers).await, (1, 0));
}
