//! What is counted, under which key, and refused when it is too much. Of a body only the HMAC of a
//! name or an address is ever a key.

use hmac::{Hmac, KeyInit, Mac};
use model::{AuditActor, AuditEntry, AuditKind, Email};
use serde_json::json;
use sha2::Sha256;

use super::{Client, ClientAddress, LoginName};
use crate::audit::By;
use crate::rate_limit::Exceeded;
use crate::{Actor, Domain, Error, Result};

impl Domain {
    /// Counts a write of the caller's, or says that it is one too many.
    pub fn count_write(&self, actor: &Actor) -> Result<()> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let key = self.limit_key(&[&actor.id.0.to_be_bytes()]);
        let taken = limits.writes.take(key, self.clock.now());
        taken.map_err(|exceeded| {
            let entry = self.entry_of(AuditKind::LimitHit, By::Server, actor.id);
            let actor = AuditActor::User(actor.id);
            self.too_many(exceeded, key, AuditEntry { actor, ..entry })
        })
    }

    pub(crate) fn check_registrations(&self, client: &Client) -> Result<()> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let key = self.registration_key(client);
        let checked = limits.registration.check(key, self.clock.now());
        checked.map_err(|exceeded| self.too_many(exceeded, key, self.entry_of_hit(client)))
    }

    pub(crate) fn count_registration(&self, client: &Client) -> Result<()> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let key = self.registration_key(client);
        let taken = limits.registration.take(key, self.clock.now());
        taken.map_err(|exceeded| self.too_many(exceeded, key, self.entry_of_hit(client)))
    }

    /// Counts something that has failed as a log-in does.
    pub(crate) fn count_failure_from(&self, address: &ClientAddress) -> Result<()> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let client = Client {
            address: *address,
            user_agent: String::new(),
        };
        let key = self.limit_key(&[address.network().as_bytes()]);
        let taken = limits.login_from_address.take(key, self.clock.now());
        taken.map_err(|exceeded| self.too_many(exceeded, key, self.entry_of_hit(&client)))
    }

    /// Counts a mail that somebody asks for who is not recognised.
    pub(crate) fn count_mail_from(&self, client: &Client) -> Result<()> {
        let sender = self.limit_key(&[client.address.network().as_bytes()]);
        self.count_mail(sender, &self.entry_of_hit(client))
    }

    /// Counts a mail that a user asks for, to be sent to `to`.
    pub(crate) fn count_mail_of_user(&self, actor: &Actor, to: &Email) -> Result<()> {
        let sender = self.limit_key(&[b"user", &actor.id.0.to_be_bytes()]);
        let entry = self.entry_of(AuditKind::LimitHit, By::Server, actor.id);
        let actor = AuditActor::User(actor.id);
        let entry = AuditEntry { actor, ..entry };
        self.count_mail(sender, &entry)?;
        self.count_recipient(MailFor::Change, to, &entry)
    }

    /// Counts a mail to one address. Each reason counts apart: whoever uses up one keeps nobody from
    /// the others.
    pub(crate) fn count_mail_to(&self, reason: MailFor, to: &Email, client: &Client) -> Result<()> {
        self.count_recipient(reason, to, &self.entry_of_hit(client))
    }

    fn count_recipient(&self, reason: MailFor, to: &Email, entry: &AuditEntry) -> Result<()> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let key = self.limit_key(&[&[reason as u8], to.key().as_bytes()]);
        let taken = limits.mail_to_one.take(key, self.clock.now());
        taken.map_err(|exceeded| self.too_many(exceeded, key, entry.clone()))
    }

    fn count_mail(&self, sender: u64, entry: &AuditEntry) -> Result<()> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        let taken = limits.mail_from_one.take(sender, self.clock.now());
        taken.map_err(|exceeded| self.too_many(exceeded, sender, entry.clone()))
    }

    fn registration_key(&self, client: &Client) -> u64 {
        self.limit_key(&[client.address.network().as_bytes()])
    }

    fn entry_of_hit(&self, client: &Client) -> AuditEntry {
        self.entry(AuditKind::LimitHit, By::Nobody(client))
    }

    /// A refusal by a limit, which the audit log tells of by key and minute.
    fn too_many(&self, exceeded: Exceeded, key: u64, entry: AuditEntry) -> Error {
        self.gathered.hit(exceeded.name, key, entry);
        Error::TooMany(exceeded)
    }

    pub(super) async fn count_login(&self, name: &LoginName, client: &Client) -> Result<Attempt> {
        let network = client.address.network();
        let mut attempt = self.attempt(name, network.as_bytes());
        let Some(limits) = &self.limits else {
            return Ok(attempt);
        };
        let now = self.clock.now();
        if let Err(exceeded) = limits.login_of_both.take(attempt.both, now) {
            return Err(self.too_many_logins(exceeded, attempt.both, (name, client)));
        }
        if let Err(exceeded) = limits.login_from_address.take(attempt.address, now) {
            limits.login_of_both.give_back(attempt.both);
            let entry = self.entry_of_hit(client);
            return Err(self.too_many(exceeded, attempt.address, entry));
        }
        let account = attempt.account.map(|key| {
            let taken = limits.login_of_account.take(key, now);
            taken.map_err(|exceeded| (exceeded, key))
        });
        if let Some(Err((exceeded, key))) = account {
            attempt.account = None;
            // Whoever has logged in from here before cannot be locked out by somebody elsewhere.
            let known = match name {
                LoginName::Username(name) => {
                    self.store.has_logged_in_from(name.key(), &network).await
                }
                LoginName::Email(email) => {
                    let key = email.key();
                    self.store.email_has_logged_in_from(key, &network).await
                }
            };
            if !matches!(known, Ok(true)) {
                self.give_back_login(&attempt);
                known?;
                return Err(self.too_many_logins(exceeded, key, (name, client)));
            }
        }
        Ok(attempt)
    }

    /// What a log-in is counted under. The name and the address of one account are counted apart:
    /// together they would tell whose address it is.
    fn attempt(&self, name: &LoginName, network: &[u8]) -> Attempt {
        let (noun, key) = match name {
            LoginName::Username(name) => (&b"name"[..], name.key()),
            LoginName::Email(email) => (&b"e-mail"[..], email.key()),
        };
        Attempt {
            both: self.limit_key(&[network, noun, key.as_bytes()]),
            address: self.limit_key(&[network]),
            account: Some(self.limit_key(&[noun, key.as_bytes()])),
        }
    }

    pub(crate) fn too_many_logins(
        &self,
        exceeded: Exceeded,
        key: u64,
        (name, client): (&LoginName, &Client),
    ) -> Error {
        let (kind, by) = (AuditKind::LimitHit, By::Nobody(client));
        let entry = self.entry_of_name(kind, by, name, &json!({}));
        self.too_many(exceeded, key, entry)
    }

    pub(super) fn give_back_login(&self, attempt: &Attempt) {
        let Some(limits) = &self.limits else { return };
        limits.login_of_both.give_back(attempt.both);
        limits.login_from_address.give_back(attempt.address);
        if let Some(account) = attempt.account {
            limits.login_of_account.give_back(account);
        }
    }

    /// A key by which attempts are counted: nobody can tell a name from it, or choose names whose
    /// keys collide.
    pub(crate) fn limit_key(&self, parts: &[&[u8]]) -> u64 {
        let mut mac = self.limit_mac.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let bytes = mac.finalize().into_bytes();
        bytes
            .iter()
            .take(8)
            .fold(0, |key, byte| key << 8 | u64::from(*byte))
    }
}

/// Why somebody is mailed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MailFor {
    /// Somebody has registered with the address.
    Registration,
    /// Somebody wants it as theirs.
    Change,
    /// Somebody has forgotten a password.
    Reset,
}

/// What a log-in was counted under.
pub(super) struct Attempt {
    both: u64,
    address: u64,
    account: Option<u64>,
}

/// The key of the keys: made at start, since attempts are counted in memory only.
pub(crate) fn limit_mac(random: &[u8; 64]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new(random.into())
}
