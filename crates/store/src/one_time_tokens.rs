//! Questions about one-time tokens. Each is spent in the list of the write that it allows.

use model::{
    AuditEntry, JobId, NewJob, NewOneTimeToken, OneTimeKind, OneTimeToken, StoredOneTimeToken,
    Timestamp, UserId,
};

use crate::audit::audited;
use crate::db::{Row, Statement, params, statements};
use crate::jobs::{enqueue, supersede};
use crate::sessions::end_sessions;
use crate::users::happened;
use crate::{BATCH_ROWS, Error, Result, Store};

statements! {
    // In place of the last one of its kind, unless that is of a newer job, or is still good, was mailed
    // to the same address and is not older than $10: nobody gets the same mail twice a minute. What
    // was asked for ($11) before another address was confirmed is not wanted any more.
    PUT = "INSERT INTO one_time_tokens
            (user_id, kind, hash, email, email_key, generation, job_id, created_at, expires_at)
        SELECT u.id, $2, $3, $4, $5, u.generation, $7, $8, $9 FROM users u
        WHERE u.id = $1 AND u.generation = $6 AND u.deleted_at IS NULL AND u.suspended_at IS NULL
        AND ($2 <> 'verify' OR coalesce(u.email_verified_at, $11) <= $11)
        ON CONFLICT (user_id, kind) DO UPDATE SET hash = excluded.hash, email = excluded.email,
            email_key = excluded.email_key, generation = excluded.generation,
            job_id = excluded.job_id, created_at = excluded.created_at,
            expires_at = excluded.expires_at
        WHERE one_time_tokens.job_id = excluded.job_id
            OR (one_time_tokens.job_id < excluded.job_id AND (one_time_tokens.created_at <= $10
                OR one_time_tokens.email_key <> excluded.email_key
                OR one_time_tokens.generation <> excluded.generation))";
    // One for another password stands only as long as its address is the account's own.
    GOOD = "SELECT t.hash, u.id, u.username, t.email, t.email_key, u.generation,
            CASE WHEN u.email_verified_at IS NULL THEN NULL ELSE u.email END
        FROM one_time_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.hash = $1 AND t.kind = $2 AND t.expires_at > $3 AND t.generation = u.generation
        AND u.deleted_at IS NULL AND u.suspended_at IS NULL
        AND (t.kind <> 'reset' OR (u.email_key = t.email_key AND u.email_verified_at IS NOT NULL))";
    // Of those who show the same token, one meets the row.
    SPEND = "DELETE FROM one_time_tokens WHERE hash = $1 AND kind = $2 AND expires_at > $3";
    RESET_PASSWORD = "UPDATE users SET password_hash = $2, generation = generation + 1
        WHERE id = $1 AND generation = $3 AND email_key = $4 AND email_verified_at IS NOT NULL
        AND suspended_at IS NULL AND deleted_at IS NULL";
    VERIFY_EMAIL = "UPDATE users SET email = $2, email_key = $3, email_verified_at = $4
        WHERE id = $1 AND generation = $5 AND suspended_at IS NULL AND deleted_at IS NULL";
    STORED = "SELECT hash, email, email_key, generation, job_id, created_at, expires_at
        FROM one_time_tokens WHERE user_id = $1 AND kind = $2";
    PUT_BACK = "UPDATE one_time_tokens SET hash = $4, email = $5, email_key = $6, generation = $7,
            job_id = $8, created_at = $9, expires_at = $10
        WHERE user_id = $1 AND kind = $2 AND hash = $3";
    TAKE_BACK = "DELETE FROM one_time_tokens WHERE user_id = $1 AND kind = $2 AND hash = $3";
    FORGET = "DELETE FROM one_time_tokens WHERE user_id = $1";
    PURGE = "DELETE FROM one_time_tokens WHERE hash IN
        (SELECT hash FROM one_time_tokens WHERE expires_at < $1 LIMIT $2)";
}

impl Store {
    /// Stores a token in place of the account's last one of its kind. False: its tokens were
    /// revoked meanwhile, a newer job was faster, or another job has mailed one that is good to the
    /// same address after `since`.
    pub async fn put_one_time_token(
        &self,
        new: &NewOneTimeToken,
        since: Timestamp,
    ) -> Result<bool> {
        let params = params![
            new.user_id,
            new.kind.as_str(),
            new.hash.as_slice(),
            new.email.as_str(),
            new.email.key(),
            new.generation,
            new.job_id,
            new.created_at,
            new.expires_at,
            since,
            new.asked_at,
        ];
        let put = Statement::new(&PUT, params.into());
        Ok(self.db.write(put).await?.changed == 1)
    }

    /// The account's last token of a kind, good or not.
    pub async fn stored_one_time_token(
        &self,
        user_id: UserId,
        kind: OneTimeKind,
    ) -> Result<Option<StoredOneTimeToken>> {
        let params = params![user_id, kind.as_str()];
        self.db.row(&STORED, &params, stored).await
    }

    /// Takes back a token whose mail was not sent: the one before it, if there was one, is good
    /// again.
    pub async fn take_back_one_time_token(
        &self,
        new: &NewOneTimeToken,
        before: Option<&StoredOneTimeToken>,
    ) -> Result<()> {
        let mut params = params![new.user_id, new.kind.as_str(), new.hash.as_slice()].to_vec();
        let sql = match before {
            Some(before) => {
                params.extend(params![
                    before.hash.as_slice(),
                    before.email.as_str(),
                    before.email_key.as_str(),
                    before.generation,
                    before.job_id,
                    before.created_at,
                    before.expires_at,
                ]);
                &PUT_BACK
            }
            None => &TAKE_BACK,
        };
        self.db.write(Statement::new(sql, params)).await.map(drop)
    }

    /// The token of this hash and kind, as long as it is good.
    pub async fn one_time_token(
        &self,
        hash: &[u8; 32],
        kind: OneTimeKind,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>> {
        let params = params![hash.as_slice(), kind.as_str(), now];
        self.db.row(&GOOD, &params, token).await
    }

    /// Spends a token for another password: every session ends, and every token is revoked. False:
    /// it is good no more.
    pub async fn reset_password(
        &self,
        token: &OneTimeToken,
        password_hash: &str,
        now: Timestamp,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let key = token.email_key.as_str();
        let params = params![token.user_id, password_hash, token.generation, key];
        let statements = vec![
            spend(token, OneTimeKind::Reset, now),
            Statement::new(&RESET_PASSWORD, params.into()).expect_rows(1),
            end_sessions(token.user_id, now),
            forget(token.user_id),
        ];
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// Spends a token that shows whose its address is: from now on it is the account's. The other
    /// tokens of the account go with the address of before, and so do the jobs of `pointless` kind,
    /// which would mail further ones. False: it is good no more.
    ///
    /// # Errors
    /// [`Error::Unique`] when the address is another account's; the token is not spent then.
    pub async fn verify_email(
        &self,
        token: &OneTimeToken,
        now: Timestamp,
        (pointless, jobs): (&str, &[NewJob]),
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let (email, key) = (token.email.as_str(), token.email_key.as_str());
        let params = params![token.user_id, email, key, now, token.generation];
        let mut statements = vec![
            spend(token, OneTimeKind::Verify, now),
            Statement::new(&VERIFY_EMAIL, params.into()).expect_rows(1),
            forget(token.user_id),
            supersede(token.user_id, pointless),
        ];
        statements.extend(jobs.iter().map(enqueue));
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// Takes one step of purging tokens that ended before `before`; gives how many went.
    pub async fn purge_one_time_tokens(&self, before: Timestamp) -> Result<u64> {
        let purge = Statement::new(&PURGE, params![before, BATCH_ROWS].into());
        Ok(self.db.write(purge).await?.changed)
    }
}

fn spend(token: &OneTimeToken, kind: OneTimeKind, now: Timestamp) -> Statement {
    let params = params![token.hash.as_slice(), kind.as_str(), now];
    Statement::new(&SPEND, params.into()).expect_rows(1)
}

fn forget(user_id: UserId) -> Statement {
    Statement::new(&FORGET, params![user_id].into())
}

fn stored(row: &Row<'_>) -> Result<StoredOneTimeToken> {
    Ok(StoredOneTimeToken {
        hash: hash(row)?,
        email: row.text(1)?.to_owned(),
        email_key: row.text(2)?.to_owned(),
        generation: row.int(3)?,
        job_id: JobId::from_bytes(row.bytes(4)?)
            .ok_or_else(|| Error::Other("a column is not a UUID".into()))?,
        created_at: row.time(5)?,
        expires_at: row.time(6)?,
    })
}

fn hash(row: &Row<'_>) -> Result<[u8; 32]> {
    let hash = row.bytes(0)?.try_into();
    hash.map_err(|_| Error::Other("a hash has not 32 bytes".into()))
}

fn token(row: &Row<'_>) -> Result<OneTimeToken> {
    Ok(OneTimeToken {
        hash: hash(row)?,
        user_id: UserId(row.int(1)?),
        username: row.text(2)?.to_owned(),
        email: row.text(3)?.to_owned(),
        email_key: row.text(4)?.to_owned(),
        generation: row.int(5)?,
        verified_email: row.opt_text(6)?.map(str::to_owned),
    })
}
