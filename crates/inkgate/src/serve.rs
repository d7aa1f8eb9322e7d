//! Start and stop, in order, on one screen.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::{Domain, Settings};
use model::Clock;
use store::{ServeLock, Store, Synchronous};
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use web::{AccessLog, App, LogFormat, Site, WebSettings};

use crate::accept::accept;
use crate::config::{self, Environment, Options};
use crate::config_mail;
use crate::config_secrets::Secrets;
use crate::failure::{Failure, Result};

/// How long requests that are under way may take after SIGTERM.
const DRAIN: Duration = Duration::from_secs(30);
/// How long writes may take after that whose clients have gone.
const LAST_WRITES: Duration = Duration::from_secs(5);
/// How long to wait for a database that does not answer.
const OPEN: Duration = Duration::from_secs(10);
const TIDY_INTERVAL: Duration = Duration::from_secs(60);
const FOLLOW_INTERVAL: Duration = Duration::from_millis(500);
const SEAL_INTERVAL: Duration = Duration::from_secs(1);
const WORK_INTERVAL: Duration = Duration::from_secs(1);
/// How long a password may wait for its turn.
const PASSWORDS: Duration = Duration::from_secs(2);
/// The same for tests, whose outcome must not depend on how busy the machine is.
const PASSWORDS_OF_TESTS: Duration = Duration::from_secs(60);

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    site: Arc<Site>,
    domain: Arc<Domain>,
    access_log: Option<Arc<AccessLog>>,
    _lock: ServeLock,
}

impl Server {
    /// Opens the database, brings it up to date, and listens.
    pub async fn start(options: &Options, secrets: Secrets, clock: Clock) -> Result<Self> {
        let environment = options.environment()?;
        let lock = ServeLock::take(&secrets.database)?;
        let domain = Arc::new(open(options, environment, secrets, clock).await?);
        domain.replace_lost_signing_keys().await?;
        domain.follow().await?;
        domain.tidy_signing_keys().await?;
        let address = options.address();
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let hint = "set INKGATE_LISTEN or PORT to another";
            Failure::refused(format!("cannot listen on {address}: {error}: {hint}"))
        })?;
        warn_of_strangers(environment, address);
        warn_of_no_public_url(options, environment);
        let access_log = options
            .access_log
            .then(|| Arc::new(AccessLog::new(format_of(environment))));
        let settings = WebSettings {
            trusted_proxies: options.trusted_proxies.clone(),
            public_max_age: options.public_max_age,
            public_url: options.public_url(),
            plain_cookies: environment != Environment::Production && options.is_plain_and_local(),
            cors_origins: options.cors_origins(environment),
            server_timing: environment != Environment::Production,
        };
        let app = App::new(Arc::clone(&domain), settings, access_log.clone());
        let site = Arc::new(Site::new(app, seed()?));
        Ok(Self {
            listener,
            site,
            domain,
            access_log,
            _lock: lock,
        })
    }

    /// Where the server listens.
    pub fn address(&self) -> Result<SocketAddr> {
        self.listener.local_addr().map_err(Failure::refused)
    }

    /// What the server can do: for tests that look inside.
    pub fn domain(&self) -> &Arc<Domain> {
        &self.domain
    }

    /// Serves until `stop` is cancelled, then drains, and lets go of the database.
    pub async fn run(self, stop: CancellationToken) -> Result<()> {
        let log = self.access_log.clone().map(|log| {
            let writing = Arc::clone(&log);
            (
                log,
                std::thread::spawn(move || writing.write_until_stopped(std::io::stderr())),
            )
        });
        let tidying = tokio::spawn(tidy(Arc::clone(&self.domain), stop.clone()));
        let following = tokio::spawn(follow(Arc::clone(&self.domain), stop.clone()));
        let touch = stop.clone();
        let domain = Arc::clone(&self.domain);
        let listening = tokio::spawn(async move {
            touch.run_until_cancelled(domain.stay_in_touch()).await;
        });
        let sealing = tokio::spawn(seal(Arc::clone(&self.domain), stop.clone()));
        let working = tokio::spawn(work(Arc::clone(&self.domain), stop.clone()));
        accept(self.listener, &self.site, &stop, DRAIN).await;
        // A client that has gone does not end the write that it began.
        drop(tokio::time::timeout(LAST_WRITES, self.site.writes_ended()).await);
        for task in [tidying, following, listening, sealing, working] {
            drop(task.await);
        }
        if let Err(error) = self.domain.finish_audit_log().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "the end of the audit log is sealed at the next start"
            );
        }
        self.domain.close();
        if let Some((log, thread)) = log {
            log.stop();
            thread.thread().unpark();
            drop(thread.join());
        }
        Ok(())
    }
}

/// Opens the database for a server or a command.
pub async fn open(
    options: &Options,
    environment: Environment,
    secrets: Secrets,
    clock: Clock,
) -> Result<Domain> {
    let synchronous = match options.sqlite_synchronous {
        config::Synchronous::Full => Synchronous::Full,
        config::Synchronous::Normal => Synchronous::Normal,
    };
    let database = secrets.database.clone();
    let settings = settings(options, environment, secrets)?;
    let opening = tokio::time::timeout(OPEN, Store::open(&database, synchronous));
    let store = opening.await.map_err(|_| {
        Failure::unavailable("DATABASE_URL: the database did not answer within 10 s")
    })??;
    let domain = Domain::new(store, clock, settings)?;
    domain
        .complete_posts(|done, total| {
            tracing::info!("{done} of {total} posts from before there was HTML are rendered");
        })
        .await?;
    Ok(domain)
}

fn settings(options: &Options, environment: Environment, secrets: Secrets) -> Result<Settings> {
    let production = environment == Environment::Production;
    Ok(Settings {
        mail: config_mail::settings(options, environment, &secrets)?,
        secret_key: secrets.key,
        previous_keys: secrets.previous_keys,
        public_url: options.public_url(),
        accept_seed_tokens: options.accept_seed_tokens.unwrap_or(!production),
        registration: match options.registration {
            Some(config::Registration::Open) => domain::Registration::Open,
            Some(config::Registration::Closed) => domain::Registration::Closed,
            None if production => domain::Registration::Closed,
            None => domain::Registration::Open,
        },
        default_role: options.default_role,
        comment_moderation: match options.comment_moderation {
            config::CommentModeration::None => domain::CommentModeration::None,
            config::CommentModeration::First => domain::CommentModeration::First,
            config::CommentModeration::All => domain::CommentModeration::All,
        },
        strong_passwords: production,
        password_profile: match options.password_profile {
            config::PasswordProfile::Standard => domain::PasswordProfile::Standard,
            config::PasswordProfile::Hardened => domain::PasswordProfile::Hardened,
        },
        password_patience: match environment {
            Environment::Testing => PASSWORDS_OF_TESTS,
            Environment::Development | Environment::Production => PASSWORDS,
        },
        pepper: secrets.pepper,
        quotas: options.quotas(environment),
        cache_bytes: options.cache_bytes,
    })
}

fn warn_of_strangers(environment: Environment, address: SocketAddr) {
    if environment != Environment::Production && !address.ip().is_loopback() {
        tracing::warn!(
            "{address} can be reached from other machines, with the lax rules of {environment:?}"
        );
    }
}

fn warn_of_no_public_url(options: &Options, environment: Environment) {
    if environment == Environment::Production && options.public_url.is_none() {
        let url = options.public_url();
        tracing::warn!("INKGATE_PUBLIC_URL is not set: tokens and links name {url}");
    }
}

const fn format_of(environment: Environment) -> LogFormat {
    match environment {
        Environment::Production => LogFormat::Json,
        _ => LogFormat::Human,
    }
}

fn seed() -> Result<u64> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(Failure::refused)?;
    Ok(u64::from_le_bytes(seed))
}

async fn tidy(domain: Arc<Domain>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(TIDY_INTERVAL);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        if let Err(error) = domain.tidy().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "tidying up did not work; it will be tried again");
        }
    }
}

/// Looks twice a second at what other processes have written, and whenever one of them says so.
async fn follow(domain: Arc<Domain>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(FOLLOW_INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut follows = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = interval.tick() => {}
            () = domain.news() => {}
        }
        let followed = domain.follow().await;
        let ok = followed.is_ok();
        match followed {
            Ok(()) if !follows => tracing::info!("what other processes write is followed again"),
            Err(error) if follows => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    "what other processes write cannot be followed: every request asks the database"
                );
            }
            _ => {}
        }
        follows = ok;
    }
}

async fn seal(domain: Arc<Domain>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(SEAL_INTERVAL);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        if let Err(error) = domain.tend_audit_log().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "the audit log could not be sealed; it will be tried again"
            );
        }
    }
}

async fn work(domain: Arc<Domain>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(WORK_INTERVAL);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        // What was begun is ended; what is due besides waits for the next start.
        if let Err(error) = domain.run_due_jobs(|| !stop.is_cancelled()).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "jobs could not be run; they will be tried again");
        }
    }
}
