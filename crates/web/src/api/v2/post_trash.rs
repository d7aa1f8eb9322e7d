//! The trash.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::{Actor, Body};
use model::{Invalid, Page, PostId, Timestamp, TrashedPost};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::once::Once;
use super::page::{Listing, NEWEST, PageQuery};
use super::parameters::{filter, invalid};
use super::post_wire::PostOut;
use super::post_writes::{current, shown_again, shown_post};
use super::posts::post_body;
use super::shape::Names;
use super::wire::{Message, PRIVATE, V2Time, shown, written};
use crate::api::Id;
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::conditional::{IfMatch, or_current_tag};
use crate::error::Result;
use crate::json;
use crate::query::Query;

const PATH: &str = "/api/v2/posts/trash";
static NAMES: LazyLock<Names> =
    LazyLock::new(|| Names::of::<TrashedPostOut<'_>>(&[]).without("html"));
static LIST: Listing = Listing::plain(&NEWEST, &NAMES).counted();

/// A post in the trash.
#[derive(Serialize, ToSchema)]
#[schema(as = TrashedPost)]
struct TrashedPostOut<'a> {
    #[serde(flatten)]
    post: PostOut<'a>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    deleted_at: V2Time,
}

impl<'a> TrashedPostOut<'a> {
    fn of(trashed: &'a TrashedPost, now: Timestamp) -> Self {
        Self {
            post: PostOut::of(&trashed.post, now),
            deleted_at: V2Time(trashed.deleted_at),
        }
    }
}

/// A page of the trash.
#[derive(Serialize, ToSchema)]
pub(super) struct TrashedPosts<'a> {
    posts: Vec<TrashedPostOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// How many there are on all pages; only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
}

/// The caller's posts in the trash, what was deleted last first; editors and admins see all.
#[utoipa::path(get, path = "/api/v2/posts/trash", tag = "posts",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title,deleted_at`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = TrashedPosts,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 401, body = Problem)))]
pub(super) async fn list_trash(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read(PATH, &query, &LIST)?;
    let before = wanted.begin();
    let page = app.domain.trashed_posts(&actor, &before, wanted.limit);
    let page = page.await?;
    let total = wanted.count(app.domain.count_trashed_posts(&actor)).await?;
    let body = page_body(&wanted, &page, total, app.domain.clock().now());
    Ok(shown(&headers, body, PRIVATE))
}

/// The body of a page of the trash, as it is at `now`.
fn page_body(
    query: &PageQuery,
    page: &Page<TrashedPost>,
    total: Option<i64>,
    now: Timestamp,
) -> Body {
    let next_cursor = query.next_cursor(page);
    let posts = page.rows.iter().map(|post| TrashedPostOut::of(post, now));
    let list = TrashedPosts {
        posts: posts.collect(),
        next_cursor: next_cursor.as_deref(),
        total,
    };
    query.body(&list, next_cursor.as_deref())
}

/// Takes a post out of the trash, into the state that it had. Needs at least the role of whoever
/// deleted it.
#[utoipa::path(post, path = "/api/v2/posts/{id}/restore", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn restore_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    once: Once,
) -> Result<Response> {
    let restore = async |key| {
        let restore = async {
            let before = app.domain.restorable_post(&actor, id).await?;
            let terms = if_match.terms(before.version, key);
            Ok(app.domain.restore_post(&actor, id, terms).await?)
        };
        let post = or_current_tag(restore.await, current_in_trash(&app, &actor, id)).await?;
        Ok(shown_post(&app, &post))
    };
    let again = |_| shown_again(&app, &actor, id);
    once.of(&app, &actor, b"").answer(restore, again).await
}

/// Moves a post to the trash, where it stays for 30 days; with `permanent=true` deletes one that is
/// there for good. For its author, editors and admins.
#[utoipa::path(delete, path = "/api/v2/posts/{id}", tag = "posts", params(("id" = i64, Path),
        ("permanent" = Option<bool>, Query, description = "Delete from the trash for good"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = Message), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn delete_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    query: Query,
) -> Result<Response> {
    if permanent(&query).unwrap_or_default() {
        delete_for_good(&app, &actor, id, &if_match).await?;
    } else {
        let delete = async {
            let before = app.domain.deletable_post(&actor, id).await?;
            permanent(&query)?;
            let version = if_match.demanded(before.version);
            Ok(app.domain.trash_post(&actor, id, version).await?)
        };
        or_current_tag(delete.await, current(&app, &actor, id)).await?;
    }
    let message = "Post deleted";
    let body = written(&Message { message });
    Ok(json::answer(StatusCode::OK, json::JSON, body.into()))
}

async fn delete_for_good(app: &App, actor: &Actor, id: PostId, if_match: &IfMatch) -> Result<()> {
    let delete = async {
        let before = app.domain.restorable_post(actor, id).await?;
        let version = if_match.demanded(before.version);
        Ok(app.domain.delete_post(actor, id, version).await?)
    };
    or_current_tag(delete.await, current_in_trash(app, actor, id)).await
}

/// Whether a deletion is for good. What makes no sense is told once it is clear that the caller may
/// delete the post.
fn permanent(query: &Query) -> Result<bool> {
    if let Some(name) = query.unknown(&["permanent"]) {
        return Err(invalid(name, Invalid::new("cannot be asked for here")));
    }
    let boolean = |text: &str| text.parse().ok();
    let named = filter(query, "permanent", boolean, "must be true or false")?;
    Ok(named.unwrap_or_default())
}

/// The version of a post in the trash, and its tag.
async fn current_in_trash(app: &App, actor: &Actor, id: PostId) -> Result<(i64, Bytes)> {
    let post = app.domain.restorable_post(actor, id).await?;
    Ok((post.version, post_body(&post, app.domain.clock().now()).tag))
}
