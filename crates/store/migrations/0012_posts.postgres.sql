DROP INDEX posts_newest;
DROP INDEX posts_newest_of_user;
DROP INDEX posts_newest_of_category;
ALTER TABLE posts
    -- Empty until the program has completed a post from before there were slugs.
    ADD COLUMN slug TEXT NOT NULL DEFAULT '',
    -- Compared byte by byte, as SQLite does.
    ADD COLUMN title_key TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- JSON, as typed and in order; post_tags is for finding them.
    ADD COLUMN tags TEXT NOT NULL DEFAULT '[]',
    ADD COLUMN series TEXT,
    ADD COLUMN status TEXT NOT NULL DEFAULT 'published'
        CHECK (status IN ('draft', 'published', 'unlisted', 'archived')),
    ALTER COLUMN published_at DROP NOT NULL,
    ADD CONSTRAINT posts_published_at_check
        CHECK (published_at IS NOT NULL OR status IN ('draft', 'archived')),
    -- Who put the post into the trash is in deleted_by; this is what they were.
    ADD COLUMN deleted_role TEXT,
    -- When the post enters the public lists: the one rule of what is public.
    ADD COLUMN listed_at BIGINT GENERATED ALWAYS AS
        (CASE WHEN status = 'published' AND deleted_at IS NULL THEN published_at END) STORED,
    ADD COLUMN excerpt TEXT,
    ADD COLUMN summary TEXT NOT NULL DEFAULT '',
    ADD COLUMN word_count BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN cover_url TEXT,
    ADD COLUMN cover_alt TEXT,
    ADD COLUMN canonical_url TEXT,
    ADD COLUMN language TEXT,
    ADD COLUMN pinned BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN comments_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN comment_count BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN favorite_count BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN html TEXT NOT NULL DEFAULT '';
UPDATE posts SET deleted_role = coalesce((SELECT role FROM users WHERE id = deleted_by), 'author')
    WHERE deleted_at IS NOT NULL;
CREATE INDEX posts_listed ON posts (listed_at, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_listed_of_user ON posts (user_id, listed_at, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_listed_of_category ON posts (category, listed_at, id, user_id)
    WHERE listed_at IS NOT NULL;
CREATE INDEX posts_listed_of_series ON posts (series, listed_at, id, user_id)
    WHERE series IS NOT NULL AND listed_at IS NOT NULL;
CREATE INDEX posts_updated ON posts (updated_at, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_by_title ON posts (title_key, id) WHERE listed_at IS NOT NULL;
CREATE INDEX posts_of_status ON posts (status, (coalesce(published_at, created_at)), id)
    WHERE deleted_at IS NULL;
CREATE INDEX posts_deleted ON posts (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX posts_to_complete ON posts (id) WHERE slug = '';

-- Every slug that a post ever had. One that was made is `base`, or `base-number` where that was taken.
CREATE TABLE post_slugs (
    slug TEXT CONSTRAINT post_slugs_slug_key PRIMARY KEY,
    base TEXT NOT NULL,
    number BIGINT NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE
);
CREATE INDEX post_slugs_numbered ON post_slugs (base, number);
CREATE INDEX post_slugs_of_post ON post_slugs (post_id);

-- For finding posts by their tags; `tag` is folded, `name` as typed.
CREATE TABLE post_tags (
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    listed_at BIGINT,
    PRIMARY KEY (post_id, tag)
);
CREATE INDEX post_tags_listed ON post_tags (tag, listed_at, post_id, user_id, name) WHERE listed_at IS NOT NULL;

CREATE TABLE post_revisions (
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('created', 'updated', 'published', 'restored')),
    user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    word_count BIGINT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (post_id, n)
);
CREATE INDEX post_revisions_of_user ON post_revisions (user_id) WHERE user_id IS NOT NULL;
