ALTER TABLE users ADD COLUMN display_name TEXT;
ALTER TABLE users ADD COLUMN bio TEXT;
ALTER TABLE users ADD COLUMN avatar_url TEXT;
ALTER TABLE users ADD COLUMN email TEXT;
-- An address belongs to one account alone once it is verified; before that it proves nothing.
ALTER TABLE users ADD COLUMN email_key TEXT;
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;
-- A time-based one-time password (RFC 6238): its secret, sealed under a key that follows from
-- SECRET_KEY; since when it is demanded; and the last step that was used up.
ALTER TABLE users ADD COLUMN totp_secret BYTEA;
ALTER TABLE users ADD COLUMN totp_enabled_at BIGINT;
ALTER TABLE users ADD COLUMN totp_last_step BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX users_email_key_key ON users (email_key) WHERE email_verified_at IS NOT NULL;

-- A v1 session has no nonce: nothing refreshes it. Its token is good as long as it lives.
-- An ended session is kept for a while: from its address the account was used before.
ALTER TABLE sessions ADD COLUMN ended_at BIGINT;
ALTER TABLE sessions ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;
-- How the account was recognised (RFC 8176), separated by blanks.
ALTER TABLE sessions ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd';
ALTER TABLE sessions ADD COLUMN refresh_nonce BYTEA;
ALTER TABLE sessions ADD COLUMN refresh_counter BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET last_used_at = created_at;

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired')),
    public_key BYTEA NOT NULL,
    -- Sealed under a key that follows from SECRET_KEY.
    private_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at BIGINT
);
CREATE UNIQUE INDEX signing_keys_state_key ON signing_keys (state) WHERE state <> 'retired';
