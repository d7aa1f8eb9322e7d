//! Todos: private to their owner, done or not.

use futures_util::future::join_all;
use model::{
    Cursor, Description, NewTodo, PageLimit, Priority, Timestamp, Todo, TodoFilter, TodoId,
    TodoPatch, UserId,
};

use crate::support::{START, TestStore, later, new_todo, title};

const NOBODY: UserId = UserId(999_999);
const NOTHING: TodoId = TodoId(999_999);

/// A todo without the times at which it was saved, to compare.
type Comparable = (
    UserId,
    String,
    Option<String>,
    bool,
    i64,
    Option<Timestamp>,
    Option<Timestamp>,
);

fn comparable(todo: &Todo) -> Comparable {
    (
        todo.user_id,
        todo.title.clone(),
        todo.description.clone(),
        todo.completed,
        todo.priority,
        todo.due_at,
        todo.completed_at,
    )
}

impl TestStore {
    pub(crate) async fn read(&self, id: TodoId) -> Todo {
        self.todo(id).await.unwrap().unwrap()
    }

    pub(crate) async fn every_page_of_todos(
        &self,
        user: UserId,
        filter: &TodoFilter,
        limit: &str,
    ) -> Vec<Todo> {
        let limit = PageLimit::parse(limit).unwrap();
        let (mut todos, mut before) = (Vec::new(), Cursor::NEWEST);
        loop {
            let page = self
                .newest_todos(user, filter, &before, limit)
                .await
                .unwrap();
            assert!(page.rows.len() <= limit.get() as usize);
            todos.extend(page.rows);
            match page.next {
                Some(next) => before = next,
                None => return todos,
            }
        }
    }

    pub(crate) async fn every_batch_of_todos(
        &self,
        user: UserId,
        completed: Option<bool>,
    ) -> Vec<Vec<Todo>> {
        let (mut batches, mut after) = (Vec::new(), TodoId(0));
        loop {
            let batch = self.todos_after(user, after, completed, u32::MAX).await;
            let batch = batch.unwrap();
            let Some(last) = batch.last() else {
                return batches;
            };
            after = last.id;
            batches.push(batch);
        }
    }

    /// Whether no question at all gives or changes a todo; every question must agree.
    pub(crate) async fn todo_is_hidden(&self, id: TodoId, user: UserId) -> bool {
        let batches = self.every_batch_of_todos(user, None).await.concat();
        let pages = self
            .every_page_of_todos(user, &TodoFilter::default(), "100")
            .await;
        let patch = TodoPatch::default();
        let update = self.update_todo(id, &patch, None, START).await.unwrap();
        let mut seen = vec![
            self.todo(id).await.unwrap().is_some(),
            batches.iter().any(|todo| todo.id == id),
            pages.iter().any(|todo| todo.id == id),
            update.is_some(),
        ];
        if seen.iter().all(|seen| !seen) {
            seen.push(self.delete_todo(id, None).await.unwrap());
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
        !seen[0]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_comes_back_as_it_was_stored() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let new = NewTodo {
        description: Some(Description::parse("").unwrap()),
        completed: true,
        priority: Priority::parse(9).unwrap(),
        due_at: Some(Timestamp::from_micros(-1)),
        ..new_todo(user, " 'Milk' 🥛 ")
    };

    let given = store
        .insert_todo(&new, later(1), None)
        .await
        .unwrap()
        .unwrap();

    let read = store.read(given.id).await;
    for todo in [&given, &read] {
        assert_eq!(todo.id, given.id);
        assert_eq!(todo.created_at, later(1));
        assert_eq!(todo.updated_at, later(1));
        assert_eq!(todo.version, 1);
        assert_eq!(
            comparable(todo),
            (
                user,
                " 'Milk' 🥛 ".to_owned(),
                Some(String::new()),
                true,
                9,
                Some(Timestamp::from_micros(-1)),
                Some(later(1))
            )
        );
    }
    let plain = store.add_todo_at(user, "plain", 0).await;
    assert_eq!(
        comparable(&plain),
        (user, "plain".to_owned(), None, false, 0, None, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_no_todo() {
    let store = TestStore::open().await;
    let gone = store.add_user("gone").await;
    store.delete_user(gone, START, &[]).await.unwrap();

    for user in [NOBODY, gone] {
        let todo = store
            .insert_todo(&new_todo(user, "a title"), START, None)
            .await;
        assert!(todo.unwrap().is_none());
    }

    assert_eq!(store.count("todos").await, 0);
    assert!(store.todo(NOTHING).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_the_newest_todo_is_never_given_again() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let highest = store.add_todo(user, "the highest").await;
    assert!(store.delete_todo(highest, None).await.unwrap());

    let next = store.add_todo(user, "the next").await;

    assert!(next > highest);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_it_names_and_can_clear() {
    let store = TestStore::open().await;
    let (alice, bob) = (store.add_user("alice").await, store.add_user("bob").await);
    let id = store.add_todo(alice, "old").await;
    let other = store.add_todo(alice, "other").await;
    let description = Some(Description::parse("more").unwrap());
    let due = Some(later(60));
    let patch = |change: &dyn Fn(&mut TodoPatch)| {
        let mut patch = TodoPatch::default();
        change(&mut patch);
        patch
    };
    let seven = Some(Priority::parse(7).unwrap());
    let patches = [
        (
            patch(&|patch| patch.title = Some(title("new"))),
            (alice, "new", None, 0, None),
        ),
        (
            patch(&|patch| patch.description = Some(description.clone())),
            (alice, "new", Some("more"), 0, None),
        ),
        (
            patch(&|patch| patch.priority = seven),
            (alice, "new", Some("more"), 7, None),
        ),
        (
            patch(&|patch| patch.due_at = Some(due)),
            (alice, "new", Some("more"), 7, due),
        ),
        (
            patch(&|patch| patch.user_id = Some(bob)),
            (bob, "new", Some("more"), 7, due),
        ),
        (
            patch(&|patch| patch.description = Some(None)),
            (bob, "new", None, 7, due),
        ),
        (
            patch(&|patch| patch.due_at = Some(None)),
            (bob, "new", None, 7, None),
        ),
    ];

    for ((patch, (user, text, description, priority, due)), seconds) in patches.into_iter().zip(1..)
    {
        let updated = store.update_todo(id, &patch, None, later(seconds)).await;
        let updated = updated.unwrap().unwrap();

        let read = store.read(id).await;
        for todo in [&updated, &read] {
            let (text, description) = (text.to_owned(), description.map(str::to_owned));
            let expected = (user, text, description, false, priority, due, None);
            assert_eq!(comparable(todo), expected);
            assert_eq!((todo.created_at, todo.updated_at), (START, later(seconds)));
            assert_eq!(todo.version, 1 + seconds as i64);
        }
    }

    assert_eq!(store.read(other).await.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moment_of_completion_is_set_kept_and_cleared() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_todo(user, "a title").await;
    let steps = [
        // What is named, and since when the todo is done after that.
        (Some(false), None),
        (Some(true), Some(later(1))),
        (None, Some(later(1))),
        (Some(true), Some(later(1))),
        (Some(false), None),
        (None, None),
        (Some(true), Some(later(6))),
    ];

    for ((completed, since), seconds) in steps.into_iter().zip(0..) {
        let patch = TodoPatch {
            completed,
            title: Some(title(&format!("title {seconds}"))),
            ..TodoPatch::default()
        };
        let updated = store.update_todo(id, &patch, None, later(seconds)).await;

        let todo = updated.unwrap().unwrap();
        assert_eq!(todo.completed_at, since, "step {seconds}");
        assert_eq!(todo.completed, since.is_some(), "step {seconds}");
        assert_eq!(store.read(id).await.completed_at, since);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_that_is_made_done_is_done_since_then() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let new = NewTodo {
        completed: true,
        ..new_todo(user, "a title")
    };

    let todo = store
        .insert_todo(&new, later(5), None)
        .await
        .unwrap()
        .unwrap();

    assert_eq!(todo.completed_at, Some(later(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_a_todo_to_nobody_changes_nothing() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let gone = store.add_user("gone").await;
    store.delete_user(gone, START, &[]).await.unwrap();
    let id = store.add_todo(user, "kept").await;

    for owner in [NOBODY, gone] {
        let patch = TodoPatch {
            user_id: Some(owner),
            title: Some(title("changed")),
            ..TodoPatch::default()
        };
        let updated = store.update_todo(id, &patch, None, later(1)).await;
        assert!(updated.unwrap().is_none());
    }

    let todo = store.read(id).await;
    assert_eq!((todo.title.as_str(), todo.version), ("kept", 1));
    assert_eq!(todo.user_id, user);
    assert_eq!(todo.updated_at, START);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_of_another_version_is_neither_changed_nor_deleted() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_todo(user, "kept").await;
    let patch = TodoPatch {
        title: Some(title("changed")),
        ..TodoPatch::default()
    };

    for (id, version) in [
        (id, Some(0)),
        (id, Some(2)),
        (NOTHING, None),
        (NOTHING, Some(1)),
    ] {
        let updated = store.update_todo(id, &patch, version, START).await;
        assert!(updated.unwrap().is_none());
        assert!(!store.delete_todo(id, version).await.unwrap());
    }

    assert_eq!(store.read(id).await.title, "kept");
    assert!(
        store
            .update_todo(id, &patch, Some(1), START)
            .await
            .unwrap()
            .is_some()
    );
    assert!(!store.delete_todo(id, Some(1)).await.unwrap());
    assert!(store.delete_todo(id, Some(2)).await.unwrap());
    assert!(!store.delete_todo(id, None).await.unwrap());
    assert!(store.todo_is_hidden(id, user).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_change_or_delete_one_version_one_succeeds() {
    let store = TestStore::open().await;
    let user = store.add_user("alice").await;
    let id = store.add_todo(user, "wanted").await;
    let patch = TodoPatch::default();

    let updates = (0..10).map(|_| store.update_todo(id, &patch, Some(1), START));
    let deletes = (0..10).map(|_| store.delete_todo(id, Some(1)));
    let (updated, deleted) = tokio::join!(join_all(updates), join_all(deletes));

    let updated = updated
        .into_iter()
        .filter(|answer| answer.as_ref().unwrap().is_some());
    let deleted = deleted
        .into_iter()
        .filter(|answer| *answer.as_ref().unwrap());
    assert_eq!(updated.count() + deleted.count(), 1);
}
