-- SQLite cannot take NOT NULL away from published_at, which drafts do not have. Nothing refers to
-- posts yet, so the table is made anew. Numbers are never given out twice: the sequence goes along.
DROP INDEX posts_newest;
DROP INDEX posts_of_user;
DROP INDEX posts_newest_of_user;
DROP INDEX posts_newest_of_category;
DROP INDEX posts_deleted_by;
CREATE TABLE posts_with_states (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Empty until the program has completed a post from before there were slugs.
    slug TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL,
    title_key TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL,
    -- JSON, as typed and in order; post_tags is for finding them.
    tags TEXT NOT NULL DEFAULT '[]',
    series TEXT,
    status TEXT NOT NULL DEFAULT 'published'
        CHECK (status IN ('draft', 'published', 'unlisted', 'archived')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    published_at INTEGER CHECK (published_at IS NOT NULL OR status IN ('draft', 'archived')),
    -- Set while the post is in the trash; who put it there, and what they were.
    deleted_at INTEGER,
    deleted_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    deleted_role TEXT,
    -- When the post enters the public lists: the one rule of what is public.
    listed_at INTEGER GENERATED ALWAYS AS
        (CASE WHEN status = 'published' AND deleted_at IS NULL THEN published_at END) VIRTUAL,
    excerpt TEXT,
    summary TEXT NOT NULL DEFAULT '',
    word_count INTEGER NOT NULL DEFAULT 0,
    cover_url TEXT,
    cover_alt TEXT,
    canonical_url TEXT,
    language TEXT,
    pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    comments_enabled INTEGER NOT NULL DEFAULT 1 CHECK (comments_enabled IN (0, 1)),
    comment_count INTEGER NOT NULL DEFAULT 0,
    favorite_count INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    content TEXT NOT NULL,
    html TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO posts_with_states (id, user_id, title, category, created_at, updated_at, published_at,
        deleted_at, deleted_by, version, content)
    SELECT id, user_id, title, category, created_at, updated_at, published_at, deleted_at, deleted_by,
        version, content
    FROM posts;
DELETE FROM sqlite_sequence WHERE name = 'posts_with_states';
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'posts_with_states', seq FROM sqlite_sequence WHERE name = 'posts';
DROP TABLE posts;
ALTER TABLE posts_with_states RENAME TO posts;
UPDATE posts SET deleted_role = coalesce((SELECT role FROM users WHERE id = deleted_by), 'author')
    WHERE deleted_at IS NOT NULL;
CREATE INDEX posts_listed ON posts (listed_at, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_listed_of_user ON posts (user_id, listed_at, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_listed_of_category ON posts (category, listed_at, id, user_id)
    WHERE listed_at IS NOT NULL;
CREATE INDEX posts_listed_of_series ON posts (series, listed_at, id, user_id)
    WHERE series IS NOT NULL AND listed_at IS NOT NULL;
CREATE INDEX posts_updated ON posts (updated_at, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_by_title ON posts (title_key, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_of_user ON posts (user_id, id);
CREATE INDEX posts_of_status ON posts (status, coalesce(published_at, created_at), id)
    WHERE deleted_at IS NULL;
CREATE INDEX posts_deleted ON posts (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX posts_deleted_by ON posts (deleted_by) WHERE deleted_by IS NOT NULL;
CREATE INDEX posts_to_complete ON posts (id) WHERE slug = '';

-- Every slug that a post ever had. One that was made is `base`, or `base-number` where that was taken.
CREATE TABLE post_slugs (
    slug TEXT PRIMARY KEY,
    base TEXT NOT NULL,
    number INTEGER NOT NULL,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX post_slugs_numbered ON post_slugs (base, number);
CREATE INDEX post_slugs_of_post ON post_slugs (post_id);

-- For finding posts by their tags; `tag` is folded, `name` as typed.
CREATE TABLE post_tags (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    listed_at INTEGER,
    PRIMARY KEY (post_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_tags_listed ON post_tags (tag, listed_at, post_id, user_id, name) WHERE listed_at IS NOT NULL;

CREATE TABLE post_revisions (
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('created', 'updated', 'published', 'restored')),
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    word_count INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (post_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_revisions_of_user ON post_revisions (user_id) WHERE user_id IS NOT NULL;
