//! Storing rows that come from another program: they keep their ids and dates.

use model::{
    AuditEntry, Category, Content, Description, PostId, Priority, Timestamp, Title, TodoId, UserId,
    Username,
};

use crate::audit::audited;
use crate::db::{Sql, Statement, Value, params, statements};
use crate::{Result, Store};

statements! {
    USER_ROLE = "SELECT name_key FROM users WHERE id = $1";
    INSERT_USER = "INSERT INTO users
        (id, username, name_key, name_skeleton, password_hash, role, created_at)
        VALUES ($1, $2, $3, $4, $5, 'author', $6)";
    POST_EXISTS = "SELECT user_id, created_at FROM posts WHERE id = $1";
    INSERT_POST = "INSERT INTO posts
        (id, user_id, title, content, category, created_at, updated_at, published_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    TODO_EXISTS = "SELECT user_id, created_at FROM todos WHERE id = $1";
    INSERT_TODO = "INSERT INTO todos (id, user_id, title, description, completed, priority,
            completed_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
    // New rows must come after the imported ones; SQLite's AUTOINCREMENT sees to that by itself.
    USER_IDS = {
        sqlite: "SELECT 1",
        postgres: "SELECT setval(pg_get_serial_sequence('users', 'id'),
            greatest((SELECT coalesce(max(id), 1) FROM users), (SELECT last_value FROM users_id_seq)))"
    };
    POST_IDS = {
        sqlite: "SELECT 1",
        postgres: "SELECT setval(pg_get_serial_sequence('posts', 'id'),
            greatest((SELECT coalesce(max(id), 1) FROM posts), (SELECT last_value FROM posts_id_seq)))"
    };
    TODO_IDS = {
        sqlite: "SELECT 1",
        postgres: "SELECT setval(pg_get_serial_sequence('todos', 'id'),
            greatest((SELECT coalesce(max(id), 1) FROM todos), (SELECT last_value FROM todos_id_seq)))"
    };
}

/// A row of another program that was understood.
#[derive(Clone, Debug)]
pub enum Imported {
    /// A user, whose password is hashed already.
    User {
        /// The number it keeps.
        id: UserId,
        /// The name.
        username: Username,
        /// The hash of the password, in PHC form.
        password_hash: String,
        /// When it was brought in: the seed's users have no date.
        created_at: Timestamp,
    },
    /// A post.
    Post {
        /// The number it keeps.
        id: PostId,
        /// Who wrote it.
        user_id: UserId,
        /// Its title.
        title: Title,
        /// Its source.
        content: Content,
        /// What it is filed under.
        category: Category,
        /// When it was made.
        created_at: Timestamp,
    },
    /// A todo.
    Todo {
        /// The number it keeps.
        id: TodoId,
        /// Whose it is.
        user_id: UserId,
        /// What to do.
        title: Title,
        /// More about it.
        description: Option<Description>,
        /// Whether it is done.
        completed: bool,
        /// How urgent it is.
        priority: Priority,
        /// When it was made.
        created_at: Timestamp,
    },
}

impl Store {
    /// The name key of the user with this number; outer `None` when there is no such row.
    pub async fn imported_user(&self, id: UserId) -> Result<Option<Option<String>>> {
        let key = |row: &crate::db::Row<'_>| Ok(row.opt_text(0)?.map(str::to_owned));
        self.db.row(&USER_ROLE, &params![id], key).await
    }

    /// Owner and date of the post with this number, in the trash or not.
    pub async fn imported_post(&self, id: PostId) -> Result<Option<(UserId, Timestamp)>> {
        self.owner_and_date(&POST_EXISTS, id.into()).await
    }

    /// Owner and date of the todo with this number.
    pub async fn imported_todo(&self, id: TodoId) -> Result<Option<(UserId, Timestamp)>> {
        self.owner_and_date(&TODO_EXISTS, id.into()).await
    }

    async fn owner_and_date(
        &self,
        sql: &'static Sql,
        id: Value,
    ) -> Result<Option<(UserId, Timestamp)>> {
        self.db
            .row(sql, &[id], |row| Ok((UserId(row.int(0)?), row.time(1)?)))
            .await
    }

    /// Stores a row under the number it has.
    ///
    /// # Errors
    /// [`crate::Error::Unique`] when the number or the name is taken, [`crate::Error::ForeignKey`]
    /// when its owner does not exist.
    pub async fn import(&self, row: &Imported) -> Result<()> {
        self.db.write(insert(row)).await.map(drop)
    }

    /// Makes the database give out only numbers above the imported ones.
    pub async fn finish_import(&self, audit: &[AuditEntry]) -> Result<()> {
        let statements = [&USER_IDS, &POST_IDS, &TODO_IDS];
        let statements = statements.map(|sql| Statement::new(sql, vec![]));
        let statements = audited(statements.into(), audit);
        self.db.atomic(statements).await.map(drop)
    }
}

fn insert(row: &Imported) -> Statement {
    match row {
        Imported::User {
            id,
            username,
            password_hash,
            created_at,
        } => {
            let (key, skeleton) = (username.key(), username.skeleton());
            let hash = password_hash.as_str();
            let params = params![*id, username.as_str(), key, skeleton, hash, *created_at];
            Statement::new(&INSERT_USER, params.into())
        }
        Imported::Post {
            id,
            user_id,
            title,
            content,
            category,
            created_at,
        } => {
            let (title, content) = (title.as_str(), content.as_str());
            let published_at = created_at.floor_to_millis();
            let category = category.as_str();
            let params = params![
                *id,
                *user_id,
                title,
                content,
                category,
                *created_at,
                published_at
            ];
            Statement::new(&INSERT_POST, params.into())
        }
        Imported::Todo {
            id,
            user_id,
            title,
            description,
            completed,
            priority,
            created_at,
        } => {
            let description = description.as_ref().map(Description::as_str);
            let params = params![
                *id,
                *user_id,
                title.as_str(),
                description,
                *completed,
                priority.get(),
                completed.then_some(*created_at),
                *created_at,
            ];
            Statement::new(&INSERT_TODO, params.into())
        }
    }
}
