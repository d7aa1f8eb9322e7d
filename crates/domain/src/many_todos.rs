//! What can be done with many todos at once: all of them, or none.

use futures_util::future::try_join_all;
use model::{NewIdempotencyKey, Todo, TodoId, TodoKeys};

use crate::{Actor, Domain, Error, Noun, Result};

impl Domain {
    /// Todos that the caller may see, in the order of their ids here.
    pub async fn todos_by_ids(&self, actor: &Actor, ids: &[TodoId]) -> Result<Vec<Todo>> {
        try_join_all(ids.iter().map(|id| self.todo(actor, *id))).await
    }

    /// Marks todos as done and gives them; those that are done already stay as they are.
    pub async fn complete_many_todos(
        &self,
        actor: &Actor,
        ids: &[TodoId],
        key: Option<NewIdempotencyKey>,
    ) -> Result<Vec<Todo>> {
        self.todos_by_ids(actor, ids).await?;
        let completed = self
            .store
            .complete_todos(ids, self.clock.now(), key.as_ref());
        let mut todos = completed.await?.ok_or(Error::NotFound(Noun::Todo))?;
        todos.sort_by_key(|todo| ids.iter().position(|id| *id == todo.id));
        Ok(todos)
    }

    /// Deletes todos for good.
    pub async fn delete_many_todos(
        &self,
        actor: &Actor,
        ids: &[TodoId],
        key: Option<NewIdempotencyKey>,
    ) -> Result<()> {
        self.todos_by_ids(actor, ids).await?;
        if self.store.delete_todos(ids, key.as_ref()).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::Todo))
        }
    }

    /// Gives keys to todos that came without: of before there were some, or of another program.
    pub async fn complete_todos(&self) -> Result<()> {
        let mut after = TodoId(0);
        loop {
            let batch = self.store.todos_to_complete(after).await?;
            let Some(last) = batch.last() else {
                return Ok(());
            };
            after = last.id;
            let keyed = batch.iter().map(async |todo| {
                let description = todo.description.as_deref().unwrap_or_default();
                let keys = TodoKeys {
                    title: Some(render::title_key(&todo.title)),
                    description: Some(render::title_key(description)),
                };
                self.store.set_todo_keys(todo, &keys).await
            });
            try_join_all(keyed).await?;
        }
    }
}
