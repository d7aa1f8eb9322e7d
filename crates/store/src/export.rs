//! Everything that is held about one user, hidden and ended things too, batch by batch.

use model::{
    ExportedPost, ExportedSession, PersonalToken, PersonalTokenId, PostId, SessionId, UserId,
};

use crate::db::{Row, params, statements};
use crate::personal_tokens::token;
use crate::sessions::session;
use crate::{BATCH_ROWS, Result, Store};

statements! {
    // PostgreSQL sends every row of the limit: it must count the bytes (`BATCH_BYTES`) itself.
    POSTS = {
        sqlite: "SELECT id, title, content, category, created_at, updated_at, published_at, deleted_at, version
            FROM posts WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        postgres: "SELECT * FROM (
            SELECT id, title, content, category, created_at, updated_at, published_at, deleted_at, version,
                sum(octet_length(title) + octet_length(content)) OVER
                    (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM posts WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3
        ) AS p WHERE coalesce(bytes_before, 0) < 524288 ORDER BY id"
    };
    SESSIONS = "SELECT id, kind, address, user_agent, created_at, last_used_at, expires_at, ended_at
        FROM sessions WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    PERSONAL_TOKENS = "SELECT id, name, scopes, created_at, expires_at, last_used_at
        FROM personal_tokens WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
}

impl Store {
    /// A user's posts after `after` by id, those in the trash too: at most a batch.
    pub async fn exported_posts(
        &self,
        user_id: UserId,
        after: PostId,
    ) -> Result<Vec<ExportedPost>> {
        let params = params![user_id, after, BATCH_ROWS];
        let bytes = |post: &ExportedPost| post.title.len() + post.content.len();
        self.db.batch(&POSTS, &params, post, bytes).await
    }

    /// A user's sessions after `after` by id, those that are over too: at most a batch.
    pub async fn exported_sessions(
        &self,
        user_id: UserId,
        after: SessionId,
    ) -> Result<Vec<ExportedSession>> {
        let params = params![user_id, after, BATCH_ROWS];
        self.db
            .rows(&SESSIONS, &params, |row| {
                Ok(ExportedSession {
                    session: session(row)?,
                    ended_at: row.opt_time(7)?,
                })
            })
            .await
    }

    /// A user's personal access tokens after `after` by id, those that are over too: at most a batch.
    pub async fn exported_personal_tokens(
        &self,
        user_id: UserId,
        after: PersonalTokenId,
    ) -> Result<Vec<PersonalToken>> {
        let params = params![user_id, after, BATCH_ROWS];
        self.db.rows(&PERSONAL_TOKENS, &params, token).await
    }
}

fn post(row: &Row<'_>) -> Result<ExportedPost> {
    Ok(ExportedPost {
        id: PostId(row.int(0)?),
        title: row.text(1)?.to_owned(),
        content: row.text(2)?.to_owned(),
        category: row.text(3)?.to_owned(),
        created_at: row.time(4)?,
        updated_at: row.time(5)?,
        published_at: row.time(6)?,
        deleted_at: row.opt_time(7)?,
        version: row.int(8)?,
    })
}
