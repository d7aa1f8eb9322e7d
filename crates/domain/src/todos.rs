//! What can be done with todos: private to their owner.

use model::{
    Cursor, FieldError, Invalid, NewIdempotencyKey, NewTodo, Page, PageLimit, Todo, TodoFilter,
    TodoId, TodoPatch, UserId,
};

use crate::auth::policy::{Action, may};
use crate::{Actor, Domain, Error, Noun, Result};

impl Domain {
    /// A page of the caller's todos, newest first.
    pub async fn newest_todos(
        &self,
        actor: &Actor,
        filter: &TodoFilter,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Todo>> {
        Ok(self
            .store
            .newest_todos(actor.id, filter, before, limit)
            .await?)
    }

    /// How many of the caller's todos a filter lets through.
    pub async fn count_todos(&self, actor: &Actor, filter: &TodoFilter) -> Result<i64> {
        Ok(self.store.count_todos(actor.id, filter).await?)
    }

    /// Whether the caller may see the todos of `user`, who must exist.
    pub async fn may_list_todos_of(&self, actor: &Actor, user: UserId) -> Result<()> {
        may(actor, Action::ListTodosOf(user))?;
        self.user(user).await.map(drop)
    }

    /// Whose todos a list filtered by `user` shows to the caller: nobody's when they are not hers
    /// to see.
    pub fn listed_owner(&self, actor: &Actor, user: Option<UserId>) -> Option<UserId> {
        let owner = user.unwrap_or(actor.id);
        may(actor, Action::ListTodosOf(owner))
            .is_ok()
            .then_some(owner)
    }

    /// The next batch of a user's todos by id; empty at the end.
    pub async fn todos_after(
        &self,
        owner: UserId,
        after: TodoId,
        completed: Option<bool>,
        limit: u32,
    ) -> Result<Vec<Todo>> {
        Ok(self
            .store
            .todos_after(owner, after, completed, limit)
            .await?)
    }

    /// One todo, if the caller may see it; asked before a body is looked at.
    pub async fn todo(&self, actor: &Actor, id: TodoId) -> Result<Todo> {
        let todo = self
            .store
            .todo(id)
            .await?
            .ok_or(Error::NotFound(Noun::Todo))?;
        may(actor, Action::UseTodo(&todo))?;
        Ok(todo)
    }

    /// Stores a todo, of the caller's or, by an admin, of somebody else's; with it the key that it
    /// was asked for with.
    pub async fn create_todo(
        &self,
        actor: &Actor,
        new: &NewTodo,
        key: Option<NewIdempotencyKey>,
    ) -> Result<Todo> {
        may(actor, Action::GiveTodoTo(new.user_id))?;
        let inserted = self.store.insert_todo(new, self.clock.now(), key.as_ref());
        let todo = inserted.await?;
        todo.ok_or_else(no_such_owner)
    }

    /// Changes the named fields of a todo, if its version is still `version` where one is named.
    pub async fn update_todo(
        &self,
        actor: &Actor,
        id: TodoId,
        patch: &TodoPatch,
        version: Option<i64>,
    ) -> Result<Todo> {
        let todo = self.todo(actor, id).await?;
        if let Some(owner) = patch.user_id
            && owner != todo.user_id
        {
            may(actor, Action::GiveTodoTo(owner))?;
            if self.store.user(owner).await?.is_none() {
                return Err(no_such_owner());
            }
        }
        if version.is_some_and(|version| version != todo.version) {
            return Err(Error::Stale {
                current: todo.version,
            });
        }
        if patch.is_empty() {
            return Ok(todo);
        }
        let updated = self
            .store
            .update_todo(id, patch, version, self.clock.now())
            .await?;
        match updated {
            Some(todo) => Ok(todo),
            None => Err(Error::Stale {
                current: self.todo(actor, id).await?.version,
            }),
        }
    }

    /// Deletes a todo for good, if its version is still `version` where one is named.
    pub async fn delete_todo(&self, actor: &Actor, id: TodoId, version: Option<i64>) -> Result<()> {
        self.todo(actor, id).await?;
        if self.store.delete_todo(id, version).await? {
            return Ok(());
        }
        Err(Error::Stale {
            current: self.todo(actor, id).await?.version,
        })
    }
}

fn no_such_owner() -> Error {
    let error: FieldError = Invalid {
        code: "unknown_user",
        message: "User not found".to_owned(),
    }
    .of("user_id");
    error.into()
}
