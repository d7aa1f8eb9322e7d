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
/// How long handing in may take: less than a job, which must be able to clear up after it.
const HAND_IN: Duration = Duration::from_secs(20);
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

/// A mail with a link in it, but for the link.
struct Letter<'a> {
    template: &'a Template,
    to: &'a Email,
    words: &'a [(&'a str, &'a str)],
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
        // Not the username: whoever registers chooses it, and could write to anybody in our name.
        let letter = Letter {
            template: &VERIFY,
            to: &email,
            words: &[],
        };
        self.mail_link(job, OneTimeKind::Verify, owner, &letter)
            .await
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
        let letter = Letter {
            template: &RESET,
            to: &email,
            words: &[("username", &user.username)],
        };
        self.mail_link(job, OneTimeKind::Reset, owner, &letter)
            .await
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

    /// Makes a token and mails the link that it stands in, unless that is not wanted any more. If the
    /// mail cannot be sent, the token of before is good again.
    async fn mail_link(
        &self,
        job: &ClaimedJob,
        kind: OneTimeKind,
        (user_id, generation): (UserId, i64),
        letter: &Letter<'_>,
    ) -> Result<(), Failure> {
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
            email: letter.to.clone(),
            generation,
            job_id: job.id,
            asked_at: job.created_at,
            created_at: now,
            expires_at: now.after(life),
        };
        let before = self.store.stored_one_time_token(user_id, kind).await;
        let before = before.map_err(because)?;
        let put = self.store.put_one_time_token(&new, now.before(PAUSE)).await;
        if !put.map_err(because)? {
            return Ok(());
        }
        // Behind the `#`, which no browser sends to a server and no server logs.
        let link = format!("{page}#{}", token.text().reveal());
        let words = [letter.words, &[("link", link.as_str())]].concat();
        let sending = self.mail(job, letter.template, letter.to, &words);
        let sending = tokio::time::timeout(HAND_IN, sending);
        let sent = sending
            .await
            .unwrap_or_else(|_| Err("the mail server took too long".to_owned()));
        if sent.is_err() {
            let back = self.store.take_back_one_time_token(&new, before.as_ref());
            back.await.map_err(because)?;
        }
        sent
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
