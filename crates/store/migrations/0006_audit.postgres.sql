-- The audit log. Rows are added and never changed; no secret and no address stands here.
CREATE TABLE audit_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT,
    -- Whose account it happened to. References nothing: the number stays when the account goes.
    user_id BIGINT,
    subject TEXT,
    subject_id TEXT,
    details TEXT NOT NULL
);
CREATE INDEX audit_events_user_id ON audit_events (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_actor_id ON audit_events (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_events_kind ON audit_events (kind, id);

-- Where an event came from: a table of its own, which the deletion of an account and age can empty
-- without touching what is sealed.
CREATE TABLE audit_clients (
    event_id BIGINT PRIMARY KEY,
    user_id BIGINT,
    created_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX audit_clients_user_id ON audit_clients (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_clients_created_at ON audit_clients (created_at);

-- The chain: each seal vouches for the one before it and for its events.
CREATE TABLE audit_seals (
    number BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    key_id BYTEA NOT NULL,
    events BIGINT NOT NULL,
    mac BYTEA NOT NULL
);

-- An event's place in the chain; without a seal it waits for one. Order is settled here and not by
-- numbers, since one that was given out early may be committed late.
CREATE TABLE audit_order (
    event_id BIGINT PRIMARY KEY,
    seal BIGINT,
    mac BYTEA
);
CREATE INDEX audit_order_waiting ON audit_order (event_id) WHERE seal IS NULL;
CREATE INDEX audit_order_seal ON audit_order (seal, event_id) WHERE seal IS NOT NULL;

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_events_not_changed BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_events_not_emptied BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_seals_not_changed BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_seals_not_emptied BEFORE TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_order_not_changed BEFORE UPDATE ON audit_order
    FOR EACH ROW WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_order_not_removed BEFORE DELETE ON audit_order
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_order_not_emptied BEFORE TRUNCATE ON audit_order
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
