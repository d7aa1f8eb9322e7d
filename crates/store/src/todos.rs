//! Questions about todos.

use model::{
    Cursor, NewIdempotencyKey, NewTodo, Page, PageLimit, Timestamp, Todo, TodoFilter, TodoId,
    TodoPatch, UserId,
};

use crate::db::{Row, Statement, Value, params, statements};
use crate::idempotency_keys::remember_key;
use crate::{BATCH_ROWS, Error, Result, Store};

statements! {
    // The owner is looked up: another one than the caller may be named, and be gone.
    INSERT = "INSERT INTO todos (user_id, title, description, completed, priority, due_at,
            completed_at, created_at, updated_at)
        SELECT id, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BOOLEAN), CAST($5 AS BIGINT),
            CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), $8
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
    NEWEST = "SELECT t.id, t.user_id, t.title, t.description, t.completed, t.priority, t.due_at,
            t.completed_at, t.created_at, t.updated_at, t.version
        FROM todos t JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL
        WHERE t.user_id = $1 AND (t.created_at, t.id) < ($2, $3)
        AND t.completed = coalesce($4, t.completed) AND t.priority = coalesce($5, t.priority)
        ORDER BY t.created_at DESC, t.id DESC LIMIT $6";
    COUNT = "SELECT count(*) FROM todos t JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL
        WHERE t.user_id = $1
        AND t.completed = coalesce($2, t.completed) AND t.priority = coalesce($3, t.priority)";
    UPDATE = "UPDATE todos SET user_id = coalesce($2, user_id), title = coalesce($3, title),
            description = CASE WHEN $4 THEN $5 ELSE description END,
            completed_at = CASE WHEN coalesce($6, completed) = completed THEN completed_at
                WHEN $6 THEN $7 ELSE NULL END,
            completed = coalesce($6, completed), priority = coalesce($8, priority),
            due_at = CASE WHEN $9 THEN $10 ELSE due_at END,
            updated_at = $7, version = version + 1
        WHERE id = $1 AND version = coalesce($11, version)
            AND EXISTS (SELECT 1 FROM users u WHERE u.id = todos.user_id AND u.deleted_at IS NULL)
            AND EXISTS (SELECT 1 FROM users u
                WHERE u.id = coalesce($2, todos.user_id) AND u.deleted_at IS NULL)
        RETURNING id, user_id, title, description, completed, priority, due_at, completed_at,
            created_at, updated_at, version";
    DELETE = "DELETE FROM todos WHERE id = $1 AND version = coalesce($2, version)
        AND EXISTS (SELECT 1 FROM users u WHERE u.id = todos.user_id AND u.deleted_at IS NULL)";
}

impl Store {
    /// Stores a todo, with the key that it was asked for with. Nothing when its owner does not
    /// exist.
    pub async fn insert_todo(
        &self,
        new: &NewTodo,
        now: Timestamp,
        key: Option<&NewIdempotencyKey>,
    ) -> Result<Option<Todo>> {
        let mut insert = insert(new, now);
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

    /// A page of a user's todos, newest first.
    pub async fn newest_todos(
        &self,
        user_id: UserId,
        filter: &TodoFilter,
        before: &Cursor,
        limit: PageLimit,
    ) -> Result<Page<Todo>> {
        let params = params![
            user_id,
            &before.key,
            before.id,
            filter.completed,
            filter.priority,
            limit.get() + 1
        ];
        let rows = self.db.rows(&NEWEST, &params, todo).await?;
        Ok(Page::cut(rows, limit, |todo| {
            Cursor::of(todo.created_at.as_micros(), todo.id.0)
        }))
    }

    /// How many todos of a user a filter lets through.
    pub async fn count_todos(&self, user_id: UserId, filter: &TodoFilter) -> Result<i64> {
        let params = params![user_id, filter.completed, filter.priority];
        let count = self.db.row(&COUNT, &params, |row| row.int(0)).await?;
        Ok(count.unwrap_or_default())
    }

    /// Changes a todo and gives what it is now. Nothing when there is no such todo, its version is
    /// not `version`, or its new owner does not exist.
    pub async fn update_todo(
        &self,
        id: TodoId,
        patch: &TodoPatch,
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
}

/// Stores a todo and returns it.
pub(crate) fn insert(new: &NewTodo, now: Timestamp) -> Statement {
    let params = params![
        new.user_id,
        new.title.as_str(),
        new.description.as_ref().map(model::Description::as_str),
        new.completed,
        new.priority.get(),
        new.due_at,
        new.completed.then_some(now),
        now,
    ];
    Statement::new(&INSERT, params.into())
}

fn todo(row: &Row<'_>) -> Result<Todo> {
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
