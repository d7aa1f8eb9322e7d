//! Questions about sessions.

use model::{NewSession, SessionId, SessionState, Timestamp, UserId};

use crate::db::{Row, Statement, params, statements};
use crate::{Error, Result, Store};

statements! {
    INSERT = "INSERT INTO sessions
        (id, user_id, kind, generation, address, user_agent, created_at, last_used_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
    STATE = "SELECT u.id, u.username, u.role, u.generation, u.suspended_at
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > $3
        AND s.ended_at IS NULL AND s.generation = u.generation AND u.deleted_at IS NULL";
    STATE_OF_USER = "SELECT id, username, role, generation, suspended_at
        FROM users WHERE id = $1 AND deleted_at IS NULL";
    LOGGED_IN_FROM = "SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE u.name_key = $1 AND s.address = $2 LIMIT 1";
}

impl Store {
    /// Stores a session.
    ///
    /// # Errors
    /// [`Error::ForeignKey`] when the user is gone.
    pub async fn insert_session(&self, new: &NewSession) -> Result<()> {
        let params = params![
            new.id,
            new.user_id,
            new.kind.as_str(),
            new.generation,
            new.address.as_str(),
            new.user_agent.as_str(),
            new.created_at,
            new.expires_at,
        ];
        self.db
            .write(Statement::new(&INSERT, params.into()))
            .await
            .map(drop)
    }

    /// The account behind a session, as long as the session is alive.
    pub async fn session_state(
        &self,
        id: SessionId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Option<SessionState>> {
        self.db.row(&STATE, &params![id, user_id, now], state).await
    }

    /// The account behind a token that stands for no session.
    pub async fn account_state(&self, user_id: UserId) -> Result<Option<SessionState>> {
        self.db.row(&STATE_OF_USER, &params![user_id], state).await
    }

    /// Whether somebody has logged in to the account of this name from this address.
    pub async fn has_logged_in_from(&self, name_key: &str, address: &str) -> Result<bool> {
        let params = params![name_key, address];
        Ok(self
            .db
            .row(&LOGGED_IN_FROM, &params, |_| Ok(()))
            .await?
            .is_some())
    }
}

fn state(row: &Row<'_>) -> Result<SessionState> {
    let role = row.text(2)?;
    Ok(SessionState {
        user_id: UserId(row.int(0)?),
        username: row.text(1)?.to_owned(),
        role: role
            .parse()
            .map_err(|error: String| Error::Other(error.into()))?,
        generation: row.int(3)?,
        suspended: row.opt_int(4)?.is_some(),
    })
}
