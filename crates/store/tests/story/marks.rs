//! Marks on posts and follows.

use model::{Cursor, Mark, PageLimit, PostId, Role, UserId};

use inkgate_store::PostReader;

use crate::support::{START, TestStore, later, titles};

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_put_once_and_listed_by_when_it_was_put() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let mut posts = Vec::new();
    for number in 0..4 {
        posts.push(store.add_post(alice, &number.to_string()).await);
    }
    for mark in [Mark::Favorite, Mark::Bookmark] {
        for (seconds, number) in [(1, 2), (2, 0), (3, 3), (3, 1), (9, 2)] {
            let post = posts[number];
            store
                .insert_mark(mark, bob, post, later(seconds))
                .await
                .unwrap();
        }
    }
    store
        .trash_post(posts[3], (alice, Role::Author), None, START)
        .await
        .unwrap();
    let list = async |mark, user_id, seconds| {
        let now = later(seconds);
        let reader = PostReader {
            user_id,
            sees_all: false,
            now,
        };
        let limit = PageLimit::parse("2").unwrap();
        let first = store
            .marked_posts(mark, &reader, &Cursor::NEWEST, limit)
            .await
            .unwrap();
        let Some(next) = first.next else {
            return titles(&first.rows).join(" ");
        };
        let second = store
            .marked_posts(mark, &reader, &next, limit)
            .await
            .unwrap();
        assert!(second.next.is_none());
        titles(&[first.rows, second.rows].concat()).join(" ")
    };

    for mark in [Mark::Favorite, Mark::Bookmark] {
        assert_eq!(list(mark, bob, 10).await, "1 0 2");
        assert_eq!(list(mark, alice, 10).await, "");
        store.delete_mark(mark, bob, posts[0]).await.unwrap();
        store.delete_mark(mark, bob, posts[0]).await.unwrap();
        store.delete_mark(mark, alice, posts[1]).await.unwrap();
        assert_eq!(list(mark, bob, 10).await, "1 2");
    }
    assert_eq!(store.counts(posts[0]).await, (0, 0));
    assert_eq!(store.counts(posts[1]).await, (0, 1));
    let exported = store
        .exported_marks(Mark::Favorite, bob, PostId(0))
        .await
        .unwrap();
    assert_eq!(exported.len(), 3);
    assert_eq!(exported[1].created_at, later(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_holds_what_those_one_follows_have_published() {
    let store = TestStore::open().await;
    let reader = store.add_user("reader").await;
    let mut authors = Vec::new();
    for number in 0..4 {
        authors.push(store.add_user(&format!("author {number}")).await);
    }
    for number in 0..40 {
        // Three of each moment, so that numbers decide.
        let (author, at) = (authors[number % 4], number as u64 / 3);
        store.add_post_at(author, &number.to_string(), at).await;
    }
    let follow = async |author| store.insert_follow(reader, author, START).await.unwrap();
    let feed = async |limit: &str| {
        let (mut found, mut before) = (Vec::new(), Cursor::NEWEST);
        let limit = PageLimit::parse(limit).unwrap();
        loop {
            let page = store.feed(reader, &before, limit).await.unwrap();
            found.extend(page.rows.into_iter().map(|post| post.fields.title));
            match page.next {
                Some(next) => before = next,
                None => return found,
            }
        }
    };

    assert!(feed("3").await.is_empty());
    for author in [authors[0], authors[1], authors[1], authors[3]] {
        follow(author).await;
    }
    assert_eq!(
        store
            .count_follows_beside(reader, authors[1])
            .await
            .unwrap(),
        2
    );
    let wanted: Vec<_> = (0..40).rev().filter(|number| number % 4 != 2).collect();
    let wanted: Vec<_> = wanted.iter().map(ToString::to_string).collect();
    for limit in ["1", "2", "7", "100"] {
        assert_eq!(feed(limit).await, wanted, "{limit}");
    }
    store.delete_follow(reader, authors[0]).await.unwrap();
    store.delete_user(authors[3], START, &[]).await.unwrap();
    let newest = store.post(PostId(38)).await.unwrap().unwrap();
    assert_eq!(newest.author.id, authors[1]);
    store
        .trash_post(newest.id, (authors[1], Role::Author), None, START)
        .await
        .unwrap();
    let left = feed("100").await;
    assert_eq!(left.len(), 9);
    assert_eq!(left[0], "33");
    let exported = store.exported_follows(reader, UserId(0)).await.unwrap();
    assert_eq!(exported.len(), 2);
}
