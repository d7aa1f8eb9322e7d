CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    -- Both keys are NULL once the account is deleted, so that its name is free at once. SQLite checks
    -- the last one first, and a name that is taken as it stands is to be reported as such.
    name_skeleton TEXT UNIQUE,
    name_key TEXT UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('reader', 'author', 'editor', 'admin')),
    generation INTEGER NOT NULL DEFAULT 0,
    suspended_at INTEGER,
    deleted_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_deleted ON users (id) WHERE deleted_at IS NOT NULL;

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id, address);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    -- Set while the post is in the trash.
    deleted_at INTEGER,
    deleted_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    version INTEGER NOT NULL DEFAULT 1,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX posts_newest ON posts (published_at, id) WHERE deleted_at IS NULL;
CREATE INDEX posts_of_user ON posts (user_id, id);
CREATE INDEX posts_newest_of_user ON posts (user_id, published_at, id) WHERE deleted_at IS NULL;
CREATE INDEX posts_newest_of_category ON posts (category, published_at, id) WHERE deleted_at IS NULL;
CREATE INDEX posts_deleted_by ON posts (deleted_by) WHERE deleted_by IS NOT NULL;

CREATE TABLE todos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    description TEXT,
    completed INTEGER NOT NULL CHECK (completed IN (0, 1)),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    due_at INTEGER,
    completed_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX todos_of_user ON todos (user_id, id);
CREATE INDEX todos_newest_of_user ON todos (user_id, created_at, id);
