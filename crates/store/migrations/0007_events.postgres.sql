-- What was changed that nodes keep in memory. Triggers write it, so that no statement can forget
-- to, not even one that somebody types by hand. Nodes look for rows since the oldest transaction
-- that was still running at their last look; `inkgate` says that there is something to look at.
CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
    kind TEXT NOT NULL,
    subject BIGINT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX events_xid ON events (xid);
CREATE INDEX events_created_at ON events (created_at);

CREATE FUNCTION tell_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (kind, subject) VALUES ('account', NEW.id);
    PERFORM pg_notify('inkgate', '');
    RETURN NULL;
END $$;
CREATE TRIGGER account_changed AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.username, OLD.role, OLD.suspended_at, OLD.generation, OLD.deleted_at)
        IS DISTINCT FROM (NEW.username, NEW.role, NEW.suspended_at, NEW.generation, NEW.deleted_at))
    EXECUTE FUNCTION tell_of_account();

CREATE FUNCTION tell_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (kind, subject) VALUES ('account', NEW.user_id);
    PERFORM pg_notify('inkgate', '');
    RETURN NULL;
END $$;
CREATE TRIGGER session_changed AFTER UPDATE ON sessions FOR EACH ROW
    WHEN ((OLD.ended_at, OLD.generation) IS DISTINCT FROM (NEW.ended_at, NEW.generation))
    EXECUTE FUNCTION tell_of_session();

-- An author's names stand beside every post.
CREATE FUNCTION tell_of_author() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (kind) VALUES ('all');
    PERFORM pg_notify('inkgate', '');
    RETURN NULL;
END $$;
CREATE TRIGGER author_changed AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.username, OLD.display_name, OLD.avatar_url, OLD.deleted_at)
        IS DISTINCT FROM (NEW.username, NEW.display_name, NEW.avatar_url, NEW.deleted_at))
    EXECUTE FUNCTION tell_of_author();

-- Posts notify nobody here: a server does it for many at once.
CREATE FUNCTION tell_of_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO events (kind) VALUES ('posts');
    ELSE
        INSERT INTO events (kind, subject) VALUES ('post', NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER post_changed AFTER INSERT OR UPDATE ON posts FOR EACH ROW
    EXECUTE FUNCTION tell_of_post();

-- Nodes read the keys at every look.
CREATE FUNCTION tell_of_signing_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('inkgate', '');
    RETURN NULL;
END $$;
CREATE TRIGGER signing_key_changed AFTER INSERT OR UPDATE OR DELETE ON signing_keys FOR EACH STATEMENT
    EXECUTE FUNCTION tell_of_signing_key();
