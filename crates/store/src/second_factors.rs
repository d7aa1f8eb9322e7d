//! Questions about second factors and recovery codes.

use model::{AuditEntry, FactorProof, KeptSession, SecondFactor, Timestamp, TotpAttempt, UserId};

use crate::audit::audited;
use crate::db::{Row, Statement, params, statements};
use crate::pending_logins::end_pending_logins;
use crate::sessions::carry_over;
use crate::users::happened;
use crate::{BATCH_ROWS, Result, Store};

/// The columns that [`factor`] reads, from the first on.
macro_rules! factor_columns {
    () => {
        "u.id, u.generation, u.totp_secret, u.totp_offered_at, u.totp_enabled_at, u.totp_last_step,
            u.totp_attempts_since"
    };
}
pub(crate) use factor_columns;

statements! {
    STATE = (concat!("SELECT ", factor_columns!(), " FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL"));
    OFFER = "UPDATE users SET totp_secret = $3, totp_offered_at = $4
        WHERE id = $1 AND generation = $2 AND totp_enabled_at IS NULL AND deleted_at IS NULL";
    // Counted before the code is looked at, so that a hundred at once are counted as a hundred.
    COUNT_ATTEMPT = "UPDATE users SET
            totp_attempts = CASE WHEN totp_attempts_since <= $4 THEN 1 ELSE totp_attempts + 1 END,
            totp_attempts_since = CASE WHEN totp_attempts_since <= $4 THEN $3
                ELSE totp_attempts_since END
        WHERE id = $1 AND (totp_attempts < $2 OR totp_attempts_since <= $4)";
    ENABLE = "UPDATE users SET totp_enabled_at = $3, totp_offered_at = NULL, totp_last_step = $5,
            totp_attempts = 0, totp_attempts_since = 0, generation = $2
        WHERE id = $1 AND generation = $2 - 1 AND totp_secret = $4 AND totp_enabled_at IS NULL
        AND suspended_at IS NULL AND deleted_at IS NULL";
    INSERT_CODE = "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)";
    DELETE_CODES = "DELETE FROM recovery_codes WHERE user_id = $1";
    // Of those who show one code at once, these let one through.
    USE_STEP = "UPDATE users SET totp_last_step = $2, totp_attempts = 0,
            totp_attempts_since = 0
        WHERE id = $1 AND totp_last_step < $2 AND totp_enabled_at IS NOT NULL";
    USE_CODE = "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2";
    DISABLE = "UPDATE users SET totp_secret = NULL, totp_enabled_at = NULL, totp_last_step = 0
        WHERE id = $1 AND generation = $2 AND totp_enabled_at IS NOT NULL AND deleted_at IS NULL";
    REMOVE = "UPDATE users SET totp_secret = NULL, totp_offered_at = NULL, totp_enabled_at = NULL,
            totp_last_step = 0, totp_attempts = 0, totp_attempts_since = 0
        WHERE id = $1 AND totp_enabled_at IS NOT NULL AND deleted_at IS NULL";
    SEALED_AFTER = "SELECT id, totp_secret FROM users WHERE totp_secret IS NOT NULL AND id > $1
        ORDER BY id LIMIT $2";
    RESEAL = "UPDATE users SET totp_secret = $3 WHERE id = $1 AND totp_secret = $2";
}

impl Store {
    /// The second factor of an account, if only an absent one.
    pub async fn second_factor(&self, user_id: UserId) -> Result<Option<SecondFactor>> {
        let decode = |row: &Row<'_>| factor(row, 0);
        self.db.row(&STATE, &params![user_id], decode).await
    }

    /// Offers a secret in place of any that was offered before. False: one is demanded already, or
    /// the account's tokens were revoked meanwhile.
    pub async fn offer_second_factor(
        &self,
        (user_id, generation): (UserId, i64),
        sealed_secret: &[u8],
        now: Timestamp,
    ) -> Result<bool> {
        let params = params![user_id, generation, sealed_secret, now];
        let offer = Statement::new(&OFFER, params.into());
        Ok(self.db.write(offer).await?.changed == 1)
    }

    /// Counts a six-digit code. False: too many were tried.
    pub async fn count_totp_attempt(&self, attempt: &TotpAttempt) -> Result<bool> {
        Ok(self.db.write(count_attempt(attempt)).await?.changed == 1)
    }

    /// Demands the offered secret from now on, with these recovery codes in place of any others.
    /// The code of `step` is used up, and every session but `kept` ends. False: another secret was
    /// offered, the session is over, or the account's tokens were revoked meanwhile.
    pub async fn enable_second_factor(
        &self,
        (sealed_secret, step): (&[u8], i64),
        code_hashes: &[[u8; 32]],
        kept: &KeptSession,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let user_id = kept.user_id;
        let params = params![user_id, kept.generation, kept.now, sealed_secret, step];
        let enable = Statement::new(&ENABLE, params.into()).expect_rows(1);
        let clear = Statement::new(&DELETE_CODES, params![user_id].into());
        let insert = |hash| Statement::new(&INSERT_CODE, params![user_id, hash].into());
        let mut statements = vec![enable, clear];
        statements.extend(code_hashes.iter().map(insert));
        statements.extend(carry_over(kept));
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// Demands no second factor any more: the secret, the recovery codes and the log-ins that wait
    /// for a code are gone. False: the code was used up, or the account has changed meanwhile.
    pub async fn disable_second_factor(
        &self,
        (user_id, generation): (UserId, i64),
        proof: &FactorProof,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let params = params![user_id, generation];
        let statements = vec![
            end_pending_logins(user_id),
            use_up(user_id, proof),
            Statement::new(&DISABLE, params.into()).expect_rows(1),
            Statement::new(&DELETE_CODES, params![user_id].into()),
        ];
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// The same without a code, by whoever runs the server. False: none is demanded, or there is no
    /// such user.
    pub async fn remove_second_factor(
        &self,
        user_id: UserId,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let statements = vec![
            end_pending_logins(user_id),
            Statement::new(&REMOVE, params![user_id].into()).expect_rows(1),
            Statement::new(&DELETE_CODES, params![user_id].into()),
        ];
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// The sealed secrets of the users after `after` by id, at most a batch.
    pub async fn totp_secrets_after(&self, after: UserId) -> Result<Vec<(UserId, Vec<u8>)>> {
        let params = params![after, BATCH_ROWS];
        let decode = |row: &Row<'_>| Ok((UserId(row.int(0)?), row.bytes(1)?.to_vec()));
        self.db.rows(&SEALED_AFTER, &params, decode).await
    }

    /// Replaces a secret by the same one, sealed anew.
    pub async fn reseal_totp_secret(&self, user_id: UserId, old: &[u8], new: &[u8]) -> Result<()> {
        let reseal = Statement::new(&RESEAL, params![user_id, old, new].into());
        self.db.write(reseal).await.map(drop)
    }
}

/// Uses up a right code, exactly once; rides along with what it opens.
pub(crate) fn use_up(user_id: UserId, proof: &FactorProof) -> Statement {
    let used = match proof {
        FactorProof::Totp { step } => Statement::new(&USE_STEP, params![user_id, *step].into()),
        FactorProof::Recovery { hash } => Statement::new(&USE_CODE, params![user_id, hash].into()),
    };
    used.expect_rows(1)
}

pub(crate) fn count_attempt(attempt: &TotpAttempt) -> Statement {
    let params = params![attempt.user_id, attempt.most, attempt.now, attempt.over];
    Statement::new(&COUNT_ATTEMPT, params.into())
}

/// Reads the columns of a second factor from `first` on.
pub(crate) fn factor(row: &Row<'_>, first: usize) -> Result<SecondFactor> {
    Ok(SecondFactor {
        user_id: UserId(row.int(first)?),
        generation: row.int(first + 1)?,
        sealed_secret: row.opt_bytes(first + 2)?.map(<[u8]>::to_vec),
        offered_at: row.opt_time(first + 3)?,
        enabled_at: row.opt_time(first + 4)?,
        last_step: row.int(first + 5)?,
        attempts_since: row.time(first + 6)?,
    })
}
