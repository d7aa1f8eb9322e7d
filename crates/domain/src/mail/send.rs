//! The jobs that send mail. Each makes its one-time token as it sends, so that no queue holds one,
//! and may run twice: a token that was made before is replaced.

use std::time::Duration;

use model::{ClaimedJob, Email, NewOneTimeToken, OneTimeKind, UserId};
use serde::{Deserialize, Serialize};

use super::message::{Draft, EMAIL_CHANGED, RESET, Template, VERIFY};
use crate::Domain;
use crate::auth::OneTimeTokenText;
use crate::jobs::{Failure, because};

/// How long a token to set another password is good.
const RESET_LIFE: Duration = Duration::from_mins(30);
/// How long a token to confirm an address is good.
const VERIFY_LIFE: Duration = Duration::from_hours(24);
/// Nobody gets the same mail twice within this time.
const PAUSE: Duration = Duration::from_mins(1);

/// What there is to know to ask whether an address is an account's own.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct VerifyMail {
    pub(crate) email: String,
    /// The account's, when it was asked for: a change that was asked for before a revocation must
    /// not be confirmed after it.
    pub(crate) generation: i64,
}

/// What there is to know of somebody who forgot a password; nobody knows yet who.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ResetMail {
    pub(crate) email: String,
}

/// What there is to know to tell somebody that their address was replaced.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct EmailChangedMail {
    pub(crate) email: String,
    pub(crate) username: String,
}

impl Domain {
    pub(crate) async fn send_verify_mail(
        &self,
        job: &ClaimedJob,
        mail: &VerifyMail,
    ) -> Result<(), Failure> {
        let Some(user_id) = job.user_id else {
            return Ok(());
        };
        let email = parsed(&mail.email)?;
        let owner = (user_id, mail.generation);
        let token = self.put_token(job, OneTimeKind::Verify, owner, &email);
        let Some(link) = token.await? else {
            return Ok(());
        };
        // Not the username: whoever registers chooses it, and could write to anybody in our name.
        self.mail(job, &VERIFY, &email, &[("link", &link)]).await
    }

    pub(crate) async fn send_reset_mail(
        &self,
        job: &ClaimedJob,
        mail: &ResetMail,
    ) -> Result<(), Failure> {
        let found = self.store.user_by_email(&parsed(&mail.email)?).await;
        let Some(user) = found.map_err(because)? else {
            return Ok(());
        };
        // To the address as it is stored, not as it was typed.
        let email = parsed(user.email.as_deref().unwrap_or_default())?;
        let state = self.store.account_state(user.id).await.map_err(because)?;
        let Some(state) = state else {
            return Ok(());
        };
        let owner = (user.id, state.generation);
        let token = self.put_token(job, OneTimeKind::Reset, owner, &email);
        let Some(link) = token.await? else {
            return Ok(());
        };
        let words = [("link", link.as_str()), ("username", &user.username)];
        self.mail(job, &RESET, &email, &words).await
    }

    pub(crate) async fn send_email_changed_mail(
        &self,
        job: &ClaimedJob,
        mail: &EmailChangedMail,
    ) -> Result<(), Failure> {
        let words = [("username", mail.username.as_str())];
        let email = parsed(&mail.email)?;
        self.mail(job, &EMAIL_CHANGED, &email, &words).await
    }

    /// Makes a token and gives the link that it stands in; `None` when nothing is to be sent.
    async fn put_token(
        &self,
        job: &ClaimedJob,
        kind: OneTimeKind,
        (user_id, generation): (UserId, i64),
        email: &Email,
    ) -> Result<Option<String>, Failure> {
        let (page, life) = match kind {
            OneTimeKind::Reset => (&self.settings.mail.reset_url, RESET_LIFE),
            OneTimeKind::Verify => (&self.settings.mail.verify_url, VERIFY_LIFE),
        };
        let token = OneTimeTokenText::new(kind, self.random().map_err(because)?);
        let now = self.clock.now();
        let new = NewOneTimeToken {
            user_id,
            kind,
            hash: token.hash(),
            email: email.clone(),
            generation,
            job_id: job.id,
            created_at: now,
            expires_at: now.after(life),
        };
        let put = self.store.put_one_time_token(&new, now.before(PAUSE)).await;
        let put = put.map_err(because)?;
        // Behind the `#`, which no browser sends to a server and no server logs.
        Ok(put.then(|| format!("{page}#{}", token.text().reveal())))
    }

    async fn mail(
        &self,
        job: &ClaimedJob,
        template: &Template,
        to: &Email,
        words: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let site = self.settings.public_url.as_str();
        let host = host_of(site);
        let words = [words, &[("site", site)]].concat();
        let (id, attempt) = (job.id, job.attempt);
        let draft = Draft {
            template,
            words: &words,
            from: &self.settings.mail.from.0,
            to: to.as_str(),
            id: format!("{id}.{attempt}@{host}"),
            at: self.clock.now(),
        };
        let sent = self
            .outbox
            .send(draft.message()?, &format!("{id}.{attempt}.eml"))
            .await;
        sent.map_err(|error| without_links(&error, &words))
    }
}

/// The host of a URL, without scheme and port.
pub(crate) fn host_of(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    host.unwrap_or("localhost").to_owned()
}

fn parsed(email: &str) -> Result<Email, Failure> {
    Email::parse(email).map_err(|invalid| format!("the address {}", invalid.message))
}

/// A mail server that does not like a link may repeat it.
fn without_links(error: &str, words: &[(&str, &str)]) -> Failure {
    let links = words.iter().filter(|(name, _)| *name == "link");
    links.fold(error.to_owned(), |error, (_, link)| {
        let token = link.rsplit('#').next().unwrap_or(link);
        error.replace(token, "[redacted]")
    })
}
