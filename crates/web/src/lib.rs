//! All URLs of Inkgate: reading requests, calling `domain`, writing answers. No rules, no SQL.

mod access_log;
mod api;
mod app;
mod auth;
mod body;
mod client;
mod client_address;
mod conditional;
mod cookies;
mod cors;
mod error;
mod fields;
mod json;
mod metrics;
mod ops;
mod own_page;
mod pages;
mod query;
mod request_id;
mod respond;
mod scopes;

pub use access_log::{AccessLog, LogFormat};
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub use api::v2::fuzzing;
pub use api::{openapi_v1, openapi_v2};
pub use app::{App, WebSettings};
pub use client_address::TrustedProxies;
pub use cors::CorsOrigins;
pub use respond::{Site, is_idempotent};

use axum::Router;

use crate::error::Error;

/// The whole URL space.
fn router(app: App) -> Router {
    routes()
        .fallback(async || Error::NoRoute)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .with_state(app)
}

fn routes() -> Router<App> {
    Router::new()
        .merge(api::v1::routes())
        .merge(api::v2::routes())
        .merge(api::documents())
        .merge(ops::routes())
        .merge(pages::routes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_path_is_documented() {
        // axum tells its paths to nobody but a debugger.
        let shown = format!("{:?}", routes());
        let quoted = shown.split('"').skip(1).step_by(2);
        let routed: BTreeSet<_> = quoted.filter(|text| text.starts_with('/')).collect();

        let pages = ["/api/docs", "/api/docs/", "/api/docs/{*rest}"];
        let fallbacks = ["/", "/{*__private__axum_fallback}"];
        let documented = api::paths()
            .iter()
            .copied()
            .chain(ops::PATHS)
            .chain(pages::PATHS);
        let documented: BTreeSet<_> = documented.chain(pages).chain(fallbacks).collect();
        assert_eq!(routed, documented);
    }
}
