-- For whoever takes all of them along, in the order of their age.
CREATE INDEX sessions_of_user_by_age ON sessions (user_id, id);
