//! Log-in: the same work whoever is asked for, and limits in front of it.

use std::time::Duration;

use model::{
    AuditKind, AuthMethods, NewSession, Password, SessionId, SessionKind, UserLogin, Username,
};
use serde_json::json;

use super::{Client, Login, LoginName, refuse_weak};
use crate::audit::By;
use crate::{AuthFailure, Denial, Domain, Error, Result};

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
}

fn bytes(password: &Password) -> zeroize::Zeroizing<Vec<u8>> {
    password.reveal().as_bytes().to_vec().into()
}
