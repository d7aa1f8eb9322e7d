-- What was mailed to somebody, to be shown once. The newest of a kind replaces the one before.
CREATE TABLE one_time_tokens (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('reset', 'verify')),
    -- SHA-256 of the secret, which has 256 random bits.
    hash BLOB NOT NULL UNIQUE,
    -- The address that it is mailed to. One that is to be verified is not the account's until then.
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    -- The account's, when the token was asked for: what revokes all tokens revokes this too.
    generation INTEGER NOT NULL,
    -- The job that mailed it: one that is tried again replaces its own, and no newer one.
    job_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);
