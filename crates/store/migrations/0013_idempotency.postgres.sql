-- Keys that clients gave to what they wanted done once, written with what was done.
CREATE TABLE idempotency_keys (
    -- SHA-256 of whose key it is, of the route, and of the key.
    key_hash BYTEA NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the body that it came with.
    body_hash BYTEA NOT NULL,
    -- What was made; NULL where nothing was.
    resource_id BIGINT,
    expires_at BIGINT NOT NULL,
    -- The answer, written after it was made: NULL when the server ended before.
    status BIGINT,
    location TEXT,
    etag TEXT,
    body BYTEA
);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_by_user ON idempotency_keys (user_id);
