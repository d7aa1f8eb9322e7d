//! Reading posts.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use domain::{Actor, Body, BySlug, Form};
use model::{
    Cursor, Invalid, Page, PageLimit, Post, PostFilter, PostId, PostSort, PostState, PostStatus,
    Timestamp, UserId, Username,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::page::{Listing, Order, PageQuery};
use super::parameters::{filter, invalid};
use super::post_wire::PostOut;
use super::search::words;
use super::shape::{Names, Shape};
use super::wire::{PRIVATE, body_of, list_body, shown};
use crate::api::{Id, Slug};
use crate::app::App;
use crate::auth::MaybeCaller;
use crate::error::Result;
use crate::query::Query;

pub(super) const PATH: &str = "/api/v2/posts";
/// How many tags a list can be filtered by at once.
const TAGS: usize = 10;
/// What an answer to everybody differs by.
const VARIES: HeaderValue = HeaderValue::from_static("Authorization, Accept-Encoding");
const PUBLISHED: PostState = PostState::Stored(PostStatus::Published);

/// A page of posts.
#[derive(Serialize, ToSchema)]
pub(super) struct Posts<'a> {
    posts: Vec<PostOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// How many there are on all pages; only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
}

/// The newest posts.
#[derive(Serialize, ToSchema)]
pub(super) struct RecentPosts<'a> {
    posts: Vec<PostOut<'a>>,
}

/// The body of one post.
pub(super) fn post_body(post: &Post, now: Timestamp) -> Body {
    body_of(post.version, &PostOut::of(post, now))
}

/// What a name is looked up by; no user has none.
fn name_key(name: &str) -> String {
    Username::parse(name).map_or_else(|_| String::new(), |name| name.key().to_owned())
}

/// The body of a page of posts, as they are at `now`.
pub(super) fn page_body<S>(
    query: &PageQuery<S>,
    page: &Page<Post>,
    total: Option<i64>,
    now: Timestamp,
) -> Body {
    let next_cursor = query.next_cursor(page);
    let posts = page.rows.iter().map(|post| PostOut::of(post, now));
    let list = Posts {
        posts: posts.collect(),
        next_cursor: next_cursor.as_deref(),
        total,
    };
    query.body(&list, next_cursor.as_deref())
}

/// A public body, or 304 if the client has it already.
pub(super) fn public(app: &App, headers: &HeaderMap, body: Body) -> Response {
    let mut response = shown(headers, body, app.public_cache_control.clone());
    response.headers_mut().insert(VARY, VARIES);
    response
}

/// What can be shown of a post.
pub(super) static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<PostOut<'_>>(&["html"]));

/// What can be asked of lists of posts.
static LIST: Listing<PostSort> = Listing {
    filters: &[
        "user_id",
        "author",
        "category",
        "series",
        "language",
        "published_after",
        "published_before",
        "q",
        "status",
    ],
    repeatable: &["tag"],
    orders: &[
        Order {
            name: "-published_at",
            by: PostSort::Newest,
            first: Cursor::NEWEST,
        },
        Order {
            name: "published_at",
            by: PostSort::Oldest,
            first: Cursor::LOWEST,
        },
        Order {
            name: "-updated_at",
            by: PostSort::Updated,
            first: Cursor::NEWEST,
        },
        Order {
            name: "title",
            by: PostSort::Title,
            first: Cursor::FIRST_TEXT,
        },
    ],
    names: &NAMES,
    counted: true,
};

fn post_filter(query: &Query, page: &PageQuery<PostSort>, now: Timestamp) -> Result<PostFilter> {
    let text = |name| query.first(name).map(str::to_owned);
    let time = |name| {
        let parse = |text: &str| Timestamp::parse_rfc3339(text).ok();
        filter(query, name, parse, "must be an RFC 3339 time")
    };
    let user_id = filter(
        query,
        "user_id",
        |text| text.parse().ok(),
        "must be an integer",
    )?;
    let tags: Vec<_> = query.all("tag").map(domain::tag_key).collect();
    if tags.len() > TAGS {
        let must = format!("must be named at most {TAGS} times");
        return Err(invalid("tag", Invalid::new(must)));
    }
    Ok(PostFilter {
        user_id: user_id.map(UserId),
        author: query.first("author").map(name_key),
        category: text("category"),
        tags,
        series: text("series"),
        language: text("language"),
        published_after: time("published_after")?,
        published_before: time("published_before")?,
        found_by: words(query)?.map(|words| domain::search_text(&words)),
        state: hidden_state(query)?,
        sort: page.order.by,
        html: page.shape.includes("html"),
        ..PostFilter::public(now)
    })
}

/// The state of the posts that are asked for; none: what is published is what is public.
fn hidden_state(query: &Query) -> Result<Option<PostState>> {
    let must = "must be draft, scheduled, published, unlisted or archived";
    let state = filter(query, "status", |text| text.parse().ok(), must)?;
    Ok(state.filter(|state| *state != PUBLISHED))
}

async fn read_page(
    app: &App,
    actor: Option<&Actor>,
    page: &PageQuery<PostSort>,
    filter: &PostFilter,
) -> Result<Body> {
    let domain = &app.domain;
    let posts = domain
        .posts(actor, filter, page.cursor.as_ref(), page.limit)
        .await?;
    let total = page.count(domain.count_posts(actor, filter)).await?;
    Ok(page_body(page, &posts, total, filter.now))
}

/// Published posts, newest first. `status` shows what is not public: authors their own, editors
/// everybody's.
#[utoipa::path(get, path = "/api/v2/posts", tag = "posts",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("user_id" = Option<i64>, Query, description = "Only those of this user"),
        ("author" = Option<String>, Query, description = "Only those of the user with this name"),
        ("category" = Option<String>, Query, description = "Only those filed under this"),
        ("tag" = Option<Vec<String>>, Query, description = "Only those that have this tag; may be named up to 10 times, for those that have all of them"),
        ("series" = Option<String>, Query, description = "Only those of this series"),
        ("language" = Option<String>, Query, description = "Only those in this language"),
        ("published_after" = Option<String>, Query, description = "Only those published after this time (RFC 3339)"),
        ("published_before" = Option<String>, Query, description = "Only those published before this time (RFC 3339)"),
        ("q" = Option<String>, Query, min_length = 1, max_length = 500, description = "Only published ones that hold these words, as `/api/v2/search` reads them"),
        ("status" = Option<String>, Query, description = "`draft`, `scheduled`, `published`, `unlisted` or `archived`; all but `published` need a token"),
        ("sort" = Option<String>, Query, description = "`-published_at`, `published_at`, `-updated_at` or `title`"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title,author.username`"),
        ("include" = Option<String>, Query, description = "`html`: the HTML of each"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security((), ("bearer" = [])),
    responses((status = 200, body = Posts,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_posts(
    State(app): State<App>,
    MaybeCaller(actor): MaybeCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    if let Ok(Some(_)) = hidden_state(&query) {
        domain::known(actor.as_ref())?;
    }
    let page = PageQuery::read(PATH, &query, &LIST)?;
    let now = app.domain.clock().now();
    let filter = post_filter(&query, &page, now)?;
    let read = read_page(&app, actor.as_ref(), &page, &filter);
    if filter.state.is_some() {
        return Ok(shown(&headers, read.await?, PRIVATE));
    }
    let body = match page.cursor {
        Some(_) => read.await?,
        None => app.domain.show_list(page.name(), now, read).await?,
    };
    Ok(public(&app, &headers, body))
}

/// The five newest posts.
#[utoipa::path(get, path = "/api/v2/posts/recent", tag = "posts",
    params(("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title`"),
        ("include" = Option<String>, Query, description = "`html`: what is heavy"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = RecentPosts, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_recent_posts(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let shape = Shape::alone(&query, &NAMES)?;
    let now = app.domain.clock().now();
    let name = format!("recent?{}", shape.parameters());
    let read = read_recent(&app, &shape, now);
    let body = app.domain.show_list(name, now, read).await?;
    Ok(public(&app, &headers, body))
}

async fn read_recent(app: &App, shape: &Shape, now: Timestamp) -> Result<Body> {
    let filter = PostFilter {
        html: shape.includes("html"),
        ..PostFilter::public(now)
    };
    let page = app
        .domain
        .posts(None, &filter, None, PageLimit::RECENT)
        .await?;
    let posts = page.rows.iter().map(|post| PostOut::of(post, now));
    let recent = RecentPosts {
        posts: posts.collect(),
    };
    Ok(shape.of_list(list_body(&recent)))
}

/// One post.
#[utoipa::path(get, path = "/api/v2/posts/{id}", tag = "posts",
    params(("id" = i64, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,title,author.username`"), ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security((), ("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    MaybeCaller(actor): MaybeCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let body = app
        .domain
        .show_post(actor.as_ref(), id, Form::V2, post_body)
        .await?;
    let shape = Shape::alone(&query, &NAMES)?;
    Ok(public(&app, &headers, shape.of_resource(body)))
}

/// One post by its name in URLs; a name that it had before leads to the one that it has.
#[utoipa::path(get, path = "/api/v2/posts/by-slug/{slug}", tag = "posts",
    params(("slug" = String, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,title,author.username`"), ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security((), ("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 301, description = "The post has another slug by now", headers(("Location" = String, description = "Its path by that slug"))),
        (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_post_by_slug(
    State(app): State<App>,
    Slug(slug): Slug,
    MaybeCaller(actor): MaybeCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let found = app
        .domain
        .show_post_by_slug(actor.as_ref(), &slug, post_body)
        .await?;
    let shape = Shape::alone(&query, &NAMES)?;
    match found {
        BySlug::Post(body) => Ok(public(&app, &headers, shape.of_resource(body))),
        BySlug::Moved(slug) => {
            let path = format!("{PATH}/by-slug/{slug}?{}", shape.parameters());
            Ok(moved(&app, path.trim_end_matches(['?', '&'])))
        }
    }
}

/// Leads to where something is by now; whoever asks again must ask us again, because a slug can move
/// back.
fn moved(app: &App, path: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, app.public_cache_control.clone());
    headers.insert(VARY, VARIES);
    headers.extend(HeaderValue::from_str(path).map(|path| (LOCATION, path)));
    response
}
