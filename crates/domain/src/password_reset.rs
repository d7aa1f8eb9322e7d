//! A new password for somebody who has forgotten theirs: by a link that is mailed to an address
//! that is known to be their own.

use model::{AuditKind, Email, JobAccount, OneTimeKind, Password, Username};

use crate::audit::By;
use crate::auth::{Client, MailFor, refuse_weak, token_refused};
use crate::jobs::JobKind;
use crate::mail::ResetMail;
use crate::{Domain, Result};

impl Domain {
    /// Enqueues a mail for whoever has this address; the same work whether anybody has. Beyond what
    /// one address is mailed in an hour nothing is, and nobody is told: who is mailed already has
    /// good links.
    pub async fn forgot_password(&self, email: &Email, client: &Client) -> Result<()> {
        self.count_mail_from(client)?;
        if self.count_mail_to(MailFor::Reset, email, client).is_err() {
            return Ok(());
        }
        let mail = ResetMail {
            email: email.as_str().to_owned(),
        };
        let job = self.new_job(JobKind::ResetPassword, JobAccount::None, &mail)?;
        self.store.insert_job(&job, &[]).await?;
        Ok(())
    }

    /// Sets another password by a token that was mailed: every session ends, and every token that
    /// was given out is revoked. It logs nobody in.
    pub async fn reset_password(&self, token: &str, new: Password, client: &Client) -> Result<()> {
        let kind = OneTimeKind::Reset;
        let token = self.one_time_token(kind, token, client).await?;
        if self.settings.strong_passwords {
            let name = Username::parse(&token.username);
            let name = name.map_err(|invalid| invalid.of("username"))?;
            refuse_weak(&name, &new, self.settings.password_profile).map_err(|mut error| {
                "new_password".clone_into(&mut error.field);
                error
            })?;
        }
        let hash = self.hash(new).await?;
        let by = By::Nobody(client);
        let entry = self.entry_of(AuditKind::PasswordReset, by, token.user_id);
        let at = entry.at;
        if self
            .store
            .reset_password(&token, &hash, at, &[entry])
            .await?
        {
            Ok(())
        } else {
            Err(token_refused("somebody else was faster"))
        }
    }
}
