-- Stands in for what comes with the content of posts.
ALTER TABLE posts ADD COLUMN comments_enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE posts ADD COLUMN comment_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN favorite_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN listed_at INTEGER GENERATED ALWAYS AS
    (CASE WHEN deleted_at IS NULL THEN published_at END) VIRTUAL;
CREATE INDEX posts_listed_of_user ON posts (user_id, listed_at, id) WHERE listed_at IS NOT NULL;
