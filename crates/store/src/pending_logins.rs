//! Questions about log-ins that wait for a code.

use model::{
    AuditEntry, CodeOutcome, FactorProof, NewPendingLogin, NewSession, PendingLogin, Timestamp,
    TotpAttempt, UserId,
};

use crate::audit::audited;
use crate::db::{Statement, params, statements};
use crate::second_factors::{count_attempt, factor, factor_columns, use_up};
use crate::sessions;
use crate::{Error, Result, Store};

statements! {
    INSERT = "INSERT INTO pending_logins (token_hash, user_id, kind, generation, expires_at)
        VALUES ($1, $2, $3, $4, $5)";
    STATE = (concat!("SELECT u.username, p.kind, ", factor_columns!(), "
        FROM pending_logins p JOIN users u ON u.id = p.user_id
        WHERE p.token_hash = $1 AND p.expires_at > $2 AND p.generation = u.generation
        AND u.totp_enabled_at IS NOT NULL AND u.suspended_at IS NULL AND u.deleted_at IS NULL"));
    COUNT = "UPDATE pending_logins SET attempts = attempts + 1
        WHERE token_hash = $1 AND attempts < $2 AND expires_at > $3";
    TAKE = "DELETE FROM pending_logins WHERE token_hash = $1 AND expires_at > $2
        AND generation = (SELECT generation FROM users WHERE id = pending_logins.user_id)";
    DELETE_OF_USER = "DELETE FROM pending_logins WHERE user_id = $1";
}

impl Store {
    /// Stores a log-in that waits for a code.
    ///
    /// # Errors
    /// [`Error::ForeignKey`] when the user is gone.
    pub async fn insert_pending_login(&self, new: &NewPendingLogin) -> Result<()> {
        let params = params![
            &new.token_hash,
            new.user_id,
            new.kind.as_str(),
            new.generation,
            new.expires_at,
        ];
        let insert = Statement::new(&INSERT, params.into());
        self.db.write(insert).await.map(drop)
    }

    /// The log-in that a token of this hash stands for, as long as it is alive. How often it was
    /// tried, [`Store::count_login_code`] alone knows.
    pub async fn pending_login(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<PendingLogin>> {
        self.db
            .row(&STATE, &params![token_hash, now], |row| {
                Ok(PendingLogin {
                    username: row.text(0)?.to_owned(),
                    kind: row.word(1)?,
                    factor: factor(row, 2)?,
                })
            })
            .await
    }

    /// Counts a code that is about to be tried: of the log-in, which has `most` attempts, and if it
    /// is a six-digit one of the account too.
    pub async fn count_login_code(
        &self,
        token_hash: &[u8; 32],
        most: i64,
        of_account: Option<&TotpAttempt>,
        now: Timestamp,
    ) -> Result<CodeOutcome> {
        let params = params![token_hash, most, now];
        let count = Statement::new(&COUNT, params.into()).expect_rows(1);
        let of_account = of_account.map(|attempt| count_attempt(attempt).expect_rows(1));
        let statements = std::iter::once(count).chain(of_account).collect();
        outcome(self.db.atomic(statements).await)
    }

    /// Ends the wait: the log-in and its code are used up, and the session is stored.
    pub async fn finish_login(
        &self,
        token_hash: &[u8; 32],
        proof: &FactorProof,
        session: &NewSession,
        audit: &[AuditEntry],
    ) -> Result<CodeOutcome> {
        let params = params![token_hash, session.created_at];
        let take = Statement::new(&TAKE, params.into()).expect_rows(1);
        let used = use_up(session.user_id, proof);
        let statements = vec![take, used, sessions::insert(session)];
        outcome(self.db.atomic(audited(statements, audit)).await)
    }
}

/// Ends every log-in of a user that waits; rides along with what makes that necessary.
pub(crate) fn end_pending_logins(user_id: UserId) -> Statement {
    Statement::new(&DELETE_OF_USER, params![user_id].into())
}

/// The log-in stands first in its list, the account second.
fn outcome<T>(result: Result<T>) -> Result<CodeOutcome> {
    match result {
        Ok(_) => Ok(CodeOutcome::Done),
        Err(Error::RowCount { statement: 0, .. }) => Ok(CodeOutcome::LoginOver),
        Err(Error::RowCount { .. }) => Ok(CodeOutcome::Refused),
        Err(error) => Err(error),
    }
}
