//! Questions about personal access tokens.

use model::{
    AuditEntry, Cursor, NewPersonalToken, Page, PageLimit, PersonalToken, PersonalTokenId,
    PersonalTokenState, SessionState, Timestamp, UserId,
};

use crate::audit::audited;
use crate::db::{Row, Statement, params, statements};
use crate::users::happened;
use crate::{Error, Result, Store};

statements! {
    // Those who make tokens at once must not count each other out.
    LOCK_OWNER = {
        sqlite: "SELECT 1 FROM users WHERE id = $1",
        postgres: "SELECT 1::bigint FROM users WHERE id = $1 FOR UPDATE"
    };
    INSERT = "INSERT INTO personal_tokens
            (id, user_id, name, scopes, hash, generation, created_at, expires_at)
        SELECT $1, u.id, $3, $4, $5, u.generation, $6, $7 FROM users u
        WHERE u.id = $2 AND u.deleted_at IS NULL AND $8 > (SELECT count(*) FROM personal_tokens t
            WHERE t.user_id = u.id AND t.expires_at > $6 AND t.generation = u.generation)";
    NEWEST = "SELECT t.id, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at
        FROM personal_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.user_id = $1 AND t.id < $2 AND t.expires_at > $3 AND t.generation = u.generation
        ORDER BY t.id DESC LIMIT $4";
    STATE = "SELECT t.hash, t.scopes, t.last_used_at, u.id, u.username, u.role, u.generation,
            u.suspended_at
        FROM personal_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.id = $1 AND t.expires_at > $2 AND t.generation = u.generation
        AND u.deleted_at IS NULL";
    TOUCH = "UPDATE personal_tokens SET last_used_at = $2
        WHERE id = $1 AND coalesce(last_used_at, 0) <= $3";
    DELETE = "DELETE FROM personal_tokens WHERE id = $1 AND user_id = $2";
}

impl Store {
    /// Stores a token. False: the user has `most` already that are alive, or is gone.
    pub async fn insert_personal_token(
        &self,
        new: &NewPersonalToken,
        most: i64,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let params = params![
            new.id,
            new.user_id,
            new.name.as_str(),
            new.scopes.to_string(),
            new.hash.as_slice(),
            new.created_at,
            new.expires_at,
            most,
        ];
        let lock = Statement::new(&LOCK_OWNER, params![new.user_id].into());
        let insert = Statement::new(&INSERT, params.into()).expect_rows(1);
        happened(self.db.atomic(audited(vec![lock, insert], audit)).await)
    }

    /// A user's tokens that are alive, newest first. The cursor holds the two halves of an
    /// identifier.
    pub async fn newest_personal_tokens(
        &self,
        user_id: UserId,
        before: &Cursor,
        limit: PageLimit,
        now: Timestamp,
    ) -> Result<Page<PersonalToken>> {
        let before = PersonalTokenId::at_cursor(before);
        let params = params![user_id, before, now, limit.get() + 1];
        let rows = self.db.rows(&NEWEST, &params, token).await?;
        Ok(Page::cut(rows, limit, |token| token.id.as_cursor()))
    }

    /// A token and the account behind it, as long as it is alive.
    pub async fn personal_token_state(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
    ) -> Result<Option<PersonalTokenState>> {
        self.db.row(&STATE, &params![id, now], state).await
    }

    /// Remembers that a token was used, unless it was used after `before` already.
    pub async fn touch_personal_token(
        &self,
        id: PersonalTokenId,
        now: Timestamp,
        before: Timestamp,
    ) -> Result<()> {
        let touch = Statement::new(&TOUCH, params![id, now, before].into());
        self.db.write(touch).await.map(drop)
    }

    /// Takes a token away. False: the user has none of this id.
    pub async fn delete_personal_token(
        &self,
        id: PersonalTokenId,
        user_id: UserId,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let delete = Statement::new(&DELETE, params![id, user_id].into()).expect_rows(1);
        happened(self.db.atomic(audited(vec![delete], audit)).await)
    }
}

pub(crate) fn token(row: &Row<'_>) -> Result<PersonalToken> {
    Ok(PersonalToken {
        id: id(row, 0)?,
        name: row.text(1)?.to_owned(),
        scopes: row.word(2)?,
        created_at: row.time(3)?,
        expires_at: row.time(4)?,
        last_used_at: row.opt_time(5)?,
    })
}

fn state(row: &Row<'_>) -> Result<PersonalTokenState> {
    Ok(PersonalTokenState {
        hash: row.bytes(0)?.to_vec(),
        scopes: row.word(1)?,
        last_used_at: row.opt_time(2)?,
        account: SessionState {
            user_id: UserId(row.int(3)?),
            username: row.text(4)?.to_owned(),
            role: row.word(5)?,
            generation: row.int(6)?,
            suspended: row.opt_int(7)?.is_some(),
        },
    })
}

fn id(row: &Row<'_>, column: usize) -> Result<PersonalTokenId> {
    PersonalTokenId::from_bytes(row.bytes(column)?)
        .ok_or_else(|| Error::Other("a column is not a UUID".into()))
}
