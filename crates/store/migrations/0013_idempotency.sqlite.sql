-- Keys that clients gave to what they wanted done once, written with what was done.
CREATE TABLE idempotency_keys (
    -- SHA-256 of whose key it is, of the route, and of the key.
    key_hash BLOB NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the body that it came with.
    body_hash BLOB NOT NULL,
    -- What was made; NULL where nothing was.
    resource_id INTEGER,
    expires_at INTEGER NOT NULL,
    -- The answer, written after it was made: NULL when the server ended before.
    status INTEGER,
    location TEXT,
    etag TEXT,
    body BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_by_user ON idempotency_keys (user_id);
