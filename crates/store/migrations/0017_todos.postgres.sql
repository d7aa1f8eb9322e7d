-- Made in the program of the title and the description, without case and accents: to sort and to find by.
ALTER TABLE todos ADD COLUMN title_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE todos ADD COLUMN description_key TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX todos_to_complete ON todos (id) WHERE title_key = '';
CREATE INDEX todos_by_priority ON todos (user_id, priority, id);
-- What has no date comes last.
CREATE INDEX todos_by_date ON todos (user_id, coalesce(due_at, 9223372036854775807), id);
CREATE INDEX todos_by_title ON todos (user_id, title_key, id);
