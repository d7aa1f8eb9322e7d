//! Taking away, in small steps, what nobody can see any more.

use model::Timestamp;

use crate::db::{Sql, Statement, params, statements};
use crate::{BATCH_ROWS, Change, Result, Store};

statements! {
    FAVORITES = "DELETE FROM favorites WHERE (user_id, post_id) IN (SELECT f.user_id, f.post_id
        FROM users u CROSS JOIN favorites f WHERE f.user_id = u.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    BOOKMARKS = "DELETE FROM bookmarks WHERE (user_id, post_id) IN (SELECT b.user_id, b.post_id
        FROM users u CROSS JOIN bookmarks b WHERE b.user_id = u.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    FOLLOWS = "DELETE FROM follows WHERE (follower_id, followed_id) IN (SELECT f.follower_id, f.followed_id
        FROM users u CROSS JOIN follows f WHERE f.follower_id = u.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    FOLLOWERS = "DELETE FROM follows WHERE (follower_id, followed_id) IN (SELECT f.follower_id, f.followed_id
        FROM users u CROSS JOIN follows f WHERE f.followed_id = u.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    // What they said below posts of others stays.
    COMMENTS = "UPDATE comments SET user_id = NULL WHERE id IN (SELECT c.id
        FROM users u CROSS JOIN comments c WHERE c.user_id = u.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    // One post may have brought together more than one step should take away.
    COMMENTS_BELOW = "DELETE FROM comments WHERE id IN (SELECT c.id FROM users u
        CROSS JOIN posts p CROSS JOIN comments c
        WHERE p.user_id = u.id AND c.post_id = p.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    FAVORITES_ON = "DELETE FROM favorites WHERE (user_id, post_id) IN (SELECT f.user_id, f.post_id
        FROM users u CROSS JOIN posts p CROSS JOIN favorites f
        WHERE p.user_id = u.id AND f.post_id = p.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    BOOKMARKS_ON = "DELETE FROM bookmarks WHERE (user_id, post_id) IN (SELECT b.user_id, b.post_id
        FROM users u CROSS JOIN posts p CROSS JOIN bookmarks b
        WHERE p.user_id = u.id AND b.post_id = p.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    POSTS = "DELETE FROM posts WHERE id IN (SELECT p.id FROM users u JOIN posts p ON p.user_id = u.id
        WHERE u.deleted_at IS NOT NULL LIMIT $1)";
    TODOS = "DELETE FROM todos WHERE id IN (SELECT t.id FROM users u JOIN todos t ON t.user_id = u.id
        WHERE u.deleted_at IS NOT NULL LIMIT $1)";
    // CROSS makes SQLite begin with the few users who are deleted, not walk along all clients.
    CLIENTS = "DELETE FROM audit_clients WHERE event_id IN
        (SELECT c.event_id FROM users u CROSS JOIN audit_clients c
        WHERE c.user_id = u.id AND u.deleted_at IS NOT NULL LIMIT $1)";
    USERS = "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.user_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM todos t WHERE t.user_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.user_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM favorites f WHERE f.user_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM bookmarks b WHERE b.user_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.followed_id = users.id)
        AND NOT EXISTS (SELECT 1 FROM audit_clients c WHERE c.user_id = users.id) LIMIT $1)";
    SESSIONS = "DELETE FROM sessions WHERE id IN
        (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)";
    PERSONAL_TOKENS = "DELETE FROM personal_tokens WHERE id IN
        (SELECT id FROM personal_tokens WHERE expires_at < $1 LIMIT $2)";
    PENDING_LOGINS = "DELETE FROM pending_logins WHERE token_hash IN
        (SELECT token_hash FROM pending_logins WHERE expires_at < $1 LIMIT $2)";
    OLD_CLIENTS = "DELETE FROM audit_clients WHERE event_id IN
        (SELECT event_id FROM audit_clients WHERE created_at < $1 LIMIT $2)";
}

/// What goes, in this order, and what is shown differently then. What is counted beside a post
/// of somebody else is; what was theirs nobody sees any more.
const STEPS: &[(&Sql, Option<Change>)] = &[
    (&FAVORITES, Some(Change::All)),
    (&BOOKMARKS, None),
    (&FOLLOWS, None),
    (&FOLLOWERS, None),
    (&COMMENTS, None),
    (&COMMENTS_BELOW, None),
    (&FAVORITES_ON, None),
    (&BOOKMARKS_ON, None),
    (&POSTS, None),
    (&TODOS, None),
    (&CLIENTS, None),
    (&USERS, None),
];

impl Store {
    /// Takes one step of purging deleted users with their posts, their todos and where they
    /// came from; their comments lose their author. Gives how many rows went or changed. Zero:
    /// nothing is left to do.
    pub async fn purge_deleted_users(&self) -> Result<u64> {
        for (sql, change) in STEPS {
            let step = Statement::new(sql, params![BATCH_ROWS].into());
            let outcome = self.db.write(step).await?;
            if outcome.changed > 0
                && let Some(change) = change
            {
                self.epochs.advance(*change);
            }
            if outcome.changed > 0 {
                return Ok(outcome.changed);
            }
        }
        Ok(0)
    }

    /// Takes one step of purging sessions, and personal access tokens, that ended before `before`;
    /// gives how many went.
    pub async fn purge_sessions(&self, before: Timestamp) -> Result<u64> {
        let mut gone = 0;
        for sql in [&SESSIONS, &PERSONAL_TOKENS] {
            let purge = Statement::new(sql, params![before, BATCH_ROWS].into());
            gone += self.db.write(purge).await?.changed;
        }
        Ok(gone)
    }

    /// Takes one step of purging log-ins that waited for a code until `before`; gives how many went.
    pub async fn purge_pending_logins(&self, before: Timestamp) -> Result<u64> {
        let params = params![before, BATCH_ROWS];
        let purge = Statement::new(&PENDING_LOGINS, params.into());
        Ok(self.db.write(purge).await?.changed)
    }

    /// Takes one step of forgetting where events of the audit log came from that are older than
    /// `before`; gives how many rows went.
    pub async fn purge_audit_clients(&self, before: Timestamp) -> Result<u64> {
        let params = params![before, BATCH_ROWS];
        let purge = Statement::new(&OLD_CLIENTS, params.into());
        Ok(self.db.write(purge).await?.changed)
    }
}
