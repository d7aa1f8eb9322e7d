//! Todos.

use crate::{Description, Invalid, Timestamp, Title, TodoId, UserId};

/// A todo, private to its owner.
#[derive(Clone, Debug)]
pub struct Todo {
    /// The todo's number.
    pub id: TodoId,
    /// Whose it is.
    pub user_id: UserId,
    /// What to do.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// Whether it is done.
    pub completed: bool,
    /// How urgent it is, 9 most.
    pub priority: i64,
    /// By when it should be done.
    pub due_at: Option<Timestamp>,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was saved, from 1 up.
    pub version: i64,
}

/// How urgent a todo is: 0 to 9.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Priority(i64);

impl Priority {
    /// The highest priority.
    pub const MAX: i64 = 9;

    /// Checks the range.
    ///
    /// # Errors
    /// Numbers below 0 or above 9.
    pub fn parse(number: i64) -> Result<Self, Invalid> {
        if (0..=Self::MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(Invalid::new(format!(
                "must be an integer from 0 to {}",
                Self::MAX
            )))
        }
    }

    /// The number itself.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A todo about to be stored.
#[derive(Clone, Debug)]
pub struct NewTodo {
    /// Whose it will be.
    pub user_id: UserId,
    /// What to do.
    pub title: Title,
    /// More about it.
    pub description: Option<Description>,
    /// Whether it is done already.
    pub completed: bool,
    /// How urgent it is.
    pub priority: Priority,
    /// By when it should be done.
    pub due_at: Option<Timestamp>,
}

/// What to change of a todo: what is absent stays as it is; an inner `None` clears.
#[derive(Clone, Debug, Default)]
pub struct TodoPatch {
    /// Another owner.
    pub user_id: Option<UserId>,
    /// A new title.
    pub title: Option<Title>,
    /// Another description, or none.
    pub description: Option<Option<Description>>,
    /// Done, or not.
    pub completed: Option<bool>,
    /// Another priority.
    pub priority: Option<Priority>,
    /// Another date, or none.
    pub due_at: Option<Option<Timestamp>>,
}

/// Which of a user's todos to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TodoFilter {
    /// Only the done, or only the open.
    pub completed: Option<bool>,
    /// Only those of this priority.
    pub priority: Option<i64>,
    /// Only those that are due before this time.
    pub due_before: Option<Timestamp>,
    /// Only those that are due after this time.
    pub due_after: Option<Timestamp>,
    /// Only those that have each of these in the title or the description, folded as
    /// [`TodoKeys`] are.
    pub words: Vec<String>,
}

/// In which order to list todos; ties go by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TodoSort {
    /// The newest first.
    #[default]
    Newest,
    /// The most urgent first, and of these the newest.
    Priority,
    /// What is due next first; what has no date last.
    Due,
    /// By title, without case and accents.
    Title,
}

/// What todos are sorted and found by: texts without case and accents. Of a change, those that it
/// changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TodoKeys {
    /// Of the title.
    pub title: Option<String>,
    /// Of the description.
    pub description: Option<String>,
}

/// A todo from before there were keys.
#[derive(Clone, Debug)]
pub struct TodoToComplete {
    /// Its number.
    pub id: TodoId,
    /// Its title.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
}

impl TodoPatch {
    /// Whether nothing is to be changed.
    pub const fn is_empty(&self) -> bool {
        self.user_id.is_none()
            && self.title.is_none()
            && self.description.is_none()
            && self.completed.is_none()
            && self.priority.is_none()
            && self.due_at.is_none()
    }
}
