//! What the stories stand on: a store of their own, and the rows that they begin with.

use std::ops::Deref;
use std::time::Duration;

use futures_util::future::join_all;
use inkgate_store::{DatabaseUrl, Result, Store, Synchronous};
use model::{
    AccountPatch, Content, NewSession, NewTodo, NewUser, Post, PostFields, PostId, PostStatus,
    PostWrite, Priority, RenderedPost, RevisionChange, Role, SessionId, SessionKind, SlugWish,
    Timestamp, Title, Todo, TodoId, UserId, Username,
};
use rusqlite::Connection;
use tokio_postgres::NoTls;

/// A todo that is not looked for needs no keys.
pub(crate) static NO_KEYS: model::TodoKeys = model::TodoKeys {
    title: None,
    description: None,
};

pub(crate) use test_database::TestDatabase;

/// When every story begins: 2026-11-23T19:00:00.123456Z.
pub(crate) const START: Timestamp = Timestamp::from_micros(1_795_460_400_123_456);

/// `seconds` after the story began.
pub(crate) fn later(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// A store with a database that nobody else uses.
pub(crate) struct TestStore {
    // Closed before its database is removed.
    store: Store,
    pub(crate) database: TestDatabase,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// An empty store of the kind that the tests run on.
    pub(crate) async fn open() -> Self {
        Self::open_in(TestDatabase::migrated().await).await
    }

    /// An empty store in an SQLite file, whatever the tests run on.
    pub(crate) async fn sqlite() -> Self {
        Self::open_in(TestDatabase::sqlite()).await
    }

    pub(crate) async fn open_in(database: TestDatabase) -> Self {
        let url = DatabaseUrl::parse(database.url()).unwrap();
        let store = Store::open(&url, Synchronous::Normal).await.unwrap();
        Self { store, database }
    }

    pub(crate) async fn set_role(&self, id: UserId, role: Role) -> Result<bool> {
        let patch = AccountPatch {
            role: Some(role),
            ..AccountPatch::default()
        };
        self.update_account(id, patch, START, &[]).await
    }

    pub(crate) async fn suspend_user(&self, id: UserId, now: Timestamp) -> Result<bool> {
        self.set_suspended(id, true, now).await
    }

    pub(crate) async fn unsuspend_user(&self, id: UserId) -> Result<bool> {
        self.set_suspended(id, false, START).await
    }

    async fn set_suspended(&self, id: UserId, suspended: bool, now: Timestamp) -> Result<bool> {
        let patch = AccountPatch {
            suspended: Some(suspended),
            ..AccountPatch::default()
        };
        self.update_account(id, patch, now, &[]).await
    }

    pub(crate) async fn add_user(&self, name: &str) -> UserId {
        self.add_user_with_role(name, Role::Author).await
    }

    pub(crate) async fn add_admin(&self, name: &str) -> UserId {
        self.add_user_with_role(name, Role::Admin).await
    }

    async fn add_user_with_role(&self, name: &str, role: Role) -> UserId {
        self.insert_user(&new_user(name, role), &[], &[])
            .await
            .unwrap()
    }

    /// A post made `seconds` after the story began.
    pub(crate) async fn add_post_at(&self, user: UserId, title: &str, seconds: u64) -> PostId {
        let now = later(seconds);
        let mut new = new_post(title, now);
        new.by = user;
        self.insert_post(user, &new).await.unwrap().id
    }

    /// A post of the beginning.
    pub(crate) async fn add_post(&self, user: UserId, title: &str) -> PostId {
        self.add_post_at(user, title, 0).await
    }

    /// Many posts with this content.
    pub(crate) async fn add_posts(&self, user: UserId, count: usize, content: &str) -> Vec<PostId> {
        let mut new = new_post("one of many", START);
        new.fields.content = content.to_owned();
        new.by = user;
        // Each has a slug of its own: of those that want one at once, only one gets it at once.
        let start = self.count("posts").await;
        let posts = (0..count).map(|number| PostWrite {
            slug: SlugWish::Free(format!("one-of-many-{start}-{number}x")),
            ..new.clone()
        });
        let posts: Vec<_> = posts.collect();
        let inserts = posts.iter().map(|new| self.insert_post(user, new));
        let inserted = join_all(inserts).await;
        inserted.into_iter().map(|post| post.unwrap().id).collect()
    }

    /// A todo made `seconds` after the story began.
    pub(crate) async fn add_todo_at(&self, user: UserId, title: &str, seconds: u64) -> Todo {
        self.insert_todo((&new_todo(user, title), &NO_KEYS), later(seconds), None)
            .await
            .unwrap()
            .unwrap()
    }

    /// A todo of the beginning.
    pub(crate) async fn add_todo(&self, user: UserId, title: &str) -> TodoId {
        self.add_todo_at(user, title, 0).await.id
    }

    pub(crate) async fn add_session(&self, user: UserId, number: u8) -> SessionId {
        let new = new_session(user, number);
        self.insert_session(&new, &[]).await.unwrap();
        new.id
    }

    /// Another connection to the SQLite file.
    pub(crate) fn connect(&self) -> Connection {
        let connection = Connection::open(self.database.file()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        connection
    }

    /// Runs SQL behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) {
        if self.database.is_sqlite() {
            self.connect().execute_batch(sql).unwrap();
        } else {
            test_database::execute(self.database.url(), sql).await;
        }
    }

    /// How many rows a table has, hidden ones too.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {table}")).await
    }

    /// Asks for one number behind the store's back.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        if self.database.is_sqlite() {
            return self.connect().query_row(sql, [], |row| row.get(0)).unwrap();
        }
        let connecting = tokio_postgres::connect(self.database.url(), NoTls);
        let (client, connection) = connecting.await.unwrap();
        let running = tokio::spawn(connection);
        let number = client.query_one(sql, &[]).await.unwrap().get(0);
        drop(client);
        drop(running.await);
        number
    }
}

pub(crate) fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

pub(crate) fn title(text: &str) -> Title {
    Title::parse(text).unwrap()
}

pub(crate) fn new_user(text: &str, role: Role) -> NewUser {
    NewUser {
        username: name(text),
        password_hash: format!("hash of {text}"),
        role,
        email: None,
        created_at: START,
    }
}

/// A published post, with what is made of its words.
pub(crate) fn new_post(text: &str, now: Timestamp) -> PostWrite {
    let content = Content::parse("Some words.").unwrap();
    let mut fields = PostFields::new(title(text), content);
    fields.status = PostStatus::Published;
    fields.published_at = Some(now.floor_to_millis());
    PostWrite {
        fields,
        title_key: text.to_lowercase(),
        tag_keys: Vec::new(),
        rendered: Some(RenderedPost {
            html: "<p>Some words.</p>".to_owned(),
            summary: "Some words.".to_owned(),
            word_count: 2,
        }),
        words: String::new(),
        slug: SlugWish::Free("a-post".to_owned()),
        revision: Some(RevisionChange::Created),
        by: UserId(1),
        now,
        key: None,
    }
}

pub(crate) fn new_todo(user_id: UserId, text: &str) -> NewTodo {
    NewTodo {
        user_id,
        title: title(text),
        description: None,
        completed: false,
        priority: Priority::default(),
        due_at: None,
    }
}

/// A session of the account's first generation that lasts an hour.
pub(crate) fn new_session(user_id: UserId, number: u8) -> NewSession {
    NewSession {
        id: SessionId::new(START, [number; 10]),
        user_id,
        kind: SessionKind::V1,
        generation: 0,
        address: "192.0.2.1".to_owned(),
        user_agent: "a test".to_owned(),
        methods: model::AuthMethods::Password,
        refresh_nonce: None,
        created_at: START,
        expires_at: later(3600),
    }
}

pub(crate) fn titles(posts: &[Post]) -> Vec<&str> {
    posts
        .iter()
        .map(|post| post.fields.title.as_str())
        .collect()
}
