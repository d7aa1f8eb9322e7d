//! E-mail addresses of accounts: an address is an account's own once somebody who reads its mail
//! has said so.

use model::{AuditKind, Email, JobAccount, OneTimeKind, OneTimeToken, Password};
use serde_json::json;

use crate::audit::By;
use crate::auth::{Client, OneTimeTokenText, token_refused};
use crate::jobs::JobKind;
use crate::mail::{EmailChangedMail, VerifyMail};
use crate::{Actor, Domain, Error, Result};

impl Domain {
    /// Asks whoever reads the mail of `new` whether it is the caller's own; until they say so,
    /// nothing changes. Whether it is another account's, the answer does not tell.
    pub async fn request_email_change(
        &self,
        actor: &Actor,
        new: &Email,
        password: Password,
        client: &Client,
    ) -> Result<()> {
        let found = self.check_own_password(actor, password, client).await?;
        self.count_mail_of_user(actor, new)?;
        let mail = VerifyMail {
            email: new.as_str().to_owned(),
            generation: found.generation,
        };
        let job = self.new_job(JobKind::VerifyEmail, JobAccount::Of(actor.id), &mail)?;
        let by = By::actor(actor, client);
        let entry = self.entry_of(AuditKind::EmailChangeRequested, by, actor.id);
        self.store.insert_job(&job, &[entry]).await?;
        Ok(())
    }

    /// Takes the address that a token was mailed to as the account's own.
    ///
    /// # Errors
    /// [`Error::EmailTaken`] when it is another account's by now; the token stays good.
    pub async fn verify_email(&self, token: &str, client: &Client) -> Result<()> {
        let kind = OneTimeKind::Verify;
        let token = self.one_time_token(kind, token, client).await?;
        let replaced = token
            .verified_email
            .as_ref()
            .filter(|old| **old != token.email);
        let told = replaced.map(|old| EmailChangedMail {
            email: old.clone(),
            username: token.username.clone(),
        });
        let account = || JobAccount::Of(token.user_id);
        let jobs = told.map(|mail| self.new_job(JobKind::EmailChanged, account(), &mail));
        let jobs: Vec<_> = jobs.into_iter().collect::<Result<_>>()?;
        let by = By::Nobody(client);
        let entry = self.entry_of(AuditKind::EmailVerified, by, token.user_id);
        let entry = entry.with(&json!({"replaced": replaced.is_some()}));
        let at = entry.at;
        let pointless = JobKind::VerifyEmail.as_str();
        let mails = (pointless, jobs.as_slice());
        match self.store.verify_email(&token, at, mails, &[entry]).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(token_refused("somebody else was faster")),
            Err(store::Error::Unique(_)) => Err(Error::EmailTaken),
            Err(error) => Err(error.into()),
        }
    }

    /// The token that `text` stands for. Whoever guesses is counted as somebody who fails to log
    /// in, and the right token is taken however many have guessed.
    pub(crate) async fn one_time_token(
        &self,
        kind: OneTimeKind,
        text: &str,
        client: &Client,
    ) -> Result<OneTimeToken> {
        let found = match OneTimeTokenText::parse(kind, text) {
            Some(token) => {
                let now = self.clock.now();
                self.store.one_time_token(&token.hash(), kind, now).await?
            }
            None => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
        self.count_failure_from(&client.address)?;
        Err(token_refused("the one-time token is good for nothing"))
    }
}
