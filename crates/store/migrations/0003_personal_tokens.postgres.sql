CREATE TABLE personal_tokens (
    id UUID PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Separated by blanks.
    scopes TEXT NOT NULL,
    -- SHA-256 of the secret, which has 256 random bits.
    hash BYTEA NOT NULL,
    -- The account's, when the token was made: what revokes all tokens revokes these too.
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX personal_tokens_of_user ON personal_tokens (user_id, id);
CREATE INDEX personal_tokens_by_end ON personal_tokens (expires_at);
