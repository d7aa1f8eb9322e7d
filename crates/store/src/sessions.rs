//! Questions about sessions.

use model::{
    AuditEntry, Cursor, KeptSession, NewSession, Page, PageLimit, Refresh, RefreshState, Session,
    SessionId, SessionState, Timestamp, UserId,
};

use crate::audit::audited;
use crate::db::{Row, Statement, params, statements};
use crate::users::happened;
use crate::{Change, Result, Store};

statements! {
    INSERT = "INSERT INTO sessions
        (id, user_id, kind, generation, address, user_agent, created_at, last_used_at, expires_at,
            amr, refresh_nonce)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)";
    STATE = "SELECT u.id, u.username, u.role, u.generation, u.suspended_at, s.expires_at
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > $3
        AND s.ended_at IS NULL AND s.generation = u.generation AND u.deleted_at IS NULL";
    STATE_OF_USER = "SELECT id, username, role, generation, suspended_at
        FROM users WHERE id = $1 AND deleted_at IS NULL";
    LOGGED_IN_FROM = "SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE u.name_key = $1 AND s.address = $2 LIMIT 1";
    EMAIL_LOGGED_IN_FROM = "SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE u.email_key = $1 AND u.email_verified_at IS NOT NULL AND s.address = $2 LIMIT 1";
    REFRESH_STATE = "SELECT s.user_id, s.kind, u.generation, s.amr, s.refresh_counter, s.refresh_nonce,
            s.created_at, s.last_used_at
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = $1 AND s.expires_at > $2 AND s.refresh_nonce IS NOT NULL AND s.ended_at IS NULL
        AND s.generation = u.generation AND u.suspended_at IS NULL AND u.deleted_at IS NULL";
    // Of those who hold the same token, the counter lets one through.
    REFRESH = "UPDATE sessions SET refresh_counter = refresh_counter + 1, last_used_at = $3,
            expires_at = $4, address = $5, user_agent = $6
        WHERE id = $1 AND refresh_counter = $2 AND ended_at IS NULL";
    NEWEST = "SELECT s.id, s.kind, s.address, s.user_agent, s.created_at, s.last_used_at, s.expires_at
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.user_id = $1 AND s.id < $2 AND s.expires_at > $3 AND s.ended_at IS NULL
        AND s.generation = u.generation ORDER BY s.id DESC LIMIT $4";
    END = "UPDATE sessions SET ended_at = $3 WHERE id = $1 AND user_id = $2
        AND ended_at IS NULL AND expires_at > $3";
    END_ALL = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
    END_OTHERS = "UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND id <> $2
        AND ended_at IS NULL";
    // A new nonce: no refresh token of before is genuine any more.
    CARRY_OVER = "UPDATE sessions SET generation = $3, refresh_nonce = $4, refresh_counter = 0,
            last_used_at = $5, expires_at = $6, amr = $7
        WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $5";
    REVOKE_TOKENS = "UPDATE users SET generation = generation + 1
        WHERE id = $1 AND deleted_at IS NULL";
}

impl Store {
    /// Stores a session.
    ///
    /// # Errors
    /// [`crate::Error::ForeignKey`] when the user is gone.
    pub async fn insert_session(&self, new: &NewSession, audit: &[AuditEntry]) -> Result<()> {
        let statements = audited(vec![insert(new)], audit);
        self.db.atomic(statements).await.map(drop)
    }

    /// The account behind a session that is alive, and when the session ends by itself.
    pub async fn session_state(
        &self,
        id: SessionId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Option<(SessionState, Timestamp)>> {
        let decode = |row: &Row<'_>| Ok((state(row)?, row.time(5)?));
        self.db
            .row(&STATE, &params![id, user_id, now], decode)
            .await
    }

    /// The account behind a token that stands for no session.
    pub async fn account_state(&self, user_id: UserId) -> Result<Option<SessionState>> {
        self.db.row(&STATE_OF_USER, &params![user_id], state).await
    }

    /// Whether somebody has logged in to the account of this name from this address.
    pub async fn has_logged_in_from(&self, name_key: &str, address: &str) -> Result<bool> {
        let params = params![name_key, address];
        let found = self.db.row(&LOGGED_IN_FROM, &params, |_| Ok(())).await?;
        Ok(found.is_some())
    }

    /// Whether somebody has logged in from this address to the account whose own this e-mail
    /// address is known to be.
    pub async fn email_has_logged_in_from(&self, key: &str, address: &str) -> Result<bool> {
        let params = params![key, address];
        let found = self.db.row(&EMAIL_LOGGED_IN_FROM, &params, |_| Ok(()));
        Ok(found.await?.is_some())
    }
}

impl Store {
    /// What a refresh needs to know of a session, as long as it is alive and refreshed at all.
    pub async fn refresh_state(
        &self,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Option<RefreshState>> {
        self.db
            .row(&REFRESH_STATE, &params![id, now], |row| {
                Ok(RefreshState {
                    user_id: UserId(row.int(0)?),
                    kind: row.word(1)?,
                    generation: row.int(2)?,
                    methods: row.word(3)?,
                    counter: row.int(4)?,
                    nonce: row.bytes(5)?.to_vec(),
                    created_at: row.time(6)?,
                    last_used_at: row.time(7)?,
                })
            })
            .await
    }

    /// Takes a session's turn. False: somebody else has taken it, or the session is over.
    pub async fn refresh_session(&self, refresh: &Refresh) -> Result<bool> {
        let params = params![
            refresh.id,
            refresh.counter,
            refresh.now,
            refresh.expires_at,
            refresh.address.as_str(),
            refresh.user_agent.as_str(),
        ];
        let outcome = self
            .db
            .write(Statement::new(&REFRESH, params.into()))
            .await?;
        Ok(outcome.changed == 1)
    }

    /// A user's sessions that are alive, newest first. The cursor holds the two halves of an
    /// identifier.
    pub async fn newest_sessions(
        &self,
        user_id: UserId,
        before: &Cursor,
        limit: PageLimit,
        now: Timestamp,
    ) -> Result<Page<Session>> {
        let before = SessionId::at_cursor(before);
        let params = params![user_id, before, now, limit.get() + 1];
        let rows = self.db.rows(&NEWEST, &params, session).await?;
        Ok(Page::cut(rows, limit, |session| session.id.as_cursor()))
    }

    /// Ends a session. False: the user has none of this id that is alive.
    pub async fn end_session(
        &self,
        id: SessionId,
        user_id: UserId,
        now: Timestamp,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let end = Statement::new(&END, params![id, user_id, now].into())
            .expect_rows(1)
            .changing(Change::Account(user_id));
        happened(self.db.atomic(audited(vec![end], audit)).await)
    }

    /// Ends every session of a user, and revokes every token that was given out. False: there is
    /// no such user.
    pub async fn end_all_sessions(
        &self,
        user_id: UserId,
        now: Timestamp,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let revoke = Statement::new(&REVOKE_TOKENS, params![user_id].into()).expect_rows(1);
        let statements = vec![revoke, end_sessions(user_id, now)];
        happened(self.db.atomic(audited(statements, audit)).await)
    }
}

/// Stores a session; rides along with what a log-in uses up.
pub(crate) fn insert(new: &NewSession) -> Statement {
    let params = params![
        new.id,
        new.user_id,
        new.kind.as_str(),
        new.generation,
        new.address.as_str(),
        new.user_agent.as_str(),
        new.created_at,
        new.expires_at,
        new.methods.as_str(),
        new.refresh_nonce.as_ref().map(<[u8; 16]>::as_slice),
    ];
    Statement::new(&INSERT, params.into())
}

/// Ends every session of a user but one, which lives on in the new generation; rides along with
/// what raises it.
pub(crate) fn carry_over(kept: &KeptSession) -> [Statement; 2] {
    let (id, user_id, now) = (kept.id, kept.user_id, kept.now);
    let others = Statement::new(&END_OTHERS, params![user_id, id, now].into())
        .changing(Change::Account(user_id));
    let params = params![
        id,
        user_id,
        kept.generation,
        kept.refresh_nonce.as_slice(),
        now,
        kept.expires_at,
        kept.methods.as_str(),
    ];
    let own = Statement::new(&CARRY_OVER, params.into());
    [others, own.expect_rows(1)]
}

/// Ends every session of a user; rides along with what makes that necessary.
pub(crate) fn end_sessions(user_id: UserId, now: Timestamp) -> Statement {
    // They are kept for a while: from their addresses the account was used before.
    Statement::new(&END_ALL, params![user_id, now].into()).changing(Change::Account(user_id))
}

pub(crate) fn session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: row.session_id(0)?,
        kind: row.word(1)?,
        address: row.text(2)?.to_owned(),
        user_agent: row.text(3)?.to_owned(),
        created_at: row.time(4)?,
        last_used_at: row.time(5)?,
        expires_at: row.time(6)?,
    })
}

fn state(row: &Row<'_>) -> Result<SessionState> {
    Ok(SessionState {
        user_id: UserId(row.int(0)?),
        username: row.text(1)?.to_owned(),
        role: row.word(2)?,
        generation: row.int(3)?,
        suspended: row.opt_int(4)?.is_some(),
    })
}
