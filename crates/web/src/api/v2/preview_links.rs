//! Links to posts that are not public.

use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use model::{Invalid, PostId, PreviewLink};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Problem;
use super::account::no_content;
use super::page::{Listing, NEWEST, PageQuery};
use super::post_wire::PostOut;
use super::posts::{self, post_body};
use super::shape::{Names, Shape};
use super::wire::{PRIVATE, V2Time, list_body, shown, written};
use crate::api::{Id, IdAndNumber, Slug};
use crate::app::App;
use crate::auth::{Caller, Writer};
use crate::body::RawBody;
use crate::error::Result;
use crate::fields::{integer, nullable};
use crate::json;
use crate::query::Query;

const DAY: i64 = 24 * 60 * 60;
/// How long a link is good when nobody says.
const USUAL: i64 = 7 * DAY;
/// How long one may be good at most.
const LONGEST: i64 = 90 * DAY;

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<PreviewLinkOut>(&[]));
static LIST: Listing = Listing::plain(&NEWEST, &NAMES);

/// How long a link is good.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PreviewLinkIn {
    /// In seconds: 1 to 7,776,000, which are 90 days; 7 days if it is left out.
    #[schema(minimum = 1, maximum = 7_776_000, example = 86_400)]
    expires_in: Option<i64>,
}

/// A link to a post that is not public.
#[derive(Serialize, ToSchema)]
#[schema(as = PreviewLink)]
pub(super) struct PreviewLinkOut {
    id: i64,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    #[schema(value_type = String, format = DateTime, example = "2026-11-30T19:00:00.123Z")]
    expires_at: V2Time,
}

/// A link that was just made; its token is not shown again.
#[derive(Serialize, ToSchema)]
pub(super) struct NewPreviewLink<'a> {
    #[serde(flatten)]
    link: PreviewLinkOut,
    #[schema(example = "ink_preview_K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols")]
    token: &'a str,
    /// Where whoever has it sees the post.
    #[schema(
        example = "https://example.org/api/v2/preview/ink_preview_K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols"
    )]
    url: &'a str,
}

/// A page of links.
#[derive(Serialize, ToSchema)]
pub(super) struct PreviewLinks<'a> {
    preview_links: Vec<PreviewLinkOut>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

impl From<&PreviewLink> for PreviewLinkOut {
    fn from(link: &PreviewLink) -> Self {
        Self {
            id: link.id,
            created_at: V2Time(link.created_at),
            expires_at: V2Time(link.expires_at),
        }
    }
}

fn life(value: &Value) -> std::result::Result<i64, Invalid> {
    let seconds = integer(value)?;
    if (1..=LONGEST).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(Invalid::new(format!("must be from 1 to {LONGEST} seconds")))
    }
}

/// Makes a link by which whoever has it sees the post in any state, until it ends or is revoked. For
/// those who may edit the post.
#[utoipa::path(post, path = "/api/v2/posts/{id}/preview-links", tag = "posts",
    params(("id" = i64, Path)),
    request_body(content = Option<PreviewLinkIn>, description = "May be left out"), security(("bearer" = [])),
    responses((status = 201, body = NewPreviewLink), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn create_preview_link(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    body: RawBody,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let life = wanted_life(&body)?;
    let (link, token) = app.domain.create_preview_link(&actor, id, life).await?;
    let made = written(&NewPreviewLink {
        link: PreviewLinkOut::from(&link),
        token: token.reveal(),
        url: &app.domain.preview_url(token.reveal()),
    });
    let mut response = json::answer(StatusCode::CREATED, json::JSON, made.into());
    let path = format!("/api/v2/posts/{id}/preview-links/{}", link.id);
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&path).map(|path| (LOCATION, path)));
    headers.insert(CACHE_CONTROL, PRIVATE);
    Ok(response)
}

/// How long a link is to be good.
fn wanted_life(body: &RawBody) -> Result<Duration> {
    let mut seconds = USUAL;
    if !body.bytes().is_empty() {
        let mut fields = body.exact_fields()?;
        let wanted = fields.take("expires_in", nullable(life));
        fields.finish_strictly()?;
        seconds = wanted.flatten().unwrap_or(USUAL);
    }
    Ok(Duration::from_secs(seconds.unsigned_abs()))
}

/// The links to a post that are good, the newest first. For those who may edit it.
#[utoipa::path(get, path = "/api/v2/posts/{id}/preview-links", tag = "posts",
    params(("id" = i64, Path),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,expires_at`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    security(("bearer" = [])),
    responses((status = 200, body = PreviewLinks,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list_preview_links(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    app.domain.editable_post(&actor, id).await?;
    let path = format!("/api/v2/posts/{id}/preview-links");
    let page = PageQuery::read(&path, &query, &LIST)?;
    let begin = page.begin();
    let links = app
        .domain
        .preview_links(&actor, id, &begin, page.limit)
        .await?;
    let next_cursor = page.next_cursor(&links);
    let list = PreviewLinks {
        preview_links: links.rows.iter().map(PreviewLinkOut::from).collect(),
        next_cursor: next_cursor.as_deref(),
    };
    let body = page.body(&list, next_cursor.as_deref());
    Ok(shown(&headers, body, PRIVATE))
}

/// One link, without its token. For those who may edit the post.
#[utoipa::path(get, path = "/api/v2/posts/{id}/preview-links/{link_id}", tag = "posts",
    params(("id" = i64, Path), ("link_id" = i64, Path)), security(("bearer" = [])),
    responses((status = 200, body = PreviewLinkOut, headers(("ETag" = String, description = "`\"<hash>\"`"))), (status = 304),
        (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_preview_link(
    State(app): State<App>,
    IdAndNumber(id, link): IdAndNumber<PostId>,
    Caller(actor): Caller,
    headers: HeaderMap,
) -> Result<Response> {
    let link = app.domain.preview_link(&actor, id, link).await?;
    let body = list_body(&PreviewLinkOut::from(&link));
    Ok(shown(&headers, body, PRIVATE))
}

/// Revokes a link. For those who may edit the post.
#[utoipa::path(delete, path = "/api/v2/posts/{id}/preview-links/{link_id}", tag = "posts",
    params(("id" = i64, Path), ("link_id" = i64, Path)), security(("bearer" = [])),
    responses((status = 204, description = "It leads nowhere any more"), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete_preview_link(
    State(app): State<App>,
    IdAndNumber(id, link): IdAndNumber<PostId>,
    Writer(actor): Writer,
) -> Result<Response> {
    app.domain.delete_preview_link(&actor, id, link).await?;
    Ok(no_content())
}

/// The post that a link leads to, in whatever state it is.
#[utoipa::path(get, path = "/api/v2/preview/{token}", tag = "posts", 
    params(("token" = String, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,title,author.username`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_preview(
    State(app): State<App>,
    Slug(token): Slug,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let post = app.domain.previewed_post(&token).await?;
    let shape = Shape::alone(&query, &posts::NAMES)?;
    let body = shape.of_resource(post_body(&post, app.domain.clock().now()));
    let mut response = shown(&headers, body, PRIVATE);
    // The token stands in the URL: it must not go where a link in the post leads.
    let policy = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(REFERRER_POLICY, policy);
    Ok(response)
}
