//! What readers put on posts: favorites and bookmarks.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::Actor;
use model::{Mark, PostId};

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

/// Adds a post to the caller's favorites; everybody sees how many have.
#[utoipa::path(put, path = "/api/v2/posts/{id}/favorite", tag = "readers", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn favorite_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.put_mark(&actor, Mark::Favorite, id).await?;
    Ok(no_content())
}

/// Takes a post from the caller's favorites.
#[utoipa::path(delete, path = "/api/v2/posts/{id}/favorite", tag = "readers", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn unfavorite_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.take_mark(&actor, Mark::Favorite, id).await?;
    Ok(no_content())
}

/// Bookmarks a post; nobody else knows of it.
#[utoipa::path(put, path = "/api/v2/posts/{id}/bookmark", tag = "readers", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn bookmark_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.put_mark(&actor, Mark::Bookmark, id).await?;
    Ok(no_content())
}

/// Takes a bookmark away.
#[utoipa::path(delete, path = "/api/v2/posts/{id}/bookmark", tag = "readers", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn unbookmark_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.take_mark(&actor, Mark::Bookmark, id).await?;
    Ok(no_content())
}

/// The caller's favorites, the newest favorite first.
#[utoipa::path(get, path = "/api/v2/me/favorites", tag = "readers", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Posts,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 401, body = Problem)))]
pub(super) async fn list_favorites(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read("/api/v2/me/favorites", &query, &LIST)?;
    marked(&app, &actor, Mark::Favorite, &headers, &wanted).await
}

/// The caller's bookmarks, the newest bookmark first.
#[utoipa::path(get, path = "/api/v2/me/bookmarks", tag = "readers", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Posts,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 401, body = Problem)))]
pub(super) async fn list_bookmarks(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read("/api/v2/me/bookmarks", &query, &LIST)?;
    marked(&app, &actor, Mark::Bookmark, &headers, &wanted).await
}

async fn marked(
    app: &App,
    actor: &Actor,
    mark: Mark,
    headers: &HeaderMap,
    wanted: &PageQuery,
) -> Result<Response> {
    let now = app.domain.clock().now();
    let before = wanted.begin();
    let page = app.domain.marked_posts(actor, mark, &before, wanted.limit);
    let page = page.await?;
    let total = wanted.count(app.domain.count_marked_posts(actor, mark));
    let body = page_body(wanted, &page, total.await?, now);
    Ok(shown(headers, body, PRIVATE))
}
