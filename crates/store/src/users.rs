//! Questions about users.

use model::{
    AccountPatch, AuditEntry, AvatarUrl, Bio, DisplayName, Email, KeptSession, NewJob, NewUser,
    ProfilePatch, Role, Timestamp, User, UserId, UserLogin, Username,
};

use crate::audit::audited;
use crate::db::{Row, Statement, Value, params, statements};
use crate::jobs::enqueue;
use crate::sessions::{carry_over, end_sessions};
use crate::{BATCH_ROWS, Change, Error, Result, Store};

/// A question for users; the rest of the text follows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, username, role, suspended_at, created_at, display_name, bio, avatar_url, email,
                email_verified_at, totp_enabled_at FROM users WHERE ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO users
            (username, name_key, name_skeleton, password_hash, role, created_at, email, email_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    BY_ID = (select!("id = $1 AND deleted_at IS NULL"));
    BY_KEY = (select!("name_key = $1"));
    BY_EMAIL = (select!("email_key = $1 AND email_verified_at IS NOT NULL"));
    TAKEN = "SELECT 1 FROM users WHERE name_key = $1 OR name_skeleton = $2";
    LOGIN = "SELECT id, password_hash, generation, suspended_at, totp_enabled_at FROM users
        WHERE name_key = $1";
    LOGIN_BY_EMAIL = "SELECT id, password_hash, generation, suspended_at, totp_enabled_at FROM users
        WHERE email_key = $1 AND email_verified_at IS NOT NULL";
    AFTER = (select!("id > $1 AND deleted_at IS NULL ORDER BY id LIMIT $2"));
    COUNT = "SELECT count(*) FROM users WHERE deleted_at IS NULL";
    // Two admins who demote each other at the same moment must not both succeed.
    LOCK_ADMINS = {
        sqlite: "SELECT 1",
        postgres: "SELECT 1::bigint FROM (SELECT pg_advisory_xact_lock(1)) AS held"
    };
    UPDATE_ACCOUNT = "UPDATE users SET role = coalesce($2, role),
            suspended_at = CASE $3 WHEN 1 THEN coalesce(suspended_at, $4) WHEN 0 THEN NULL
                ELSE suspended_at END,
            generation = CASE $3 WHEN 1 THEN generation + 1 ELSE generation END
        WHERE id = $1 AND deleted_at IS NULL
        AND (role <> 'admin' OR suspended_at IS NOT NULL
            OR (coalesce($2, role) = 'admin' AND coalesce($3, 0) <> 1) OR EXISTS (
            SELECT 1 FROM users o WHERE o.role = 'admin' AND o.id <> $1
            AND o.suspended_at IS NULL AND o.deleted_at IS NULL))";
    UPDATE_PROFILE = "UPDATE users SET
            display_name = CASE WHEN $2 = 1 THEN $3 ELSE display_name END,
            bio = CASE WHEN $4 = 1 THEN $5 ELSE bio END,
            avatar_url = CASE WHEN $6 = 1 THEN $7 ELSE avatar_url END
        WHERE id = $1 AND deleted_at IS NULL";
    SET_PASSWORD = "UPDATE users SET password_hash = $2, generation = generation + 1
        WHERE id = $1 AND deleted_at IS NULL";
    CHANGE_PASSWORD = "UPDATE users SET password_hash = $3, generation = $2
        WHERE id = $1 AND generation = $2 - 1 AND suspended_at IS NULL AND deleted_at IS NULL";
    REPLACE_HASH = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
    DELETE = "UPDATE users SET deleted_at = $2, name_key = NULL, name_skeleton = NULL,
            email = NULL, email_key = NULL, email_verified_at = NULL, password_hash = '',
            totp_secret = NULL, totp_offered_at = NULL, totp_enabled_at = NULL,
            generation = generation + 1
        WHERE id = $1 AND deleted_at IS NULL
        AND (role <> 'admin' OR suspended_at IS NOT NULL OR EXISTS (
            SELECT 1 FROM users o WHERE o.role = 'admin' AND o.id <> $1
            AND o.suspended_at IS NULL AND o.deleted_at IS NULL))";
}

impl Store {
    /// Stores a user, enqueues what is to be done for the account, and gives the new number.
    ///
    /// # Errors
    /// [`Error::Unique`] when the name, or one that looks like it, is taken.
    pub async fn insert_user(
        &self,
        new: &NewUser,
        jobs: &[NewJob],
        audit: &[AuditEntry],
    ) -> Result<UserId> {
        let statements = std::iter::once(insert(new)).chain(jobs.iter().map(enqueue));
        let statements = audited(statements.collect(), audit);
        let outcomes = self.db.atomic(statements).await?;
        let id = outcomes
            .first()
            .map(|outcome| outcome.row(|row| row.int(0)));
        id.transpose()?
            .flatten()
            .map(UserId)
            .ok_or(Error::RowCount {
                statement: 0,
                met: 0,
            })
    }

    /// The user with this number.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.db.row(&BY_ID, &params![id], user).await
    }

    /// The user who logs in by this name.
    pub async fn user_by_name(&self, name: &Username) -> Result<Option<User>> {
        self.db.row(&BY_KEY, &params![name.key()], user).await
    }

    /// The user whose own this address is known to be.
    pub async fn user_by_email(&self, email: &Email) -> Result<Option<User>> {
        self.db.row(&BY_EMAIL, &params![email.key()], user).await
    }

    /// Whether the name, or one that looks like it, is taken.
    pub async fn username_is_taken(&self, name: &Username) -> Result<bool> {
        let params = params![name.key(), name.skeleton()];
        Ok(self.db.row(&TAKEN, &params, |_| Ok(())).await?.is_some())
    }

    /// What a log-in by this name needs to know.
    pub async fn login(&self, name: &Username) -> Result<Option<UserLogin>> {
        self.db.row(&LOGIN, &params![name.key()], login).await
    }

    /// What a log-in by this address needs to know, if it is known to be somebody's own.
    pub async fn login_by_email(&self, email: &Email) -> Result<Option<UserLogin>> {
        let params = params![email.key()];
        self.db.row(&LOGIN_BY_EMAIL, &params, login).await
    }

    /// The users after `after` by id, at most `limit` and at most a batch.
    pub async fn users_after(&self, after: UserId, limit: u32) -> Result<Vec<User>> {
        self.db
            .rows(&AFTER, &params![after, limit.min(BATCH_ROWS)], user)
            .await
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<i64> {
        self.db.count_apart(&COUNT, Vec::new()).await
    }

    /// Changes an account's role, suspends it, which ends every session, or lifts a suspension,
    /// after which old tokens stay dead. False: there is no such user, or it is the last admin.
    pub async fn update_account(
        &self,
        id: UserId,
        patch: AccountPatch,
        now: Timestamp,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let (role, suspended) = (patch.role.map(Role::as_str), patch.suspended.map(i64::from));
        let params = params![id, role, suspended, now];
        let change = Statement::new(&UPDATE_ACCOUNT, params.into())
            .expect_rows(1)
            .changing(Change::Account(id));
        let ends = (patch.suspended == Some(true)).then(|| end_sessions(id, now));
        let statements = std::iter::once(change).chain(ends).collect();
        self.change_of_admin(audited(statements, audit)).await
    }

    /// Changes the named fields of a profile. False: there is no such user.
    pub async fn update_profile(&self, id: UserId, patch: &ProfilePatch) -> Result<bool> {
        // It stands beside every post of theirs.
        let update = update_profile(id.into(), patch).changing(Change::All);
        Ok(self.db.write(update).await?.changed == 1)
    }

    /// Sets another password and ends every session. False: there is no such user.
    pub async fn set_password(
        &self,
        id: UserId,
        hash: &str,
        now: Timestamp,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let change = Statement::new(&SET_PASSWORD, params![id, hash].into())
            .expect_rows(1)
            .changing(Change::Account(id));
        let statements = vec![change, end_sessions(id, now)];
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// Sets another password and ends every session but `kept`. False: the session is over, or the
    /// account's tokens were revoked meanwhile.
    pub async fn change_password(
        &self,
        hash: &str,
        kept: &KeptSession,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        let params = params![kept.user_id, kept.generation, hash];
        let change = Statement::new(&CHANGE_PASSWORD, params.into())
            .expect_rows(1)
            .changing(Change::Account(kept.user_id));
        let statements = std::iter::once(change).chain(carry_over(kept)).collect();
        happened(self.db.atomic(audited(statements, audit)).await)
    }

    /// Replaces the hash of a password by another of the same, unless it was changed meanwhile.
    pub async fn replace_hash(&self, id: UserId, old: &str, new: &str) -> Result<()> {
        let params = params![id, old, new];
        self.db
            .write(Statement::new(&REPLACE_HASH, params.into()))
            .await
            .map(drop)
    }

    /// Deletes a user: the name is free and every session over. Posts and todos are hidden from
    /// now on and purged later. False: there is no such user, or it is the last admin.
    pub async fn delete_user(
        &self,
        id: UserId,
        now: Timestamp,
        audit: &[AuditEntry],
    ) -> Result<bool> {
        // With the account go all its posts.
        let change = Statement::new(&DELETE, params![id, now].into())
            .expect_rows(1)
            .changing(Change::All);
        let statements = vec![change, end_sessions(id, now)];
        self.change_of_admin(audited(statements, audit)).await
    }

    async fn change_of_admin(&self, mut statements: Vec<Statement>) -> Result<bool> {
        statements.insert(0, Statement::new(&LOCK_ADMINS, vec![]));
        happened(self.db.atomic(statements).await)
    }
}

/// Stores a user and returns the number.
pub(crate) fn insert(new: &NewUser) -> Statement {
    let params = params![
        new.username.as_str(),
        new.username.key(),
        new.username.skeleton(),
        new.password_hash.as_str(),
        new.role.as_str(),
        new.created_at,
        new.email.as_ref().map(Email::as_str),
        new.email.as_ref().map(Email::key),
    ];
    Statement::new(&INSERT, params.into())
}

/// Changes the named fields of the profile of the user `id`.
pub(crate) fn update_profile(id: Value, patch: &ProfilePatch) -> Statement {
    let (name, bio, avatar) = (&patch.display_name, &patch.bio, &patch.avatar_url);
    let params = params![
        id,
        i64::from(name.is_some()),
        name.iter().flatten().next().map(DisplayName::as_str),
        i64::from(bio.is_some()),
        bio.iter().flatten().next().map(Bio::as_str),
        i64::from(avatar.is_some()),
        avatar.iter().flatten().next().map(AvatarUrl::as_str),
    ];
    Statement::new(&UPDATE_PROFILE, params.into())
}

pub(crate) fn happened<T>(outcome: Result<T>) -> Result<bool> {
    match outcome {
        Ok(_) => Ok(true),
        Err(Error::RowCount { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn login(row: &Row<'_>) -> Result<UserLogin> {
    Ok(UserLogin {
        id: UserId(row.int(0)?),
        password_hash: row.text(1)?.to_owned(),
        generation: row.int(2)?,
        suspended: row.opt_int(3)?.is_some(),
        totp_enabled: row.opt_int(4)?.is_some(),
    })
}

fn user(row: &Row<'_>) -> Result<User> {
    Ok(User {
        id: UserId(row.int(0)?),
        username: row.text(1)?.to_owned(),
        role: row.word(2)?,
        suspended_at: row.opt_time(3)?,
        created_at: row.time(4)?,
        display_name: row.opt_text(5)?.map(str::to_owned),
        bio: row.opt_text(6)?.map(str::to_owned),
        avatar_url: row.opt_text(7)?.map(str::to_owned),
        email: row.opt_text(8)?.map(str::to_owned),
        email_verified_at: row.opt_time(9)?,
        totp_enabled_at: row.opt_time(10)?,
    })
}
