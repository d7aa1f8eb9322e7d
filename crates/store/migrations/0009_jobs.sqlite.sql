-- What is done after the request that wanted it was answered.
CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    -- For whose account: the job goes with it.
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    -- JSON; never a secret.
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Somebody runs it until then; whoever dies over it leaves it to others. The lease tells one
    -- claim from another.
    leased_until INTEGER,
    lease BLOB,
    last_error TEXT,
    -- Nobody tries any more.
    dead_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE dead_at IS NULL;
CREATE INDEX jobs_oldest ON jobs (created_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX jobs_user_id ON jobs (user_id) WHERE user_id IS NOT NULL;
