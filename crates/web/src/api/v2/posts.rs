//! Posts.

use axum::extract::State;
use axum::http::header::VARY;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::{Body, Form};
use model::{Category, Content, Cursor, NewPost, Page, Post, PostFilter, PostId, PostPatch};
use model::{Title, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::page::{PageQuery, filter};
use super::wire::{Message, PostOut, body_of, created, resource, shown, written};
use crate::api::Id;
use crate::app::App;
use crate::auth::Writer;
use crate::body::RawBody;
use crate::conditional::{IfMatch, or_current_tag, tag_of_list};
use crate::error::{Error, Result};
use crate::fields::{Fields, nullable, text};
use crate::json;
use crate::query::Query;

const PATH: &str = "/api/v2/posts";

/// A post to write.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PostIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(example = "My Post")]
    title: String,
    /// Markdown, up to 1 MiB.
    #[schema(example = "Hello")]
    content: String,
    /// 1 to 50 characters; `general` if it is left out or null.
    #[schema(example = "tech")]
    category: Option<String>,
}

/// What to change of a post: a merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct PostPatchIn {
    /// 1 to 255 characters, not only blanks.
    #[schema(nullable = false, example = "My Post")]
    title: Option<String>,
    /// Up to 1 MiB.
    #[schema(nullable = false, example = "Hello again")]
    content: Option<String>,
    /// 1 to 50 characters; null makes it `general` again.
    #[schema(example = "tech")]
    category: Option<String>,
}

/// A page of posts.
#[derive(Serialize, ToSchema)]
pub(super) struct Posts<'a> {
    posts: Vec<PostOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

fn new_post(mut fields: Fields) -> Result<NewPost> {
    let title = fields.require("title", text(Title::parse));
    let content = fields.require("content", text(Content::parse));
    let category = fields.take("category", nullable(text(Category::parse)));
    fields.finish_strictly()?;
    let (title, content) = title.zip(content).ok_or(Error::NotAnObject)?;
    Ok(NewPost {
        title,
        content,
        category: category.flatten().unwrap_or_default(),
    })
}

pub(super) fn post_patch(mut fields: Fields) -> Result<PostPatch> {
    let category = fields.take("category", nullable(text(Category::parse)));
    let patch = PostPatch {
        title: fields.take("title", text(Title::parse)),
        content: fields.take("content", text(Content::parse)),
        category: category.map(Option::unwrap_or_default),
    };
    fields.finish_strictly()?;
    Ok(patch)
}

fn post_body(post: &Post) -> Body {
    body_of(post.version, &PostOut::from(post))
}

pub(super) fn page_body(query: &PageQuery, page: &Page<Post>) -> Body {
    let next_cursor = query.next_cursor(page);
    let next_cursor = next_cursor.as_deref();
    let posts = page.rows.iter().map(PostOut::from).collect();
    let bytes = written(&Posts { posts, next_cursor });
    Body {
        tag: tag_of_list(&bytes),
        bytes: bytes.into(),
        link: query.link(next_cursor),
    }
}

/// A public body, or 304 if the client has it already.
fn public(app: &App, headers: &HeaderMap, body: Body) -> Response {
    let mut response = shown(headers, body, app.public_cache_control.clone());
    let vary = HeaderValue::from_static("Authorization, Accept-Encoding");
    response.headers_mut().insert(VARY, vary);
    response
}

/// Published posts, newest first.
#[utoipa::path(get, path = "/api/v2/posts", tag = "posts",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("user_id" = Option<i64>, Query, description = "Only those of this user"),
        ("category" = Option<String>, Query, description = "Only those filed under this"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Posts,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_posts(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let page = PageQuery::read(PATH, &query, &["user_id", "category"])?;
    let user_id = filter(
        &query,
        "user_id",
        |text| text.parse().ok(),
        "must be an integer",
    )?;
    let category = query.first("category").map(str::to_owned);
    let filter = PostFilter {
        user_id: user_id.map(UserId),
        category,
    };
    let body = match &page.cursor {
        Some(before) => page_body(&page, &newest(&app, &filter, before, &page).await?),
        None => {
            let write = |rows: &Page<Post>| page_body(&page, rows);
            app.domain
                .show_newest_posts(page.name(), &filter, page.limit, write)
                .await?
        }
    };
    Ok(public(&app, &headers, body))
}

async fn newest(
    app: &App,
    filter: &PostFilter,
    before: &Cursor,
    page: &PageQuery,
) -> Result<Page<Post>> {
    Ok(app.domain.newest_posts(filter, before, page.limit).await?)
}

/// One post.
#[utoipa::path(get, path = "/api/v2/posts/{id}", tag = "posts",
    params(("id" = i64, Path), ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 304), (status = 404, body = Problem)))]
pub(super) async fn get_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    headers: HeaderMap,
) -> Result<Response> {
    let body = app.domain.show_post(id, Form::V2, post_body).await?;
    Ok(public(&app, &headers, body))
}

/// Publishes a post of the caller's.
#[utoipa::path(post, path = "/api/v2/posts", tag = "posts", request_body = PostIn,
    security(("bearer" = [])),
    responses((status = 201, body = PostOut,
            headers(("Location" = String, description = "Its path"),
                ("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn create_post(
    State(app): State<App>,
    Writer(actor): Writer,
    body: RawBody,
) -> Result<Response> {
    app.domain.may_write_posts(&actor)?;
    let new = new_post(body.exact_fields()?)?;
    let post = app.domain.create_post(&actor, &new).await?;
    Ok(created(
        &format!("{PATH}/{}", post.id),
        post.version,
        &PostOut::from(&post),
    ))
}

/// Changes the fields of a post that are named. For its author, editors and admins.
#[utoipa::path(patch, path = "/api/v2/posts/{id}", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((PostPatchIn = "application/json"), (PostPatchIn = "application/merge-patch+json"))),
     security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn patch_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    let before = app.domain.editable_post(&actor, id).await?;
    let patch = post_patch(body.patch_fields()?)?;
    let update = async {
        let version = if_match.demanded(before.version)?;
        Ok(app.domain.update_post(&actor, id, &patch, version).await?)
    };
    let post = or_current_tag(update.await, current(&app, id)).await?;
    Ok(resource(
        StatusCode::OK,
        post.version,
        &PostOut::from(&post),
    ))
}

/// The version of a post, and its tag.
async fn current(app: &App, id: PostId) -> Result<(i64, Bytes)> {
    let post = app.domain.post(id).await?;
    Ok((post.version, post_body(&post).tag))
}

/// Does what PATCH does, as the seed's PUT did, and never makes a post.
#[utoipa::path(put, path = "/api/v2/posts/{id}", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((PostPatchIn = "application/json"), (PostPatchIn = "application/merge-patch+json"))),
     security(("bearer" = [])),
    responses((status = 200, body = PostOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem),
        (status = 422, body = Problem)))]
pub(super) async fn put_post(
    app: State<App>,
    id: Id<PostId>,
    writer: Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    patch_post(app, id, writer, if_match, body).await
}

/// Moves a post to the trash. For its author, editors and admins.
#[utoipa::path(delete, path = "/api/v2/posts/{id}", tag = "posts", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 200, body = Message), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem)))]
pub(super) async fn delete_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    let before = app.domain.deletable_post(&actor, id).await?;
    let delete = async {
        let version = if_match.demanded(before.version)?;
        Ok(app.domain.delete_post(&actor, id, version).await?)
    };
    or_current_tag(delete.await, current(&app, id)).await?;
    let body = written(&Message {
        message: "Post deleted",
    });
    Ok(json::answer(StatusCode::OK, json::JSON, body.into()))
}
