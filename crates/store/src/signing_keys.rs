//! Questions about the keys that sign v2 tokens.

use model::{AuditEntry, SigningKey, Timestamp};

use crate::audit::audited;
use crate::db::{Row, Statement, params, statements};
use crate::users::happened;
use crate::{Result, Store};

statements! {
    ALL_KEYS = "SELECT kid, state, public_key, private_key, created_at, activated_at, retired_at
        FROM signing_keys ORDER BY created_at, kid";
    // Of two nodes that start at once, one makes the key.
    INSERT = "INSERT INTO signing_keys
        (kid, state, public_key, private_key, created_at, activated_at, retired_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    RETIRE = "UPDATE signing_keys SET state = 'retired', retired_at = $2
        WHERE kid = $1 AND state = 'active'";
    ACTIVATE = "UPDATE signing_keys SET state = 'active', activated_at = $2
        WHERE kid = $1 AND state = 'next'";
    DELETE = "DELETE FROM signing_keys WHERE kid = $1";
    RESEAL = "UPDATE signing_keys SET private_key = $3 WHERE kid = $1 AND private_key = $2";
    PURGE = "DELETE FROM signing_keys WHERE state = 'retired' AND retired_at < $1";
}

impl Store {
    /// Every key, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>> {
        self.db.rows(&ALL_KEYS, &[], key).await
    }

    /// Stores a key, unless there is one in the same state already.
    pub async fn insert_signing_key(&self, new: &SigningKey) -> Result<()> {
        self.db.write(insert(new)).await.map(drop)
    }

    /// Retires the key `active`, activates `next`, and stores `new`, or changes nothing: another
    /// node has been faster then. Gives whether it was done.
    pub async fn rotate_signing_keys(
        &self,
        active: &str,
        next: &str,
        new: &SigningKey,
        audit: &AuditEntry,
    ) -> Result<bool> {
        let now = audit.at;
        let retire = Statement::new(&RETIRE, params![active, now].into());
        let activate = Statement::new(&ACTIVATE, params![next, now].into());
        let statements = vec![
            retire.expect_rows(1),
            activate.expect_rows(1),
            insert(new).expect_rows(1),
        ];
        let statements = audited(statements, std::slice::from_ref(audit));
        happened(self.db.atomic(statements).await)
    }

    /// Lets the next key sign, where none does.
    pub async fn activate_signing_key(&self, kid: &str, now: Timestamp) -> Result<()> {
        let activate = Statement::new(&ACTIVATE, params![kid, now].into());
        match self.db.write(activate).await {
            // Another node has been faster.
            Err(crate::Error::Unique(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Takes a key away. False: there is none of this name.
    pub async fn delete_signing_key(&self, kid: &str, audit: &[AuditEntry]) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![kid].into()).expect_rows(1);
        happened(self.db.atomic(audited(vec![delete], audit)).await)
    }

    /// Replaces the private half of a key by the same one, sealed anew.
    pub async fn reseal_signing_key(&self, kid: &str, old: &[u8], new: &[u8]) -> Result<()> {
        let reseal = Statement::new(&RESEAL, params![kid, old, new].into());
        self.db.write(reseal).await.map(drop)
    }

    /// Takes away the keys that were retired before `before`.
    pub async fn purge_signing_keys(&self, before: Timestamp) -> Result<u64> {
        let purge = Statement::new(&PURGE, params![before].into());
        Ok(self.db.write(purge).await?.changed)
    }
}

fn insert(new: &SigningKey) -> Statement {
    let params = params![
        new.kid.as_str(),
        new.state.as_str(),
        new.public_key.as_slice(),
        new.sealed_private_key.as_slice(),
        new.created_at,
        new.activated_at,
        new.retired_at,
    ];
    Statement::new(&INSERT, params.into())
}

fn key(row: &Row<'_>) -> Result<SigningKey> {
    Ok(SigningKey {
        kid: row.text(0)?.to_owned(),
        state: row.word(1)?,
        public_key: row.bytes(2)?.to_vec(),
        sealed_private_key: row.bytes(3)?.to_vec(),
        created_at: row.time(4)?,
        activated_at: row.opt_time(5)?,
        retired_at: row.opt_time(6)?,
    })
}
