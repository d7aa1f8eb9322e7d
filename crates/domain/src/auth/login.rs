//! Log-in: the same work whoever is asked for, and limits in front of it.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use model::{
    AuditActor, AuditEntry, AuditKind, AuthMethods, Email, NewSession, Password, SessionId,
    SessionKind, UserLogin, Username,
};
use serde_json::json;
use sha2::Sha256;

use super::{Client, ClientAddress, Login, LoginName, refuse_weak};
use crate::audit::By;
use crate::rate_limit::Exceeded;
use crate::{Actor, AuthFailure, Denial, Domain, Error, Result};

/// How long a v1 session lives.
const V1_SESSION: Duration = Duration::from_hours(24);

impl Domain {
    /// Logs in through v1 and gives the token.
    pub async fn login_v1(&self, login: &Login) -> Result<String> {
        let found = self.recognise(login).await?;
        if found.totp_enabled {
            // There is no place for a code in v1. Told only after the right password.
            self.note_failure(&login.name, &login.client, "second_factor")
                .await;
            return Err(Error::Forbidden(Denial::SecondFactor));
        }
        self.open_v1_session(&found, &login.client).await
    }

    /// The account that this name and password open. Failures are counted, and enough of them
    /// refused before any work is done.
    pub(crate) async fn recognise(&self, login: &Login) -> Result<UserLogin> {
        let (name, client) = (&login.name, &login.client);
        let checked = self.check_credentials(login);
        let found = self.guard_guess((name, client), "credentials", checked);
        let found = found.await;
        if let Err(Error::Forbidden(Denial::Suspended)) = found {
            self.note_failure(name, client, "suspended").await;
        }
        found
    }

    /// Does `work`, in which somebody may guess at the account of this name. Failures are counted
    /// and told of, with `reason`, and enough of them refused before any work is done.
    pub(crate) async fn guard_guess<T>(
        &self,
        (name, client): (&LoginName, &Client),
        reason: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let attempt = self.count_login(name, client).await?;
        match work.await {
            Err(error @ Error::Unauthenticated(_)) => {
                self.note_failure(name, client, reason).await;
                Err(error)
            }
            other => {
                // Only failures count: neither a success nor our own overload is one.
                self.give_back_login(&attempt);
                other
            }
        }
    }

    /// Tells of a log-in that opened nothing: the same work, whether somebody has the name or not.
    async fn note_failure(&self, name: &LoginName, client: &Client, reason: &str) {
        let (kind, by) = (AuditKind::LogInFailed, By::Nobody(client));
        let entry = self.entry_of_name(kind, by, name, &json!({"reason": reason}));
        if let Some(entry) = self.gathered.failure(entry) {
            self.note(entry).await;
        }
    }

    async fn check_credentials(&self, login: &Login) -> Result<UserLogin> {
        let found = match &login.name {
            LoginName::Username(name) => self.store.login(name).await?,
            LoginName::Email(email) => self.store.login_by_email(email).await?,
        };
        let hash = found.as_ref().map(|found| found.password_hash.clone());
        let verified = self.hashes.verify(bytes(&login.password), hash).await?;
        let Some(found) = found.filter(|_| verified.matches) else {
            return Err(Error::Unauthenticated(AuthFailure::InvalidCredentials));
        };
        if found.suspended {
            return Err(Error::Forbidden(Denial::Suspended));
        }
        if let Some(better) = verified.rehash {
            self.store
                .replace_hash(found.id, &found.password_hash, &better)
                .await?;
        }
        Ok(found)
    }

    async fn open_v1_session(&self, found: &UserLogin, client: &Client) -> Result<String> {
        let now = self.clock.now();
        let new = NewSession {
            id: SessionId::new(now, self.random()?),
            user_id: found.id,
            kind: SessionKind::V1,
            generation: found.generation,
            address: client.address.network(),
            user_agent: client.shown_user_agent(),
            methods: AuthMethods::Password,
            refresh_nonce: None,
            created_at: now,
            expires_at: now.after(V1_SESSION),
        };
        self.insert_session(&new, client).await?;
        let jti = SessionId::new(now, self.random()?).to_string();
        let token = self
            .v1_keys
            .mint(found.id, (new.id, found.generation), &jti, now);
        token.map_err(|error| Error::Unexpected(store::Error::Other(error.into())))
    }

    pub(crate) async fn hash(&self, password: Password) -> Result<String> {
        Ok(self.hashes.hash(bytes(&password)).await?)
    }

    pub(crate) fn check_password(&self, username: &Username, password: &Password) -> Result<()> {
        if self.settings.strong_passwords {
            refuse_weak(username, password, self.settings.password_profile)?;
        }
        Ok(())
    }

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

    async fn count_login(&self, name: &LoginName, client: &Client) -> Result<Attempt> {
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

    fn give_back_login(&self, attempt: &Attempt) {
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
struct Attempt {
    both: u64,
    address: u64,
    account: Option<u64>,
}

/// The key of the keys: made at start, since attempts are counted in memory only.
pub(crate) fn limit_mac(random: &[u8; 64]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new(random.into())
}

fn bytes(password: &Password) -> zeroize::Zeroizing<Vec<u8>> {
    password.reveal().as_bytes().to_vec().into()
}
