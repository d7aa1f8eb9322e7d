-- The audit log. Rows are added and never changed; no secret and no address stands here.
CREATE TABLE audit_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id INTEGER,
    -- Whose account it happened to. References nothing: the number stays when the account goes.
    user_id INTEGER,
    subject TEXT,
    subject_id TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_user_id ON audit_events (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_actor_id ON audit_events (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_events_kind ON audit_events (kind, id);

-- Where an event came from: a table of its own, which the deletion of an account and age can empty
-- without touching what is sealed.
CREATE TABLE audit_clients (
    event_id INTEGER PRIMARY KEY,
    user_id INTEGER,
    created_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX audit_clients_user_id ON audit_clients (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_clients_created_at ON audit_clients (created_at);

-- The chain: each seal vouches for the one before it and for its events.
CREATE TABLE audit_seals (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    key_id BLOB NOT NULL,
    events INTEGER NOT NULL,
    mac BLOB NOT NULL
) STRICT;

-- An event's place in the chain; without a seal it waits for one. Order is settled here and not by
-- numbers, since one that was given out early may be committed late.
CREATE TABLE audit_order (
    event_id INTEGER PRIMARY KEY,
    seal INTEGER,
    mac BLOB
) STRICT;
CREATE INDEX audit_order_waiting ON audit_order (event_id) WHERE seal IS NULL;
CREATE INDEX audit_order_seal ON audit_order (seal, event_id) WHERE seal IS NOT NULL;

CREATE TRIGGER audit_events_not_changed BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER audit_events_not_removed BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER audit_seals_not_changed BEFORE UPDATE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit_seals is append-only'); END;
CREATE TRIGGER audit_seals_not_removed BEFORE DELETE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit_seals is append-only'); END;
CREATE TRIGGER audit_order_not_changed BEFORE UPDATE ON audit_order WHEN OLD.seal IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'audit_order is append-only'); END;
CREATE TRIGGER audit_order_not_removed BEFORE DELETE ON audit_order
BEGIN SELECT RAISE(ABORT, 'audit_order is append-only'); END;
