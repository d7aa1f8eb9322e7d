//! What can be done with users.

use model::{
    AccountPatch, AuditAccount, AuditEntry, AuditKind, Cursor, Email, JobAccount, NewJob, NewUser,
    Page, PageLimit, Password, Role, User, UserId, Username,
};
use serde_json::json;

use crate::audit::By;
use crate::auth::MailFor;
use crate::auth::policy::{Action, may};
use crate::jobs::JobKind;
use crate::mail::VerifyMail;
use crate::{Actor, Client, Denial, Domain, Error, Noun, Registration, Result};

/// An account that somebody wants.
struct WantedAccount {
    username: Username,
    password: Password,
    email: Option<Email>,
    role: Role,
}

impl Domain {
    /// The next batch of all users by id; empty at the end.
    pub async fn users_after(&self, after: UserId, limit: u32) -> Result<Vec<User>> {
        Ok(self.store.users_after(after, limit).await?)
    }

    /// A page of all users by id, after the one that the cursor names.
    pub async fn users_page(&self, after: &Cursor, limit: PageLimit) -> Result<Page<User>> {
        let after = UserId(after.id);
        let rows = self.store.users_after(after, limit.get() + 1).await?;
        Ok(Page::cut(rows, limit, |user| Cursor::of(0, user.id.0)))
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<i64> {
        Ok(self.store.count_users().await?)
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
    pub fn may_register(&self, client: &Client) -> Result<()> {
        match self.settings.registration {
            Registration::Open => self.check_registrations(client),
            Registration::Closed => Err(Error::Forbidden(Denial::RegistrationClosed)),
        }
    }

    /// Registers somebody. Whoever reads the mail of `email` is asked whether it is theirs; until
    /// they say so, it proves nothing, and whether another account has it makes no difference.
    pub async fn register(
        &self,
        username: Username,
        password: Password,
        email: Option<Email>,
        client: &Client,
    ) -> Result<User> {
        self.may_register(client)?;
        self.check_password(&username, &password)?;
        self.count_registration(client)?;
        let wanted = WantedAccount {
            username,
            password,
            email,
            role: self.settings.default_role,
        };
        self.insert_user(wanted, By::Nobody(client)).await
    }

    /// Makes an account from the command line, where nobody asks whether anybody may register.
    pub async fn create_user(
        &self,
        username: Username,
        password: Password,
        role: Role,
    ) -> Result<User> {
        let wanted = WantedAccount {
            username,
            password,
            email: None,
            role,
        };
        self.insert_user(wanted, By::CommandLine).await
    }

    async fn insert_user(&self, wanted: WantedAccount, by: By<'_>) -> Result<User> {
        let WantedAccount {
            username,
            password,
            email,
            role,
        } = wanted;
        self.check_password(&username, &password)?;
        if self.store.username_is_taken(&username).await? {
            return Err(Error::UsernameTaken);
        }
        if let (Some(email), By::Nobody(client)) = (&email, &by) {
            self.count_mail_to(MailFor::Registration, email, client)?;
        }
        let password_hash = self.hash(password).await?;
        let created_at = self.clock.now();
        let new = NewUser {
            username,
            password_hash,
            role,
            email,
            created_at,
        };
        let jobs = self.jobs_of_new(&new)?;
        let entry = self.entry_of_new(&new, by);
        let id = match self.store.insert_user(&new, &jobs, &[entry]).await {
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
            email: new.email.map(|email| email.as_str().to_owned()),
            email_verified_at: None,
            totp_enabled_at: None,
        })
    }

    /// What is to be done for an account that gets its number in the same moment.
    fn jobs_of_new(&self, new: &NewUser) -> Result<Vec<NewJob>> {
        let account = || JobAccount::Named(new.username.key().to_owned());
        let mail = new.email.as_ref().map(|email| VerifyMail {
            email: email.as_str().to_owned(),
            generation: 0,
        });
        let job = mail.map(|mail| self.new_job(JobKind::VerifyEmail, account(), &mail));
        job.into_iter().collect()
    }

    /// Tells of an account that gets its number in the same moment: by then it has its name.
    fn entry_of_new(&self, new: &NewUser, by: By<'_>) -> AuditEntry {
        let entry = self.entry(AuditKind::AccountCreated, by);
        let account = AuditAccount::Named {
            key: new.username.key().to_owned(),
            details_if_nobody: entry.details.clone(),
        };
        AuditEntry { account, ..entry }.with(&json!({"role": new.role.as_str()}))
    }

    /// Deletes a user, as an admin: posts and todos are hidden at once, the name is free.
    pub async fn delete_user(&self, actor: &Actor, id: UserId, client: &Client) -> Result<()> {
        may(actor, Action::ManageUsers)?;
        self.delete_account(id, By::actor(actor, client)).await
    }

    /// Deletes an account, without asking whether anybody may.
    pub(crate) async fn delete_account(&self, id: UserId, by: By<'_>) -> Result<()> {
        let entry = self.entry_of(AuditKind::AccountDeleted, by, id);
        let deleted = self.store.delete_user(id, entry.at, &[entry]).await?;
        self.unless_last_admin(id, deleted).await
    }

    /// Gives a user another role from the command line; it acts on tokens already given out.
    pub async fn set_role(&self, id: UserId, role: Role) -> Result<()> {
        self.change_account(
            id,
            AccountPatch {
                role: Some(role),
                ..AccountPatch::default()
            },
            By::CommandLine,
        )
        .await
    }

    /// Suspends a user from the command line and ends every session.
    pub async fn suspend_user(&self, id: UserId) -> Result<()> {
        let suspended = Some(true);
        self.change_account(
            id,
            AccountPatch {
                suspended,
                ..AccountPatch::default()
            },
            By::CommandLine,
        )
        .await
    }

    /// Lifts a suspension from the command line; tokens of before stay dead.
    pub async fn unsuspend_user(&self, id: UserId) -> Result<()> {
        let suspended = Some(false);
        self.change_account(
            id,
            AccountPatch {
                suspended,
                ..AccountPatch::default()
            },
            By::CommandLine,
        )
        .await
    }

    /// Changes an account, without asking whether anybody may.
    pub(crate) async fn change_account(
        &self,
        id: UserId,
        patch: AccountPatch,
        by: By<'_>,
    ) -> Result<()> {
        let now = self.clock.now();
        let role = patch.role.map(|role| {
            let entry = self.entry_of(AuditKind::RoleChanged, by, id);
            entry.with(&json!({"role": role.as_str()}))
        });
        let suspended = patch.suspended.map(|suspended| match suspended {
            true => self.entry_of(AuditKind::AccountSuspended, by, id),
            false => self.entry_of(AuditKind::AccountRestored, by, id),
        });
        let entries: Vec<_> = role.into_iter().chain(suspended).collect();
        let changed = self.store.update_account(id, patch, now, &entries).await?;
        self.unless_last_admin(id, changed).await
    }

    /// Sets another password from the command line and ends every session.
    pub async fn set_password(&self, user: &User, password: Password) -> Result<()> {
        let name = Username::parse(&user.username).map_err(|invalid| invalid.of("username"))?;
        self.check_password(&name, &password)?;
        let hash = self.hash(password).await?;
        let entry = self.entry_of(AuditKind::PasswordChanged, By::CommandLine, user.id);
        let changed = self
            .store
            .set_password(user.id, &hash, entry.at, &[entry])
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
