-- The words of what is publicly listed. `place` goes by time and then by number, so that the newest
-- hits of a common word are read without looking at the others.
CREATE TABLE search_places (
    post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    place INTEGER NOT NULL UNIQUE
) STRICT;
-- The words come cut: letters, digits and _ alone.
CREATE VIRTUAL TABLE search_words USING fts5 (words, content = '', contentless_delete = 1,
    tokenize = "ascii tokenchars '_'");
CREATE TRIGGER search_place_gone AFTER DELETE ON search_places BEGIN
    DELETE FROM search_words WHERE rowid = OLD.place;
END;
CREATE VIEW post_search (post_id, place, words) AS SELECT post_id, place, NULL FROM search_places;
CREATE TRIGGER post_searched INSTEAD OF INSERT ON post_search BEGIN
    INSERT INTO search_places (post_id, place) VALUES (NEW.post_id, NEW.place);
    INSERT INTO search_words (rowid, words) VALUES (NEW.place, NEW.words);
END;
CREATE TRIGGER post_not_searched INSTEAD OF DELETE ON post_search BEGIN
    DELETE FROM search_places WHERE post_id = OLD.post_id;
END;
