//! Comments: what readers say below posts, in threads two deep.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::{Actor, Body};
use model::{Comment, CommentContent, CommentDraft, CommentId, Page, PostId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::account::no_content;
use super::once::Once;
use super::page::{Listing, OLDEST, PageQuery};
use super::post_wire::AuthorOut;
use super::posts::public;
use super::shape::{Names, Shape};
use super::wire::{V2Time, body_of, created, resource};
use crate::api::Id;
use crate::app::App;
use crate::auth::{MaybeCaller, Writer};
use crate::body::RawBody;
use crate::conditional::{IfMatch, or_current_tag};
use crate::error::{Error, Result};
use crate::fields::{Fields, integer, nullable, text};
use crate::query::Query;

pub(super) static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<CommentOut<'_>>(&[]));
static LIST: Listing = Listing::plain(&OLDEST, &NAMES).counted();

/// A comment to write.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct CommentIn {
    /// Markdown with emphasis, code, links, lists and quotes; 1 to 10,000 characters, not only blanks.
    #[schema(example = "Well *said*.")]
    content: String,
    /// The comment that this one answers: an approved one below the same post, which answers no other.
    parent_id: Option<i64>,
}

/// What to change of a comment: a merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct CommentPatchIn {
    /// 1 to 10,000 characters, not only blanks.
    #[schema(nullable = false, example = "Well *said*, all in all.")]
    content: Option<String>,
}

/// A comment.
#[derive(Serialize, ToSchema)]
#[schema(as = Comment)]
pub(super) struct CommentOut<'a> {
    id: i64,
    /// The post that it stands below.
    post_id: i64,
    /// Who wrote it; null once that account is deleted.
    #[schema(required)]
    user_id: Option<i64>,
    #[schema(required)]
    author: Option<AuthorOut<'a>>,
    /// The comment that it answers.
    #[schema(required)]
    parent_id: Option<i64>,
    /// Markdown source, kept byte for byte.
    #[schema(example = "Well *said*.")]
    content: &'a str,
    /// Safe to show as it is.
    #[schema(example = "<p>Well <em>said</em>.</p>\n")]
    html: &'a str,
    /// approved, pending, spam or rejected: what is not approved is seen by its author and by
    /// whoever may moderate it.
    #[schema(example = "approved")]
    status: &'static str,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    /// When its words were changed last.
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    updated_at: V2Time,
    /// How often it was saved or moderated, from 1 up.
    version: i64,
}

impl<'a> From<&'a Comment> for CommentOut<'a> {
    fn from(comment: &'a Comment) -> Self {
        Self {
            id: comment.id.0,
            post_id: comment.post_id.0,
            user_id: comment.author.as_ref().map(|author| author.id.0),
            author: comment.author.as_ref().map(AuthorOut::from),
            parent_id: comment.parent_id.map(|parent| parent.0),
            content: &comment.content,
            html: &comment.html,
            status: comment.status.as_str(),
            created_at: V2Time(comment.created_at),
            updated_at: V2Time(comment.updated_at),
            version: comment.version,
        }
    }
}

/// A page of comments.
#[derive(Serialize, ToSchema)]
pub(super) struct Comments<'a> {
    comments: Vec<CommentOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// How many there are on all pages; only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
}

fn comment_draft(mut fields: Fields) -> Result<CommentDraft> {
    let content = fields.require("content", text(CommentContent::parse));
    let parent = fields.take("parent_id", nullable(integer));
    fields.finish_strictly()?;
    Ok(CommentDraft {
        content: content.ok_or(Error::NotAnObject)?,
        parent_id: parent.flatten().map(CommentId),
    })
}

pub(super) fn comment_patch(mut fields: Fields) -> Result<Option<CommentContent>> {
    let content = fields.take("content", text(CommentContent::parse));
    fields.finish_strictly()?;
    Ok(content)
}

/// The body of a page of comments.
pub(super) fn page_body(query: &PageQuery, page: &Page<Comment>, total: Option<i64>) -> Body {
    let next_cursor = query.next_cursor(page);
    let list = Comments {
        comments: page.rows.iter().map(CommentOut::from).collect(),
        next_cursor: next_cursor.as_deref(),
        total,
    };
    query.body(&list, next_cursor.as_deref())
}

fn comment_body(comment: &Comment) -> Body {
    body_of(comment.version, &CommentOut::from(comment))
}

/// The version of a comment, and its tag.
pub(super) async fn current(app: &App, actor: &Actor, id: CommentId) -> Result<(i64, Bytes)> {
    let comment = app.domain.comment(Some(actor), id).await?;
    Ok((comment.version, comment_body(&comment).tag))
}

/// The comments below a post, oldest first.
///
/// Approved ones, and with a token one's own that wait for that. `parent_id` tells the threads.
#[utoipa::path(get, path = "/api/v2/posts/{id}/comments", tag = "comments",
    security((), ("bearer" = [])),
    params(("id" = i64, Path),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,html,author.username`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Comments,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn list_comments_of_post(
    State(app): State<App>,
    Id(id): Id<PostId>,
    MaybeCaller(actor): MaybeCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    app.domain.visible_post(actor.as_ref(), id).await?;
    let wanted = PageQuery::read(&format!("/api/v2/posts/{id}/comments"), &query, &LIST)?;
    let after = wanted.begin();
    let page = app
        .domain
        .comments_of_post(actor.as_ref(), id, &after, wanted.limit);
    let page = page.await?;
    let count = app.domain.count_comments_of_post(actor.as_ref(), id);
    let body = page_body(&wanted, &page, wanted.count(count).await?);
    Ok(public(&app, &headers, body))
}

/// One comment.
#[utoipa::path(get, path = "/api/v2/comments/{id}", tag = "comments", security((), ("bearer" = [])),
    params(("id" = i64, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,html`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    MaybeCaller(actor): MaybeCaller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let comment = app.domain.comment(actor.as_ref(), id).await?;
    let shape = Shape::alone(&query, &NAMES)?;
    let body = shape.of_resource(comment_body(&comment));
    Ok(public(&app, &headers, body))
}

/// Comments on a post, or answers a comment below it.
///
/// Whether everybody sees it at once is for `INKGATE_COMMENT_MODERATION` to say: `status` tells.
#[utoipa::path(post, path = "/api/v2/posts/{id}/comments", tag = "comments",
    params(("id" = i64, Path), ("Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255, description = "Any text of the client's choice: for 24 hours the same request with it is done once")),
    request_body = CommentIn, security(("bearer" = [])),
    responses((status = 201, body = CommentOut,
            headers(("Location" = String, description = "Its path"),
                ("ETag" = String, description = "`\"<version>-<hash>\"`"))), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub(super) async fn create_comment(
    State(app): State<App>,
    Id(post): Id<PostId>,
    Writer(actor): Writer,
    once: Once,
    body: RawBody,
) -> Result<Response> {
    app.domain.commentable_post(&actor, post).await?;
    let make = async |key| {
        let draft = comment_draft(body.exact_fields()?)?;
        let comment = app.domain.create_comment(&actor, post, draft, key);
        Ok(created_comment(&comment.await?))
    };
    let again = async |id: Option<i64>| {
        let id = CommentId(id.unwrap_or_default());
        let comment = app.domain.comment(Some(&actor), id).await?;
        Ok(created_comment(&comment))
    };
    once.of(&app, &actor, body.bytes())
        .answer(make, again)
        .await
}

fn created_comment(comment: &Comment) -> Response {
    let path = format!("/api/v2/comments/{}", comment.id);
    created(&path, comment.version, &CommentOut::from(comment))
}

/// Changes what a comment says. For its author, editors and admins.
///
/// Where all comments are moderated, an approved one waits again.
#[utoipa::path(patch, path = "/api/v2/comments/{id}", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    request_body(content((CommentPatchIn = "application/json"), (CommentPatchIn = "application/merge-patch+json"))),
    security(("bearer" = [])),
    responses((status = 200, body = CommentOut, headers(("ETag" = String, description = "`\"<version>-<hash>\"`"))),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn patch_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
    body: RawBody,
) -> Result<Response> {
    let before = app.domain.editable_comment(&actor, id).await?;
    let content = comment_patch(body.patch_fields()?)?;
    let update = async {
        let version = if_match.demanded(before.version);
        let updated = app.domain.update_comment(&actor, id, content, version);
        Ok(updated.await?)
    };
    let comment = or_current_tag(update.await, current(&app, &actor, id)).await?;
    let shown = CommentOut::from(&comment);
    Ok(resource(StatusCode::OK, comment.version, &shown))
}

/// Deletes a comment for good. For its author, the author of the post, editors and admins.
///
/// What answered it stays, and answers nothing from now on.
#[utoipa::path(delete, path = "/api/v2/comments/{id}", tag = "comments", params(("id" = i64, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Tags: the write happens only if one names the current version")),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 412, body = Problem)))]
pub(super) async fn delete_comment(
    State(app): State<App>,
    Id(id): Id<CommentId>,
    Writer(actor): Writer,
    if_match: IfMatch,
) -> Result<Response> {
    let before = app.domain.deletable_comment(&actor, id).await?;
    let delete = async {
        let version = if_match.demanded(before.version);
        Ok(app.domain.delete_comment(&actor, id, version).await?)
    };
    or_current_tag(delete.await, current(&app, &actor, id)).await?;
    Ok(no_content())
}
