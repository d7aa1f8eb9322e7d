//! Users: profiles for everybody, accounts for admins.

use std::sync::LazyLock;

use axum::extract::{Path, State};
use axum::http::header::VARY;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::{Actor, Body};
use model::{AccountPatch, Invalid, Role, User, UserId, Username};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;
use super::account::{AccountOut, UserOut, no_content, unstored};
use super::page::{Listing, OLDEST, PageQuery};
use super::shape::{Names, Shape};
use super::wire::{shown, written};
use crate::api::Id;
use crate::app::App;
use crate::auth::{AccountWriter, Anybody, SessionWriter};
use crate::body::AccountBody;
use crate::client::Sender;
use crate::conditional::tag_of_list;
use crate::error::Result;
use crate::fields::{boolean, text};
use crate::query::Query;

const PATH: &str = "/api/v2/users";

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::of::<Seen<'_>>(&[]));
static LIST: Listing = Listing::plain(&OLDEST, &NAMES).counted();

/// What to change of an account: a merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a body that is read field by field")]
pub(super) struct AccountPatchIn {
    /// reader, author, editor or admin.
    #[schema(nullable = false, example = "editor")]
    role: Option<String>,
    /// true ends every session; tokens of before stay dead when it is lifted.
    #[schema(nullable = false)]
    suspended: Option<bool>,
}

/// A user as the caller may see it: the owner and admins see the account, everybody the profile.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Seen<'a> {
    Account(AccountOut<'a>),
    Profile(UserOut<'a>),
}

impl<'a> Seen<'a> {
    fn by(caller: Option<&Actor>, app: &App, user: &'a User) -> Self {
        if app.domain.may_see_account(caller, user) {
            Self::Account(user.into())
        } else {
            Self::Profile(user.into())
        }
    }
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub(super) struct Users<'a> {
    users: Vec<Seen<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// How many there are on all pages; only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
}

/// All users, oldest first.
#[utoipa::path(get, path = "/api/v2/users", tag = "users", security((), ("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,username`")),
    responses((status = 200, body = Users,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"))),
        (status = 304), (status = 400, body = Problem)))]
pub(super) async fn list_users(
    State(app): State<App>,
    Anybody(caller): Anybody,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let wanted = PageQuery::read(PATH, &query, &LIST)?;
    let page = app.domain.users_page(&wanted.begin(), wanted.limit).await?;
    let next = wanted.next_cursor(&page);
    let see = |user| Seen::by(caller.as_ref(), &app, user);
    let users = Users {
        users: page.rows.iter().map(see).collect(),
        next_cursor: next.as_deref(),
        total: wanted.count(app.domain.count_users()).await?,
    };
    Ok(public(&app, &headers, wanted.body(&users, next.as_deref())))
}

/// One user.
#[utoipa::path(get, path = "/api/v2/users/{id}", tag = "users", security((), ("bearer" = [])),
    params(("id" = i64, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,username`")),
    responses((status = 200, body = Seen), (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    Anybody(caller): Anybody,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let user = app.domain.user(id).await?;
    let seen = Seen::by(caller.as_ref(), &app, &user);
    let shape = Shape::alone(&query, &NAMES)?;
    Ok(public(&app, &headers, shape.of_resource(body(&seen))))
}

/// One user, by name in any case.
#[utoipa::path(get, path = "/api/v2/users/by-name/{username}", tag = "users",
    security((), ("bearer" = [])), params(("username" = String, Path), ("fields" = Option<String>, Query, description = "Only these fields, such as `id,username`")),
    responses((status = 200, body = Seen), (status = 304), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get_user_by_name(
    State(app): State<App>,
    Path(name): Path<String>,
    Anybody(caller): Anybody,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    // What cannot be a name is nobody's.
    let name = Username::parse(&name).map_err(|_| domain::Error::NotFound(domain::Noun::User))?;
    let user = app.domain.user_by_name(&name).await?;
    let seen = Seen::by(caller.as_ref(), &app, &user);
    let shape = Shape::alone(&query, &NAMES)?;
    Ok(public(&app, &headers, shape.of_resource(body(&seen))))
}

/// Changes an account's role, or suspends it. For admins; acts at once, on tokens already given
/// out too.
#[utoipa::path(patch, path = "/api/v2/users/{id}", tag = "users", params(("id" = i64, Path)),
    security(("bearer" = [])),
    request_body(content((AccountPatchIn = "application/json"), (AccountPatchIn = "application/merge-patch+json"))),
    responses((status = 200, body = AccountOut), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn patch_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    AccountWriter(caller): AccountWriter,
    Sender(client): Sender,
    body: AccountBody,
) -> Result<Response> {
    app.domain.manageable_user(&caller.actor, id).await?;
    let mut fields = body.patch_fields()?;
    let patch = AccountPatch {
        role: fields.take("role", text(role)),
        suspended: fields.take("suspended", boolean),
    };
    fields.finish_strictly()?;
    let updated = app.domain.update_account(&caller, id, patch, &client);
    let user = updated.await?;
    Ok(unstored(StatusCode::OK, &AccountOut::from(&user)))
}

/// Deletes an account. For admins.
#[utoipa::path(delete, path = "/api/v2/users/{id}", tag = "users", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn delete_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
) -> Result<Response> {
    app.domain.manageable_user(&caller.actor, id).await?;
    app.domain.delete_user(&caller.actor, id, &client).await?;
    Ok(no_content())
}

/// Ends every session of somebody, and revokes every token of theirs. For admins.
#[utoipa::path(post, path = "/api/v2/users/{id}/logout", tag = "users", params(("id" = i64, Path)),
    security(("bearer" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn log_out_user(
    State(app): State<App>,
    Id(id): Id<UserId>,
    SessionWriter(caller): SessionWriter,
    Sender(client): Sender,
) -> Result<Response> {
    app.domain.manageable_user(&caller.actor, id).await?;
    let ended = app.domain.end_all_sessions_of(&caller.actor, id, &client);
    ended.await?;
    Ok(no_content())
}

fn role(text: &str) -> std::result::Result<Role, Invalid> {
    let must = "must be reader, author, editor or admin";
    text.parse().map_err(|_: String| Invalid::new(must))
}

fn body(user: &Seen<'_>) -> Body {
    let bytes = written(user);
    Body {
        tag: tag_of_list(&bytes),
        bytes: bytes.into(),
        link: Bytes::new(),
    }
}

fn public(app: &App, headers: &HeaderMap, body: Body) -> Response {
    let mut response = shown(headers, body, app.public_cache_control.clone());
    let vary = HeaderValue::from_static("Authorization, Accept-Encoding");
    response.headers_mut().insert(VARY, vary);
    response
}
