CREATE INDEX posts_listed_of_language ON posts (language, listed_at, id)
    WHERE language IS NOT NULL AND listed_at IS NOT NULL;
-- Most slugs have no number: they need no place in this index.
DROP INDEX post_slugs_numbered;
CREATE INDEX post_slugs_numbered ON post_slugs (base, number) WHERE number > 1;
