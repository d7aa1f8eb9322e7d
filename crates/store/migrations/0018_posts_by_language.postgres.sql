CREATE INDEX posts_listed_of_language ON posts (language, listed_at, id)
    WHERE language IS NOT NULL AND listed_at IS NOT NULL;
