//! Questions about todos.

use model::{
    NewIdempotencyKey, NewTodo, Timestamp, Todo, TodoId, TodoKeys, TodoPatch, TodoToComplete,
    UserId,
};

use crate::db::{Outcome, Row, Statement, Value, params, statements};
use crate::idempotency_keys::remember_key;
use crate::{BATCH_ROWS, Error, Result, Store};

statements! {
    // The owner is looked up: another one than the caller may be named, and be gone.
    INSERT = "INSERT INTO todos (user_id, title, description, completed, priority, due_at,
            completed_at, created_at, updated_at, title_key, description_key)
        SELECT id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BOOLEAN), CAST($5 AS BIGINT),
            CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), $8,
            CAST($9 AS TEXT), CAST($10 AS TEXT)
        FROM users WHERE id = $1 AND deleted_at IS NULL
        RETURNING id, user_id, title, description, completed, priority, due_at, completed_at,
            created_at, updated_at, version";
    BY_ID = "SELECT t.id, t.user_id, t.title, t.description, t.completed, t.priority, t.due_at,
            t.completed_at, t.created_at, t.updated_at, t.version
        FROM todos t JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL WHERE t.id = $1";
    // PostgreSQL sends every row of the limit, whether or not somebody reads on: it must count the
    // bytes (`BATCH_BYTES`) itself.
    AFTER = {
        sqlite: "SELECT t.id, t.user_id, t.title, t.description, t.completed, t.priority, t.due_at,
                t.completed_at, t.created_at, t.updated_at, t.version
            FROM todos t JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL
            WHERE t.user_id = $1 AND t.id > $2 AND t.completed = coalesce($3, t.completed)
            ORDER BY t.id LIMIT $4",
        postgres: "SELECT * FROM (
            SELECT t.id, t.user_id, t.title, t.description, t.completed, t.priority, t.due_at,
                t.completed_at, t.created_at, t.updated_at, t.version,
                sum(octet_length(t.title) + coalesce(octet_length(t.description), 0)) OVER
                    (ORDER BY t.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM todos t JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL
            WHERE t.user_id = $1 AND t.id > $2 AND t.completed = coalesce($3, t.completed)
            ORDER BY t.id LIMIT $4
        ) AS t WHERE coalesce(bytes_before, 0) < 524288 ORDER BY t.id"
    };
    UPDATE = "UPDATE todos SET user_id = coalesce($2, user_id), title = coalesce($3, title),
            description = CASE WHEN $4 THEN $5 ELSE description END,
            completed_at = CASE WHEN coalesce($6, completed) = completed THEN completed_at
                WHEN $6 THEN $7 ELSE NULL END,
            completed = coalesce($6, completed), priority = coalesce($8, priority),
            due_at = CASE WHEN $9 THEN $10 ELSE due_at END,
            title_key = coalesce($12, title_key), description_key = coalesce($13, description_key),
            updated_at = $7, version = version + 1
        WHERE id = $1 AND version = coalesce($11, version)
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = todos.user_id AND u.deleted_at IS NULL)
            AND EXISTS (SELECT 1 FROM users u
                WHERE u.id = coalesce($2, todos.user_id) AND u.deleted_at IS NULL)
        RETURNING id, user_id, title, description, completed, priority, due_at, completed_at,
            created_at, updated_at, version";
    // All of them or none: the number of rows is demanded.
    COMPLETE = {
        sqlite: "UPDATE todos SET completed_at = CASE WHEN completed THEN completed_at ELSE $2 END,
                updated_at = CASE WHEN completed THEN updated_at ELSE $2 END,
                version = CASE WHEN completed THEN version ELSE version + 1 END, completed = TRUE
            WHERE id IN (SELECT value FROM json_each($1))
            RETURNING id, user_id, title, description, completed, priority, due_at, completed_at,
                created_at, updated_at, version",
        postgres: "UPDATE todos SET completed_at = CASE WHEN completed THEN completed_at ELSE $2 END,
                updated_at = CASE WHEN completed THEN updated_at ELSE $2 END,
                version = CASE WHEN completed THEN version ELSE version + 1 END, completed = TRUE
            WHERE id IN (SELECT CAST(n AS BIGINT) FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) AS n)
            RETURNING id, user_id, title, description, completed, priority, due_at, completed_at,
                created_at, updated_at, version"
    };
    DELETE_MANY = {
        sqlite: "DELETE FROM todos WHERE id IN (SELECT value FROM json_each($1))",
        postgres: "DELETE FROM todos WHERE id IN (SELECT CAST(n AS BIGINT)
            FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) AS n)"
    };
    TO_COMPLETE = "SELECT id, title, description FROM todos WHERE title_key = '' AND id > $1
        ORDER BY id LIMIT $2";
    // What was changed meanwhile has its keys already.
    SET_KEYS = "UPDATE todos SET title_key = $2, description_key = $3
        WHERE id = $1 AND title_key = '' AND title = $4";
    DELETE = "DELETE FROM todos WHERE id = $1 AND version = coalesce($2, version)
        AND EXISTS (SELECT 1 FROM users u WHERE u.id = todos.user_id AND u.deleted_at IS NULL)";
}

impl Store {
    /// Stores a todo, with the key that it was asked for with. Nothing when its owner does not
    /// exist.
    pub async fn insert_todo(
        &self,
        (new, keys): (&NewTodo, &TodoKeys),
        now: Timestamp,
        key: Option<&NewIdempotencyKey>,
    ) -> Result<Option<Todo>> {
        let mut insert = insert((new, keys), now);
        if key.is_some() {
            // Nothing that was not made has a key.
            insert = insert.expect_rows(1);
        }
        let statements = std::iter::once(insert)
            .chain(remember_key(key, &Value::of(0, 0)))
            .collect();
        match self.db.atomic(statements).await {
            Ok(outcomes) => Ok(outcomes
                .first()
                .map(|first| first.row(todo))
                .transpose()?
                .flatten()),
            Err(Error::RowCount { statement: 0, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The todo with this number.
    pub async fn todo(&self, id: TodoId) -> Result<Option<Todo>> {
        self.db.row(&BY_ID, &params![id], todo).await
    }

    /// The todos of a user after `after` by id: at most `limit`, at most a batch.
    pub async fn todos_after(
        &self,
        user_id: UserId,
        after: TodoId,
        completed: Option<bool>,
        limit: u32,
    ) -> Result<Vec<Todo>> {
        let params = params![user_id, after, completed, limit.min(BATCH_ROWS)];
        let bytes =
            |todo: &Todo| todo.title.len() + todo.description.as_deref().map_or(0, str::len);
        self.db.batch(&AFTER, &params, todo, bytes).await
    }

    /// Changes a todo and gives what it is now. Nothing when there is no such todo, its version is
    /// not `version`, or its new owner does not exist.
    pub async fn update_todo(
        &self,
        id: TodoId,
        (patch, keys): (&TodoPatch, &TodoKeys),
        version: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Todo>> {
        let description = patch.description.as_ref();
        let params = params![
            id,
            patch.user_id,
            patch.title.as_ref().map(model::Title::as_str),
            description.is_some(),
            description
                .and_then(Option::as_ref)
                .map(model::Description::as_str),
            patch.completed,
            now,
            patch.priority.map(model::Priority::get),
            patch.due_at.is_some(),
            patch.due_at.flatten(),
            version,
            keys.title.as_deref(),
            keys.description.as_deref(),
        ];
        self.db
            .write(Statement::new(&UPDATE, params.into()))
            .await?
            .row(todo)
    }

    /// Deletes a todo for good. False when there is no such todo, or its version is not `version`.
    pub async fn delete_todo(&self, id: TodoId, version: Option<i64>) -> Result<bool> {
        let outcome = self
            .db
            .write(Statement::new(&DELETE, params![id, version].into()))
            .await?;
        Ok(outcome.changed == 1)
    }

    /// Marks todos as done and gives them; those that are done already stay as they are. Nothing
    /// when one of them does not exist, and then nothing has changed.
    pub async fn complete_todos(
        &self,
        ids: &[TodoId],
        now: Timestamp,
        key: Option<&NewIdempotencyKey>,
    ) -> Result<Option<Vec<Todo>>> {
        let complete = Statement::new(&COMPLETE, params![json(ids), now].into());
        let Some(outcomes) = self.all_of(ids, complete, key).await? else {
            return Ok(None);
        };
        let rows = outcomes.first().map_or(&[][..], |first| &first.rows[..]);
        let todos = rows.iter().map(|row| todo(&Row::Owned(row)));
        todos.collect::<Result<_>>().map(Some)
    }

    /// Deletes todos for good. False when one of them does not exist, and then all are there still.
    pub async fn delete_todos(
        &self,
        ids: &[TodoId],
        key: Option<&NewIdempotencyKey>,
    ) -> Result<bool> {
        let delete = Statement::new(&DELETE_MANY, params![json(ids)].into());
        Ok(self.all_of(ids, delete, key).await?.is_some())
    }

    async fn all_of(
        &self,
        ids: &[TodoId],
        write: Statement,
        key: Option<&NewIdempotencyKey>,
    ) -> Result<Option<Vec<Outcome>>> {
        let write = write.expect_rows(ids.len() as u64);
        let keys = remember_key(key, &Value::Null);
        let list = std::iter::once(write).chain(keys).collect();
        match self.db.atomic(list).await {
            Err(Error::RowCount { statement: 0, .. }) => Ok(None),
            outcomes => outcomes.map(Some),
        }
    }

    /// Todos after `after` that came without keys, at most a batch.
    pub async fn todos_to_complete(&self, after: TodoId) -> Result<Vec<TodoToComplete>> {
        let decode = |row: &Row<'_>| {
            Ok(TodoToComplete {
                id: TodoId(row.int(0)?),
                title: row.text(1)?.to_owned(),
                description: row.opt_text(2)?.map(str::to_owned),
            })
        };
        let params = params![after, BATCH_ROWS];
        self.db.rows(&TO_COMPLETE, &params, decode).await
    }

    /// Gives a todo its keys, unless it has some by now.
    pub async fn set_todo_keys(&self, old: &TodoToComplete, keys: &TodoKeys) -> Result<()> {
        let (title, description) = (keys.title.as_deref(), keys.description.as_deref());
        let params = params![
            old.id,
            title.unwrap_or_default(),
            description.unwrap_or_default(),
            old.title.as_str()
        ];
        let update = Statement::new(&SET_KEYS, params.into());
        self.db.write(update).await.map(drop)
    }
}

/// Numbers as a JSON array, which both databases take apart.
fn json(ids: &[TodoId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    format!("[{}]", ids.join(","))
}

/// Stores a todo and returns it.
pub(crate) fn insert((new, keys): (&NewTodo, &TodoKeys), now: Timestamp) -> Statement {
    let params = params![
        new.user_id,
        new.title.as_str(),
        new.description.as_ref().map(model::Description::as_str),
        new.completed,
        new.priority.get(),
        new.due_at,
        new.completed.then_some(now),
        now,
        keys.title.as_deref().unwrap_or_default(),
        keys.description.as_deref().unwrap_or_default(),
    ];
    Statement::new(&INSERT, params.into())
}

pub(crate) fn todo(row: &Row<'_>) -> Result<Todo> {
    Ok(Todo {
        id: TodoId(row.int(0)?),
        user_id: UserId(row.int(1)?),
        title: row.text(2)?.to_owned(),
        description: row.opt_text(3)?.map(str::to_owned),
        completed: row.bool(4)?,
        priority: row.int(5)?,
        due_at: row.opt_time(6)?,
        completed_at: row.opt_time(7)?,
        created_at: row.time(8)?,
        updated_at: row.time(9)?,
        version: row.int(10)?,
    })
}
