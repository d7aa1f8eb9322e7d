//! What public posts are filed under.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::FacetKind;
use model::Facet;
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::parameters::refuse_unknown;
use super::posts::public;
use super::wire::list_body;
use crate::app::App;
use crate::error::{Error, Result};
use crate::query::Query;

/// A category, a tag or a series.
#[derive(Serialize, ToSchema)]
#[schema(as = Facet)]
struct FacetOut<'a> {
    #[schema(example = "rust")]
    name: &'a str,
    /// How many published posts are filed under it.
    post_count: i64,
}

/// Every category, the most used first.
#[derive(Serialize, ToSchema)]
pub(super) struct Categories<'a> {
    categories: Vec<FacetOut<'a>>,
}

/// Every tag, the most used first.
#[derive(Serialize, ToSchema)]
pub(super) struct TagNames<'a> {
    tags: Vec<FacetOut<'a>>,
}

/// Every series, the most used first.
#[derive(Serialize, ToSchema)]
pub(super) struct SeriesNames<'a> {
    series: Vec<FacetOut<'a>>,
}

fn shown(facets: &[Facet]) -> Vec<FacetOut<'_>> {
    let shown = facets.iter().map(|facet| FacetOut {
        name: &facet.name,
        post_count: facet.posts,
    });
    shown.collect()
}

async fn list(
    app: &App,
    (headers, query): (&HeaderMap, &Query),
    (kind, name): (FacetKind, &str),
    write: impl FnOnce(&[Facet]) -> domain::Body,
) -> Result<Response> {
    refuse_unknown(query, &[])?;
    let now = app.domain.clock().now();
    let read = async { Ok::<_, Error>(write(&app.domain.facets(kind).await?)) };
    let body = app.domain.show_list(name.to_owned(), now, read).await?;
    Ok(public(app, headers, body))
}

/// The categories of published posts.
#[utoipa::path(get, path = "/api/v2/categories", tag = "posts",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Categories, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_categories(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let write = |facets: &[Facet]| {
        list_body(&Categories {
            categories: shown(facets),
        })
    };
    list(
        &app,
        (&headers, &query),
        (FacetKind::Category, "categories"),
        write,
    )
    .await
}

/// The tags of published posts.
#[utoipa::path(get, path = "/api/v2/tags", tag = "posts",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = TagNames, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_tags(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let write = |facets: &[Facet]| {
        list_body(&TagNames {
            tags: shown(facets),
        })
    };
    list(&app, (&headers, &query), (FacetKind::Tag, "tags"), write).await
}

/// The series of published posts.
#[utoipa::path(get, path = "/api/v2/series", tag = "posts",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = SeriesNames, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_series(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let write = |facets: &[Facet]| {
        list_body(&SeriesNames {
            series: shown(facets),
        })
    };
    list(
        &app,
        (&headers, &query),
        (FacetKind::Series, "series"),
        write,
    )
    .await
}
