//! What can be done with users.

use model::{
    AccountPatch, Cursor, NewUser, Page, PageLimit, Password, Role, User, UserId, Username,
};

use crate::auth::policy::{Action, may};
use crate::{Actor, ClientAddress, Denial, Domain, Error, Noun, Registration, Result};

impl Domain {
    /// The next batch of all users by id; empty at the end.
    pub async fn users_after(&self, after: UserId, limit: u32) -> Result<Vec<User>> {
        Ok(self.store.users_after(after, limit).await?)
    }

    /// A page of all users by id, after the one that the cursor names.
    pub async fn users_page(&self, after: Cursor, limit: PageLimit) -> Result<Page<User>> {
        let after = UserId(after.id);
        let rows = self.store.users_after(after, limit.get() + 1).await?;
        Ok(Page::cut(rows, limit, |user| Cursor {
            key: 0,
            id: user.id.0,
        }))
    }

    /// One user.
    pub async fn user(&self, id: UserId) -> Result<User> {
        self.store
            .user(id)
            .await?
            .ok_or(Error::NotFound(Noun::User))
    }

    /// One user, by name.
    pub async fn user_by_name(&self, name: &Username) -> Result<User> {
        self.store
            .user_by_name(name)
            .await?
            .ok_or(Error::NotFound(Noun::User))
    }

    /// Whether somebody may register from here; asked before the body is looked at, and counted
    /// only once the body is one.
    pub fn may_register(&self, address: &ClientAddress) -> Result<()> {
        match self.settings.registration {
            Registration::Open => self.check_registrations(address),
            Registration::Closed => Err(Error::Forbidden(Denial::RegistrationClosed)),
        }
    }

    /// Registers somebody.
    pub async fn register(
        &self,
        username: Username,
        password: Password,
        address: &ClientAddress,
    ) -> Result<User> {
        self.may_register(address)?;
        self.check_password(&username, &password)?;
        self.count_registration(address)?;
        self.create_user(username, password, self.settings.default_role)
            .await
    }

    /// Makes an account, without asking whether anybody may register.
    pub async fn create_user(
        &self,
        username: Username,
        password: Password,
        role: Role,
    ) -> Result<User> {
        self.check_password(&username, &password)?;
        if self.store.username_is_taken(&username).await? {
            return Err(Error::UsernameTaken);
        }
        let password_hash = self.hash(password).await?;
        let created_at = self.clock.now();
        let new = NewUser {
            username,
            password_hash,
            role,
            created_at,
        };
        let id = match self.store.insert_user(&new).await {
            Err(store::Error::Unique(_)) => return Err(Error::UsernameTaken),
            other => other?,
        };
        let username = new.username.as_str().to_owned();
        Ok(User {
            id,
            username,
            role,
            suspended_at: None,
            created_at,
            display_name: None,
            bio: None,
            avatar_url: None,
            email: None,
            email_verified_at: None,
            totp_enabled_at: None,
        })
    }

    /// Deletes a user, as an admin: posts and todos are hidden at once, the name is free.
    pub async fn delete_user(&self, actor: &Actor, id: UserId) -> Result<()> {
        may(actor, Action::ManageUsers)?;
        self.delete_account(id).await
    }

    /// Deletes an account, without asking whether anybody may.
    pub(crate) async fn delete_account(&self, id: UserId) -> Result<()> {
        let deleted = self.store.delete_user(id, self.clock.now()).await;
        self.bodies.all_changed();
        self.unless_last_admin(id, deleted?).await
    }

    /// Gives a user another role, which acts at once on tokens already given out.
    pub async fn set_role(&self, id: UserId, role: Role) -> Result<()> {
        self.change_account(
            id,
            AccountPatch {
                role: Some(role),
                ..AccountPatch::default()
            },
        )
        .await
    }

    /// Suspends a user and ends every session.
    pub async fn suspend_user(&self, id: UserId) -> Result<()> {
        let suspended = Some(true);
        self.change_account(
            id,
            AccountPatch {
                suspended,
                ..AccountPatch::default()
            },
        )
        .await
    }

    /// Lifts a suspension; tokens of before stay dead.
    pub async fn unsuspend_user(&self, id: UserId) -> Result<()> {
        let suspended = Some(false);
        self.change_account(
            id,
            AccountPatch {
                suspended,
                ..AccountPatch::default()
            },
        )
        .await
    }

    /// Changes an account, without asking whether anybody may.
    pub(crate) async fn change_account(&self, id: UserId, patch: AccountPatch) -> Result<()> {
        let now = self.clock.now();
        let changed = self.store.update_account(id, patch, now).await?;
        self.unless_last_admin(id, changed).await
    }

    /// Sets another password and ends every session.
    pub async fn set_password(&self, user: &User, password: Password) -> Result<()> {
        let name = Username::parse(&user.username).map_err(|invalid| invalid.of("username"))?;
        self.check_password(&name, &password)?;
        let hash = self.hash(password).await?;
        let changed = self
            .store
            .set_password(user.id, &hash, self.clock.now())
            .await?;
        if changed {
            Ok(())
        } else {
            Err(Error::NotFound(Noun::User))
        }
    }

    pub(crate) async fn unless_last_admin(&self, id: UserId, changed: bool) -> Result<()> {
        if changed {
            return Ok(());
        }
        // Nothing was changed: either nobody is there, or this is the last one who can do this.
        self.user(id).await?;
        Err(Error::LastAdmin)
    }
}
