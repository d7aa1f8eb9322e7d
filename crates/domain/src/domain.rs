//! The application: everything a use case needs, in one place.

use hmac::Hmac;
use model::Clock;
use sha2::Sha256;
use store::Store;
use tokio::sync::Mutex;

use crate::audit::{AuditKeys, Gathered};
use crate::auth::{
    HashThreads, LiveSessions, RefreshKeys, SigningKeys, TotpSecrets, V1Keys, limit_mac,
};
use crate::bodies::Bodies;
use crate::following::Following;
use crate::idempotency::RunningKeys;
use crate::mail::{Outbox, host_of};
use crate::rate_limit::{Meter, Quotas};
use crate::rendering::Renderer;
use crate::{Error, Result, Settings};

/// What the application can do; every use case is a function of this.
pub struct Domain {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) hashes: HashThreads,
    pub(crate) v1_keys: V1Keys,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) refresh_keys: RefreshKeys,
    pub(crate) totp_secrets: TotpSecrets,
    pub(crate) audit_keys: AuditKeys,
    pub(crate) gathered: Gathered,
    pub(crate) bodies: Bodies,
    pub(crate) live_sessions: LiveSessions,
    pub(crate) following: Following,
    pub(crate) jobs_turn: Mutex<()>,
    pub(crate) running_keys: RunningKeys,
    pub(crate) outbox: Outbox,
    pub(crate) renderer: Renderer,
    pub(crate) limits: Option<Limits>,
    pub(crate) limit_mac: Hmac<Sha256>,
}

/// What is counted, and how much of it is allowed.
pub(crate) struct Limits {
    pub(crate) login_of_both: Meter,
    pub(crate) login_from_address: Meter,
    pub(crate) login_of_account: Meter,
    pub(crate) registration: Meter,
    pub(crate) writes: Meter,
    pub(crate) mail_to_one: Meter,
    pub(crate) mail_from_one: Meter,
}

impl Limits {
    fn new(quotas: &Quotas) -> Self {
        let login_of_both = quotas.login_of_account_from_address;
        Self {
            login_of_both: Meter::new("login-account-address", login_of_both),
            login_from_address: Meter::new("login-address", quotas.login_from_address),
            login_of_account: Meter::new("login-account", quotas.login_of_account),
            registration: Meter::new("registration", quotas.registration),
            writes: Meter::new("writes", quotas.writes),
            mail_to_one: Meter::new("mail-recipient", quotas.mail_to_one),
            mail_from_one: Meter::new("mail-sender", quotas.mail_from_one),
        }
    }
}

impl Domain {
    /// Puts the application together and starts its hash threads.
    ///
    /// # Errors
    /// When the system gives no random numbers, no threads, or the secret key is empty.
    pub fn new(store: Store, clock: Clock, settings: Settings) -> Result<Self> {
        let unexpected = |what: &str| Error::Unexpected(store::Error::Other(what.into()));
        let v1_keys = V1Keys::new(&settings.secret_key, &settings.previous_keys)
            .ok_or_else(|| unexpected("a secret key is empty"))?;
        let signing_keys = SigningKeys::new(&settings.secret_key, &settings.previous_keys);
        let refresh_keys = RefreshKeys::new(&settings.secret_key, &settings.previous_keys);
        let totp_secrets = TotpSecrets::new(&settings.secret_key, &settings.previous_keys);
        let audit_keys = AuditKeys::new(&settings.secret_key, &settings.previous_keys);
        let pepper = settings
            .pepper
            .as_ref()
            .map(|pepper| pepper.reveal().clone());
        let (profile, patience) = (settings.password_profile, settings.password_patience);
        let renderer = Renderer::start()
            .map_err(|error| Error::Unexpected(store::Error::Other(error.into())))?;
        let hashes = HashThreads::start(profile, pepper, patience)
            .map_err(|error| Error::Unexpected(store::Error::Other(error.into())))?;
        Ok(Self {
            bodies: Bodies::new(settings.cache_bytes),
            live_sessions: LiveSessions::new(),
            following: Following::new(),
            limits: settings.quotas.as_ref().map(Limits::new),
            limit_mac: limit_mac(&random()?),
            outbox: Outbox::new(
                settings.mail.transport.clone(),
                host_of(&settings.public_url),
            ),
            store,
            clock,
            settings,
            hashes,
            renderer,
            v1_keys,
            signing_keys: signing_keys.ok_or_else(|| unexpected("no key follows"))?,
            refresh_keys: refresh_keys.ok_or_else(|| unexpected("no key follows"))?,
            totp_secrets: totp_secrets.ok_or_else(|| unexpected("no key follows"))?,
            audit_keys: audit_keys.ok_or_else(|| unexpected("no key follows"))?,
            gathered: Gathered::default(),
            jobs_turn: Mutex::default(),
            running_keys: RunningKeys::default(),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.store.ping().await?)
    }

    /// The clock by which everything here goes.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How many passwords were hashed since the start.
    pub fn hashes_started(&self) -> u64 {
        self.hashes.hashes_started()
    }

    /// How many bytes of finished bodies are kept.
    pub fn cached_bytes(&self) -> u64 {
        self.bodies.bytes()
    }

    /// Commits what was handed in and lets go of the database.
    pub fn close(&self) {
        self.store.close();
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N]> {
        random()
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Unexpected(store::Error::Other(error.into())))?;
    Ok(bytes)
}
