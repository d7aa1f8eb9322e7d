//! Second factors: offered, confirmed, taken away, and compared with.

use std::time::Duration;

use model::{
    AuditEntry, AuditKind, AuthMethods, FactorProof, Password, SecondFactor, Secret, TotpAttempt,
    UserId,
};
use zeroize::Zeroizing;

use crate::accounts::{own_name, revoked};
use crate::audit::By;
use crate::auth::{
    Client, CodeKind, LoginName, RECOVERY_CODES, RecoveryCode, SecondFactorCode, totp,
};
use crate::{Actor, AuthFailure, Domain, Error, Exceeded, Quota, Result, SessionActor, TokenPair};

/// How long an offer can be confirmed.
const OFFER: Duration = Duration::from_mins(15);
/// How many six-digit codes may be tried for one account until one is right, however many log-ins
/// wait: who has the password needs two years on average, and the owner has recovery codes.
const ATTEMPTS: Quota = Quota::new(20, 3600);

/// A second factor that is not demanded yet.
#[derive(Debug)]
pub struct OfferedSecondFactor {
    /// To be typed into an app, in base32.
    pub secret: Secret<String>,
    /// The same for an app that reads QR codes.
    pub uri: Secret<String>,
}

/// What a client gets when its second factor is demanded from now on.
#[derive(Debug)]
pub struct EnabledSecondFactor {
    /// Each good once, in place of a code; shown this once.
    pub recovery_codes: Vec<Secret<String>>,
    /// The session goes on with it.
    pub pair: TokenPair,
}

impl Domain {
    /// Offers the caller a second factor, in place of any that was offered before. Nothing is
    /// demanded until it is confirmed.
    pub async fn offer_second_factor(
        &self,
        actor: &Actor,
        password: Password,
        client: &Client,
    ) -> Result<OfferedSecondFactor> {
        let found = self.check_own_password(actor, password, client).await?;
        if found.totp_enabled {
            return Err(Error::TotpEnabled);
        }
        let secret = Zeroizing::new(self.random::<{ totp::SECRET_BYTES }>()?);
        let nonce = self.random()?;
        let sealed = self.totp_secrets.seal(secret.as_slice(), found.id, nonce);
        let sealed = sealed.ok_or_else(|| {
            Error::Unexpected(store::Error::Other("a secret could not be sealed".into()))
        })?;
        let (account, now) = ((found.id, found.generation), self.clock.now());
        let offered = self.store.offer_second_factor(account, &sealed, now);
        if !offered.await? {
            return Err(revoked());
        }
        let secret = totp::secret_text(&secret);
        let uri = totp::uri(&secret, &actor.username, &self.settings.public_url);
        Ok(OfferedSecondFactor { secret, uri })
    }

    /// Demands the offered second factor from now on, since the caller's app knows it: every other
    /// session ends, and every token that was given out is revoked.
    pub async fn confirm_second_factor(
        &self,
        caller: &SessionActor,
        code: &SecondFactorCode,
        client: &Client,
    ) -> Result<EnabledSecondFactor> {
        let factor = self.store.second_factor(caller.actor.id).await?;
        let factor = factor.ok_or_else(revoked)?;
        if factor.enabled_at.is_some() {
            return Err(Error::TotpEnabled);
        }
        let now = self.clock.now();
        if factor.offered_at.is_none_or(|at| now.since(at) >= OFFER) {
            return Err(Error::TotpNotOffered);
        }
        let name = LoginName::Username(own_name(&caller.actor)?);
        let enabling = self.enable(caller, &factor, code, (&name, client));
        self.guard_guess((&name, client), "code", enabling).await
    }

    async fn enable(
        &self,
        caller: &SessionActor,
        factor: &SecondFactor,
        code: &SecondFactorCode,
        (name, client): (&LoginName, &Client),
    ) -> Result<EnabledSecondFactor> {
        self.count_code(factor, code, (name, client)).await?;
        let (Some(FactorProof::Totp { step }), Some(sealed)) =
            (self.prove(factor, code), &factor.sealed_secret)
        else {
            return Err(wrong_code());
        };
        let codes = (0..RECOVERY_CODES).map(|_| self.random().map(RecoveryCode::new));
        let codes = codes.collect::<Result<Vec<_>>>()?;
        let hashes: Vec<_> = codes.iter().map(RecoveryCode::hash).collect();
        let mut kept = self.kept_session(caller, factor.generation).await?;
        kept.methods = AuthMethods::PasswordAndSecondFactor;
        let by = By::actor(&caller.actor, client);
        let entry = self.entry_of(AuditKind::SecondFactorEnabled, by, factor.user_id);
        let entries = [entry];
        let enabled = self
            .store
            .enable_second_factor((sealed, step), &hashes, &kept, &entries);
        if !enabled.await? {
            return Err(revoked());
        }
        Ok(EnabledSecondFactor {
            recovery_codes: codes.iter().map(RecoveryCode::text).collect(),
            pair: self.pair_of_kept(&kept).await?,
        })
    }

    /// Demands no second factor of the caller any more; asks for the password and for a code of
    /// either kind. Sessions go on.
    pub async fn disable_second_factor(
        &self,
        actor: &Actor,
        password: Password,
        code: &SecondFactorCode,
        client: &Client,
    ) -> Result<()> {
        let found = self.check_own_password(actor, password, client).await?;
        if !found.totp_enabled {
            return Err(Error::TotpNotEnabled);
        }
        let name = LoginName::Username(own_name(actor)?);
        let who = (&name, client);
        let disabling = self.disable((found.id, found.generation), code, who);
        self.guard_guess(who, "code", disabling).await
    }

    /// From the command line, demands no second factor of a user any more who has lost device and
    /// codes.
    ///
    /// # Errors
    /// [`Error::TotpNotEnabled`] when none is demanded.
    pub async fn remove_second_factor(&self, id: UserId) -> Result<()> {
        let entry = self.entry_of(AuditKind::SecondFactorDisabled, By::CommandLine, id);
        if self.store.remove_second_factor(id, &[entry]).await? {
            Ok(())
        } else {
            Err(Error::TotpNotEnabled)
        }
    }

    async fn disable(
        &self,
        (user_id, generation): (UserId, i64),
        code: &SecondFactorCode,
        (name, client): (&LoginName, &Client),
    ) -> Result<()> {
        let factor = self.store.second_factor(user_id).await?;
        let factor = factor.ok_or_else(revoked)?;
        self.count_code(&factor, code, (name, client)).await?;
        let proof = self.prove(&factor, code).ok_or_else(wrong_code)?;
        let by = By::User(user_id, client);
        let mut entries = vec![self.entry_of(AuditKind::SecondFactorDisabled, by, user_id)];
        entries.extend(self.entry_of_proof(user_id, &proof, client));
        let account = (user_id, generation);
        let disabled = self.store.disable_second_factor(account, &proof, &entries);
        if disabled.await? {
            Ok(())
        } else {
            Err(wrong_code())
        }
    }

    /// Counts a code before it is looked at.
    async fn count_code(
        &self,
        factor: &SecondFactor,
        code: &SecondFactorCode,
        who: (&LoginName, &Client),
    ) -> Result<()> {
        match self.totp_attempt(factor.user_id, code) {
            Some(attempt) if !self.store.count_totp_attempt(&attempt).await? => {
                Err(self.too_many_codes(factor, who))
            }
            _ => Ok(()),
        }
    }

    /// What is counted of a code for its account: recovery codes cannot be guessed, and are not
    /// counted, so that nobody can shut an owner out.
    pub(crate) fn totp_attempt(
        &self,
        user_id: UserId,
        code: &SecondFactorCode,
    ) -> Option<TotpAttempt> {
        let now = self.clock.now();
        matches!(code.kind(), CodeKind::Totp(_)).then(|| TotpAttempt {
            user_id,
            most: ATTEMPTS.count.into(),
            now,
            over: now.before(ATTEMPTS.period),
        })
    }

    pub(crate) fn too_many_codes(
        &self,
        factor: &SecondFactor,
        who: (&LoginName, &Client),
    ) -> Error {
        let end = factor.attempts_since.after(ATTEMPTS.period);
        let exceeded = Exceeded {
            name: "second-factor",
            quota: ATTEMPTS,
            retry_after: end.since(self.clock.now()),
        };
        let key = self.limit_key(&[b"second factor", &factor.user_id.0.to_be_bytes()]);
        self.too_many_logins(exceeded, key, who)
    }

    /// What a code proves, as far as that can be told without using it up.
    pub(crate) fn prove(
        &self,
        factor: &SecondFactor,
        code: &SecondFactorCode,
    ) -> Option<FactorProof> {
        match code.kind() {
            CodeKind::Totp(digits) => {
                let sealed = factor.sealed_secret.as_ref()?;
                let Some(secret) = self.totp_secrets.open(sealed, factor.user_id) else {
                    tracing::warn!(
                        user_id = factor.user_id.0,
                        "a second factor opens under none of SECRET_KEY and SECRET_KEY_PREVIOUS: \
                         only recovery codes are good for it"
                    );
                    return None;
                };
                let now = self.clock.now();
                let step = totp::matching_step(&secret, digits.reveal(), factor.last_step, now);
                step.map(|step| FactorProof::Totp { step })
            }
            CodeKind::Recovery(code) => Some(FactorProof::Recovery { hash: code.hash() }),
            CodeKind::Neither => None,
        }
    }

    /// Tells of a recovery code that is used up.
    pub(crate) fn entry_of_proof(
        &self,
        user_id: UserId,
        proof: &FactorProof,
        client: &Client,
    ) -> Option<AuditEntry> {
        let by = By::User(user_id, client);
        matches!(proof, FactorProof::Recovery { .. })
            .then(|| self.entry_of(AuditKind::RecoveryCodeUsed, by, user_id))
    }

    /// Seals under today's secret what was sealed under one of before.
    pub(crate) async fn reseal_totp_secrets(&self) -> Result<()> {
        if self.settings.previous_keys.is_empty() {
            return Ok(());
        }
        let mut after = UserId(0);
        loop {
            let secrets = self.store.totp_secrets_after(after).await?;
            let Some((last, _)) = secrets.last() else {
                return Ok(());
            };
            after = *last;
            for (user_id, sealed) in &secrets {
                let nonce = self.random()?;
                if let Some(anew) = self.totp_secrets.reseal(sealed, *user_id, nonce) {
                    self.store
                        .reseal_totp_secret(*user_id, sealed, &anew)
                        .await?;
                }
            }
        }
    }
}

pub(crate) fn wrong_code() -> Error {
    Error::Unauthenticated(AuthFailure::InvalidCode)
}
