CREATE TABLE personal_tokens (
    id BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Separated by blanks.
    scopes TEXT NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits.
    hash BLOB NOT NULL,
    -- The account's, when the token was made: what revokes all tokens revokes these too.
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX personal_tokens_of_user ON personal_tokens (user_id, id);
CREATE INDEX personal_tokens_by_end ON personal_tokens (expires_at);
