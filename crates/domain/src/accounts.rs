//! What people do with their own account, and admins with those of others.

use model::{
    AccountPatch, AuditKind, KeptSession, Password, ProfilePatch, User, UserId, UserLogin, Username,
};

use crate::audit::By;
use crate::auth::policy::{Action, may};
use crate::auth::{Client, Login, LoginName, refuse_weak};
use crate::sessions::ends_at;
use crate::{
    Actor, AuthFailure, Caller, Credential, Denial, Domain, Error, Noun, Result, SessionActor,
    TokenPair,
};

impl Domain {
    /// The caller's own account.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it was deleted while the request was under way, or a moment
    /// ago by another server.
    pub async fn own_account(&self, actor: &Actor) -> Result<User> {
        self.store.user(actor.id).await?.ok_or_else(revoked)
    }

    /// Changes the named fields of the caller's profile.
    pub async fn update_profile(&self, actor: &Actor, patch: &ProfilePatch) -> Result<User> {
        if self.store.update_profile(actor.id, patch).await? {
            self.own_account(actor).await
        } else {
            Err(revoked())
        }
    }

    /// Changes the caller's password: every other session ends, and every token that was given out
    /// is revoked. The caller's own session goes on with the new pair.
    pub async fn change_password(
        &self,
        caller: &SessionActor,
        current: Password,
        new: Password,
        client: &Client,
    ) -> Result<TokenPair> {
        if self.settings.strong_passwords {
            let name = own_name(&caller.actor)?;
            refuse_weak(&name, &new, self.settings.password_profile).map_err(|mut error| {
                "new_password".clone_into(&mut error.field);
                error
            })?;
        }
        let found = self
            .check_own_password(&caller.actor, current, client)
            .await?;
        let hash = self.hash(new).await?;
        let kept = self.kept_session(caller, found.generation).await?;
        let by = By::actor(&caller.actor, client);
        let entry = self.entry_of(AuditKind::PasswordChanged, by, caller.actor.id);
        if !self.store.change_password(&hash, &kept, &[entry]).await? {
            return Err(revoked());
        }
        self.pair_of_kept(&kept).await
    }

    /// What becomes of the caller's session when all others end, and all tokens of `generation`.
    pub(crate) async fn kept_session(
        &self,
        caller: &SessionActor,
        generation: i64,
    ) -> Result<KeptSession> {
        let now = self.clock.now();
        let state = self.store.refresh_state(caller.session, now).await?;
        let state = state.ok_or_else(revoked)?;
        Ok(KeptSession {
            id: caller.session,
            kind: state.kind,
            user_id: caller.actor.id,
            generation: generation + 1,
            methods: state.methods,
            refresh_nonce: self.random()?,
            now,
            expires_at: ends_at(state.created_at, now),
        })
    }

    /// Deletes the caller's account: its name is free and its posts are hidden as soon as this
    /// returns.
    pub async fn delete_own_account(
        &self,
        actor: &Actor,
        password: Password,
        client: &Client,
    ) -> Result<()> {
        self.check_own_password(actor, password, client).await?;
        self.delete_account(actor.id, By::actor(actor, client))
            .await
    }

    /// Asks the caller for the password once more. A wrong one counts as a failed log-in.
    pub(crate) async fn check_own_password(
        &self,
        actor: &Actor,
        password: Password,
        client: &Client,
    ) -> Result<UserLogin> {
        let login = Login {
            name: LoginName::Username(own_name(actor)?),
            password,
            client: client.clone(),
        };
        let found = self.recognise(&login).await.map_err(|error| match error {
            Error::Unauthenticated(AuthFailure::InvalidCredentials) => {
                Error::Forbidden(Denial::WrongPassword)
            }
            other => other,
        })?;
        // Somebody else's by now: deleted and registered again since the token was looked at.
        (found.id == actor.id).then_some(found).ok_or_else(revoked)
    }

    /// Whether the caller may see more of a user than the profile.
    pub fn may_see_account(&self, caller: Option<&Actor>, user: &User) -> bool {
        caller.is_some_and(|actor| may(actor, Action::SeeAccountOf(user.id)).is_ok())
    }

    /// An account that the caller may manage; asked before the body is looked at.
    pub async fn manageable_user(&self, actor: &Actor, id: UserId) -> Result<User> {
        let user = self.user(id).await?;
        may(actor, Action::ManageUsers)?;
        Ok(user)
    }

    /// Changes somebody's role, suspends them, or lifts their suspension; acts at once, on tokens
    /// already given out too.
    pub async fn update_account(
        &self,
        caller: &Caller,
        id: UserId,
        patch: AccountPatch,
        client: &Client,
    ) -> Result<User> {
        may(&caller.actor, Action::ManageUsers)?;
        let is_program = matches!(caller.credential, Credential::Personal(_));
        if is_program && patch.role.is_some() {
            return Err(Error::Forbidden(Denial::Scope(None)));
        }
        self.change_account(id, patch, By::actor(&caller.actor, client))
            .await?;
        self.user(id).await
    }

    /// Ends every session of somebody, and revokes every token that was given out.
    pub async fn end_all_sessions_of(
        &self,
        actor: &Actor,
        id: UserId,
        client: &Client,
    ) -> Result<()> {
        may(actor, Action::ManageUsers)?;
        let by = By::actor(actor, client);
        let entry = self.entry_of(AuditKind::SessionsEnded, by, id);
        if self.store.end_all_sessions(id, entry.at, &[entry]).await? {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::User))
        }
    }
}

pub(crate) fn own_name(actor: &Actor) -> Result<Username> {
    Username::parse(&actor.username).map_err(|invalid| invalid.of("username").into())
}

/// The token was good until now: its session ended while the request was under way.
pub(crate) fn revoked() -> Error {
    Error::Unauthenticated(AuthFailure::InvalidToken)
}
