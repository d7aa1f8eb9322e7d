-- An offered secret is not demanded before it is confirmed, and has this date until then.
ALTER TABLE users ADD COLUMN totp_offered_at INTEGER;
-- Six-digit codes that were tried since then: a million are soon tried, however many log-ins wait.
ALTER TABLE users ADD COLUMN totp_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN totp_attempts_since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_totp ON users (id) WHERE totp_secret IS NOT NULL;

-- Log-ins whose password was right, and that wait for a code.
CREATE TABLE pending_logins (
    -- SHA-256 of the token, which has 256 random bits.
    token_hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The kind of the session that it is to open.
    kind TEXT NOT NULL,
    -- The account's, when the password was right: what revokes all tokens revokes these too.
    generation INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_logins_of_user ON pending_logins (user_id);
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);

CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the code, which has 80 random bits.
    code_hash BLOB NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
