CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- NULL once the author's account is purged: what was said stays.
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    -- What answered a comment that is gone stands by itself.
    parent_id INTEGER REFERENCES comments (id) ON DELETE SET NULL,
    status TEXT NOT NULL CHECK (status IN ('approved', 'pending', 'spam', 'rejected')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    content TEXT NOT NULL,
    html TEXT NOT NULL
) STRICT;
CREATE INDEX comments_of_post ON comments (post_id, status, created_at, id);
CREATE INDEX comments_of_status ON comments (status, created_at, id);
CREATE INDEX comments_of_user ON comments (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX comments_of_parent ON comments (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE favorites (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX favorites_newest ON favorites (user_id, created_at, post_id);
CREATE INDEX favorites_of_post ON favorites (post_id);

CREATE TABLE bookmarks (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bookmarks_newest ON bookmarks (user_id, created_at, post_id);
CREATE INDEX bookmarks_of_post ON bookmarks (post_id);

CREATE TABLE follows (
    follower_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    followed_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE CHECK (followed_id <> follower_id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (follower_id, followed_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX follows_of_followed ON follows (followed_id);

-- Triggers count, so that no statement can forget to, nor a deletion that brings others along. A
-- count is no change of the post: its version and its time stay.
CREATE TRIGGER comment_added AFTER INSERT ON comments WHEN NEW.status = 'approved'
BEGIN
    UPDATE posts SET comment_count = comment_count + 1 WHERE id = NEW.post_id;
END;
CREATE TRIGGER comment_moderated AFTER UPDATE OF status ON comments
    WHEN (OLD.status = 'approved') <> (NEW.status = 'approved')
BEGIN
    UPDATE posts SET comment_count = comment_count + (CASE NEW.status WHEN 'approved' THEN 1 ELSE -1 END)
        WHERE id = NEW.post_id;
END;
CREATE TRIGGER comment_removed AFTER DELETE ON comments WHEN OLD.status = 'approved'
BEGIN
    UPDATE posts SET comment_count = comment_count - 1 WHERE id = OLD.post_id;
END;
CREATE TRIGGER favorite_added AFTER INSERT ON favorites
BEGIN
    UPDATE posts SET favorite_count = favorite_count + 1 WHERE id = NEW.post_id;
END;
CREATE TRIGGER favorite_removed AFTER DELETE ON favorites
BEGIN
    UPDATE posts SET favorite_count = favorite_count - 1 WHERE id = OLD.post_id;
END;
