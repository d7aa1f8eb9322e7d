-- A pending edit of a post: what would be changed, as v2 writes it.
CREATE TABLE post_drafts (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    -- The version of the post that the edit began with.
    base_version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    changes TEXT NOT NULL
) STRICT;
CREATE INDEX post_drafts_of_user ON post_drafts (user_id) WHERE user_id IS NOT NULL;

-- Whoever knows the token sees the post in any state but the trash.
CREATE TABLE preview_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX preview_links_of_post ON preview_links (post_id, id);
CREATE INDEX preview_links_by_end ON preview_links (expires_at);
