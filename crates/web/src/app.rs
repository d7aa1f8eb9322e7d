//! What handlers share.

use std::ops::Deref;
use std::sync::Arc;

use axum::http::HeaderValue;
use domain::Domain;
use tokio::sync::Semaphore;

use crate::access_log::AccessLog;
use crate::client_address::TrustedProxies;
use crate::cookies::Cookies;
use crate::cors::CorsOrigins;
use crate::metrics::Metrics;
use crate::ops::Health;

/// How many complete lists that are longer than a batch may run at once.
const COMPLETE_LISTS: usize = 4;

/// The state of the application, cloned into handlers.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What all clones of the state share.
pub struct Shared {
    pub(crate) domain: Arc<Domain>,
    pub(crate) settings: WebSettings,
    pub(crate) metrics: Metrics,
    pub(crate) access_log: Option<Arc<AccessLog>>,
    pub(crate) complete_lists: Arc<Semaphore>,
    pub(crate) health: Health,
    pub(crate) public_cache_control: HeaderValue,
    pub(crate) cookies: Cookies,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// What whoever runs Inkgate may choose about HTTP.
#[derive(Clone, Debug, Default)]
pub struct WebSettings {
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// For how many seconds a public read may be shown again without asking.
    pub public_max_age: u32,
    /// The origin of the pages that may use cookies.
    pub public_url: String,
    /// Whether cookies are for plain HTTP on one's own machine.
    pub plain_cookies: bool,
    /// Whose pages may use the API from another origin.
    pub cors_origins: CorsOrigins,
    /// Whether answers tell how long they took.
    pub server_timing: bool,
}

impl App {
    /// Puts the state together.
    pub fn new(
        domain: Arc<Domain>,
        settings: WebSettings,
        access_log: Option<Arc<AccessLog>>,
    ) -> Self {
        let max_age = settings.public_max_age;
        let public = format!("public, max-age={max_age}, must-revalidate");
        Self(Arc::new(Shared {
            public_cache_control: HeaderValue::from_str(&public)
                .unwrap_or(HeaderValue::from_static("no-cache")),
            metrics: Metrics::new(),
            complete_lists: Arc::new(Semaphore::new(COMPLETE_LISTS)),
            health: Health::default(),
            cookies: Cookies::new(settings.plain_cookies),
            settings,
            access_log,
            domain,
        }))
    }
}
