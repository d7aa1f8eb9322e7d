-- The words of what is publicly listed. `place` goes by time and then by number, so that the newest
-- hits of a common word are read without looking at the others.
CREATE TABLE post_search (
    post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    place BIGINT NOT NULL CONSTRAINT post_search_place_key UNIQUE,
    words TSVECTOR NOT NULL
);
CREATE INDEX post_search_words ON post_search USING gin (words);
