//! The OpenAPI documents, generated from the routes, and the pages that show them.

use std::sync::LazyLock;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use bytes::Bytes;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use super::{v1, v2};
use crate::app::App;
use crate::json;

const V1: &str = "/api/v1/openapi.json";
const V2: &str = "/api/v2/openapi.json";

/// The document of `/api/v1`.
pub fn openapi_v1() -> OpenApi {
    v1::document()
}

/// The document of `/api/v2`.
pub fn openapi_v2() -> OpenApi {
    v2::document()
}

/// The routes of the documents.
pub(crate) fn documents() -> Router<App> {
    let pages = SwaggerUi::new("/api/docs")
        .config(Config::new([Url::new("v1", V1), Url::new("v2", V2)]).validator_url("none"));
    Router::new()
        .route(
            V1,
            get(async || json::answer(StatusCode::OK, json::JSON, WRITTEN[0].clone())),
        )
        .route(
            V2,
            get(async || json::answer(StatusCode::OK, json::JSON, WRITTEN[1].clone())),
        )
        .merge(pages)
}

/// Both documents as they are served.
static WRITTEN: LazyLock<[Bytes; 2]> =
    LazyLock::new(|| [written(&openapi_v1()), written(&openapi_v2())]);

fn written(document: &OpenApi) -> Bytes {
    let text = document.to_pretty_json().unwrap_or_default();
    Bytes::from(text + "\n")
}

/// Every path of both documents, as it is called in metrics and logs.
pub(crate) fn paths() -> &'static [&'static str] {
    static PATHS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let documents = [openapi_v1(), openapi_v2()];
        let paths = documents
            .iter()
            .flat_map(|document| document.paths.paths.keys());
        let paths = paths.map(|path| &*String::leak(path.clone()));
        paths.chain([V1, V2]).collect()
    });
    &PATHS
}
