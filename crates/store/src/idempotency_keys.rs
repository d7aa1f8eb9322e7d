//! Questions about keys of what is to be done once.

use model::{NewIdempotencyKey, StoredAnswer, StoredIdempotencyKey, Timestamp};

use crate::db::{Row, Statement, Value, params, statements};
use crate::{BATCH_ROWS, Error, Result, Store};

statements! {
    FORGET = "DELETE FROM idempotency_keys WHERE key_hash = $1 AND expires_at <= $2";
    INSERT = "INSERT INTO idempotency_keys (key_hash, user_id, body_hash, expires_at, resource_id)
        VALUES ($1, $2, $3, $4, $5)";
    BY_HASH = "SELECT body_hash, resource_id, status, location, etag, body FROM idempotency_keys
        WHERE key_hash = $1 AND expires_at > $2";
    // What changed nothing has stored no key.
    ANSWER = "INSERT INTO idempotency_keys
            (key_hash, user_id, body_hash, expires_at, status, location, etag, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (key_hash) DO UPDATE SET body_hash = excluded.body_hash,
            expires_at = excluded.expires_at, status = excluded.status, location = excluded.location, etag = excluded.etag, body = excluded.body";
    PURGE = "DELETE FROM idempotency_keys WHERE key_hash IN
        (SELECT key_hash FROM idempotency_keys WHERE expires_at <= $1 LIMIT $2)";
}

/// The statements that store a key with what the others in their list do: `made` is the number of
/// what they make, or stands for what the first of them returns.
pub(crate) fn remember_key(key: Option<&NewIdempotencyKey>, made: &Value) -> Vec<Statement> {
    let statements = key.map(|key| {
        let (hash, body) = (&key.key_hash, &key.body_hash);
        let params = params![hash, key.user_id, body, key.expires_at, made.clone()];
        [
            Statement::new(&FORGET, params![hash, key.now].into()),
            Statement::new(&INSERT, params.into()),
        ]
    });
    statements.into_iter().flatten().collect()
}

impl Error {
    /// Whether a list was undone because somebody has done under the same key what it does.
    pub fn is_done_already(&self) -> bool {
        matches!(self, Self::Unique(place) if place.starts_with("idempotency_keys."))
    }
}

impl Store {
    /// What is remembered of a key, unless it is forgotten by `now`.
    pub async fn idempotency_key(
        &self,
        key_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<StoredIdempotencyKey>> {
        self.db.row(&BY_HASH, &params![key_hash, now], stored).await
    }

    /// Stores how the request with a key was answered, and the key where nothing was done.
    pub async fn store_answer(&self, key: &NewIdempotencyKey, answer: &StoredAnswer) -> Result<()> {
        let params = params![
            &key.key_hash,
            key.user_id,
            &key.body_hash,
            key.expires_at,
            i64::from(answer.status),
            answer.location.as_deref(),
            answer.etag.as_deref(),
            &answer.body[..],
        ];
        let update = Statement::new(&ANSWER, params.into());
        self.db.write(update).await.map(drop)
    }

    /// Takes one step of forgetting keys that were good until `now`; gives how many went.
    pub async fn purge_idempotency_keys(&self, now: Timestamp) -> Result<u64> {
        let purge = Statement::new(&PURGE, params![now, BATCH_ROWS].into());
        Ok(self.db.write(purge).await?.changed)
    }
}

fn stored(row: &Row<'_>) -> Result<StoredIdempotencyKey> {
    let hash = row.bytes(0)?;
    let broken = || Error::Other("a hash has not 32 bytes".into());
    let status = row
        .opt_int(2)?
        .and_then(|status| u16::try_from(status).ok());
    let answer = status.map(|status| -> Result<_> {
        Ok(StoredAnswer {
            status,
            location: row.opt_text(3)?.map(str::to_owned),
            etag: row.opt_text(4)?.map(str::to_owned),
            body: row.opt_bytes(5)?.unwrap_or_default().to_vec(),
        })
    });
    Ok(StoredIdempotencyKey {
        body_hash: hash.try_into().map_err(|_| broken())?,
        resource_id: row.opt_int(1)?,
        answer: answer.transpose()?,
    })
}
