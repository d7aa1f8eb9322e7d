//! Lists of todos: complete ones in batches, and pages.

use futures_util::future::join_all;
use inkgate_store::{BATCH_BYTES, BATCH_ROWS};
use model::{Cursor, Description, NewTodo, PageLimit, Priority, Todo, TodoFilter, TodoId, UserId};

use crate::support::{START, TestStore, later, new_todo};

const NOBODY: UserId = UserId(999_999);

fn ids(todos: &[Todo]) -> Vec<TodoId> {
    todos.iter().map(|todo| todo.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_todos_go_from_the_newest_to_the_oldest_of_one_owner() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let mut todos = Vec::new();
    for (number, seconds) in [4, 2, 2, 8, 2, 0].into_iter().enumerate() {
        let todo = store
            .add_todo_at(alice, &format!("todo {number}"), seconds)
            .await;
        store.add_todo_at(bob, "his", seconds).await;
        todos.push((seconds, todo.id));
    }
    todos.sort_unstable();
    let expected: Vec<_> = todos.into_iter().rev().map(|(_, id)| id).collect();

    for limit in ["1", "2", "5", "6", "100"] {
        let pages = store
            .every_page_of_todos(alice, &TodoFilter::default(), limit)
            .await;
        assert_eq!(ids(&pages), expected, "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn todos_that_come_between_pages_make_no_other_appear_twice_or_never() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let mut expected = Vec::new();
    for number in 0..11 {
        expected.insert(0, store.add_todo_at(user, "old", number / 3).await.id);
    }
    let (limit, filter) = (PageLimit::parse("2").unwrap(), TodoFilter::default());

    let (mut seen, mut before) = (Vec::new(), Cursor::NEWEST);
    loop {
        let page = store
            .newest_todos(user, &filter, &before, limit)
            .await
            .unwrap();
        seen.extend(ids(&page.rows));
        let Some(next) = page.next else { break };
        before = next;
        store.add_todo_at(user, "newer", 100).await;
        store.add_todo_at(user, "same moment", 3).await;
    }

    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_of_todos_lets_through_what_it_names() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    for (seconds, (completed, priority)) in [(false, 0), (true, 0), (false, 5), (true, 5)]
        .into_iter()
        .enumerate()
    {
        let new = NewTodo {
            completed,
            priority: Priority::parse(priority).unwrap(),
            ..new_todo(user, &format!("{seconds}"))
        };
        let inserted = store.insert_todo(&new, later(seconds as u64), None).await;
        inserted.unwrap().unwrap();
    }

    for (completed, priority, expected) in [
        (None, None, "3210"),
        (Some(true), None, "31"),
        (Some(false), None, "20"),
        (None, Some(5), "32"),
        (Some(false), Some(5), "2"),
        (None, Some(i64::MAX), ""),
        (None, Some(i64::MIN), ""),
    ] {
        let filter = TodoFilter {
            completed,
            priority,
        };
        let pages = store.every_page_of_todos(user, &filter, "1").await;
        let titles: String = pages.into_iter().map(|todo| todo.title).collect();
        assert_eq!(titles, expected, "{filter:?}");
        if priority.is_none() {
            let batches = store.every_batch_of_todos(user, completed).await;
            let titles = batches.concat().into_iter().map(|todo| todo.title);
            assert_eq!(titles.rev().collect::<String>(), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_list_of_todos_comes_in_bounded_batches() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let short = new_todo(alice, "short");
    let long = NewTodo {
        description: Some(Description::parse(&"小".repeat(Description::MAX_CHARS)).unwrap()),
        ..new_todo(alice, "long")
    };
    store.add_todo(bob, "his").await;
    let inserts = (0..BATCH_ROWS + 3).map(|_| store.insert_todo(&short, START, None));
    let mut expected = join_all(inserts).await;
    let inserts = (0..40).map(|_| store.insert_todo(&long, START, None));
    expected.extend(join_all(inserts).await);
    let mut expected: Vec<_> = expected
        .into_iter()
        .map(|todo| todo.unwrap().unwrap().id)
        .collect();
    expected.sort_unstable();

    let batches = store.every_batch_of_todos(alice, None).await;
    let first_two = store.todos_after(alice, TodoId(0), None, 2).await.unwrap();

    for batch in &batches {
        assert!(batch.len() <= BATCH_ROWS as usize);
        let bytes = |todo: &Todo| todo.description.as_deref().map_or(0, str::len);
        let held: usize = batch[..batch.len() - 1].iter().map(bytes).sum();
        assert!(held < BATCH_BYTES, "{held}");
    }
    assert!(batches.len() >= 4, "{}", batches.len());
    assert_eq!(ids(&batches.concat()), expected);
    assert_eq!(ids(&first_two), expected[..2]);
    assert!(store.every_batch_of_todos(NOBODY, None).await.is_empty());
}
