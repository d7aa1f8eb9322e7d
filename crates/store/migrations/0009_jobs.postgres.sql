-- What is done after the request that wanted it was answered.
CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    -- For whose account: the job goes with it.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- JSON; never a secret.
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Somebody runs it until then; whoever dies over it leaves it to others. The lease tells one
    -- claim from another.
    leased_until BIGINT,
    lease BYTEA,
    last_error TEXT,
    -- Nobody tries any more.
    dead_at BIGINT
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE dead_at IS NULL;
CREATE INDEX jobs_oldest ON jobs (created_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX jobs_user_id ON jobs (user_id) WHERE user_id IS NOT NULL;
