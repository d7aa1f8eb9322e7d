//! Following others, and what comes of it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::UserId;

use super::Problem;
use super::account::no_content;
use super::page::{Listing, NEWEST, PageQuery};
use super::post_wire::NAMES_IN_LISTS;
use super::posts::{Posts, page_body};
use super::wire::{PRIVATE, shown};
use crate::api::Id;
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::error::Result;
use crate::query::Query;

static LIST: Listing = Listing::plain(&NEWEST, &NAMES_IN_LISTS).counted();

/// Follows a user: their posts stand in the caller's feed. At most 1,000.
#[utoipa::path(put, path = "/api/v2/users/{id}/follow", tag = "readers", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn follow_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.follow_user(&actor, id).await?;
    Ok(no_content())
}

/// Follows a user no more.
#[utoipa::path(delete, path = "/api/v2/users/{id}/follow", tag = "readers", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn unfollow_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.unfollow_user(&actor, id).await?;
    Ok(no_content())
}

/// The published posts of those whom the caller follows, newest first.
#[utoipa::path(get, path = "/api/v2/me/feed", tag = "readers", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Posts,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 401, body = Problem)))]
pub(super) async fn show_feed(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read("/api/v2/me/feed", &query, &LIST)?;
    let now = app.domain.clock().now();
    let before = wanted.begin();
    let page = app.domain.feed(&actor, &before, wanted.limit).await?;
    let total = wanted.count(app.domain.count_feed(&actor)).await?;
    Ok(shown(
        &headers,
        page_body(&wanted, &page, total, now),
        PRIVATE,
    ))
}
