//! Lists of the caller's todos.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::Actor;
use model::{Cursor, Invalid, Timestamp, TodoFilter, TodoSort};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::page::{Listing, Order, PageQuery};
use super::parameters::{filter, invalid};
use super::todos::{NAMES, PATH};
use super::wire::{PRIVATE, TodoOut, shown};
use crate::app::App;
use crate::auth::Caller;
use crate::error::Result;
use crate::query::Query;

const BY_PRIORITY: &str = "/api/v2/todos/priority";
/// How many words a search may have.
const WORDS: usize = 10;

const FILTERS: &[&str] = &["completed", "priority", "due_before", "due_after", "q"];
const NEWEST: Order<TodoSort> = Order {
    name: "-created_at",
    by: TodoSort::Newest,
    first: Cursor::NEWEST,
};
const PRIORITY: Order<TodoSort> = Order {
    name: "-priority",
    by: TodoSort::Priority,
    first: Cursor::HIGHEST,
};
const DUE: Order<TodoSort> = Order {
    name: "due_at",
    by: TodoSort::Due,
    first: Cursor::LOWEST,
};
const TITLE: Order<TodoSort> = Order {
    name: "title",
    by: TodoSort::Title,
    first: Cursor::FIRST_TEXT,
};

pub(super) static LIST: Listing<TodoSort> = Listing {
    filters: FILTERS,
    repeatable: &[],
    orders: &[NEWEST, PRIORITY, DUE, TITLE],
    names: &NAMES,
    counted: true,
};
static PRIORITY_LIST: Listing<TodoSort> = Listing {
    filters: FILTERS,
    repeatable: &[],
    orders: &[PRIORITY],
    names: &NAMES,
    counted: true,
};

/// A page of todos.
#[derive(Serialize, ToSchema)]
pub(super) struct Todos<'a> {
    todos: Vec<TodoOut<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
    /// How many there are on all pages; only with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
}

fn todo_filter(query: &Query) -> Result<TodoFilter> {
    let boolean = |text: &str| text.parse().ok();
    let integer = |text: &str| text.parse().ok();
    let time = |name| {
        let parse = |text: &str| Timestamp::parse_rfc3339(text).ok();
        filter(query, name, parse, "must be an RFC 3339 time")
    };
    let words = query.first("q").map(domain::todo_words).unwrap_or_default();
    if words.len() > WORDS {
        let must = format!("must have at most {WORDS} words");
        return Err(invalid("q", Invalid::new(must)));
    }
    Ok(TodoFilter {
        completed: filter(query, "completed", boolean, "must be true or false")?,
        priority: filter(query, "priority", integer, "must be an integer")?,
        due_before: time("due_before")?,
        due_after: time("due_after")?,
        words,
    })
}

async fn page(
    app: &App,
    actor: &Actor,
    (headers, query): (&HeaderMap, &Query),
    page: PageQuery<TodoSort>,
) -> Result<Response> {
    let wanted = todo_filter(query)?;
    let first = page.begin();
    let rows = app
        .domain
        .todos(actor, (&wanted, page.order.by), &first, page.limit);
    let rows = rows.await?;
    let next_cursor = page.next_cursor(&rows);
    let todos = Todos {
        todos: rows.rows.iter().map(TodoOut::from).collect(),
        next_cursor: next_cursor.as_deref(),
        total: page.count(app.domain.count_todos(actor, &wanted)).await?,
    };
    let body = page.body(&todos, next_cursor.as_deref());
    Ok(shown(headers, body, PRIVATE))
}

/// The caller's todos, newest first unless `sort` says otherwise.
#[utoipa::path(get, path = "/api/v2/todos", tag = "todos", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("sort" = Option<String>, Query, description = "`-created_at` (if left out), `-priority`, `due_at` (what has no date last) or `title`"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title`"),
        ("completed" = Option<bool>, Query, description = "Only the done, or the open"),
        ("priority" = Option<i64>, Query, description = "Only those of this priority"),
        ("due_before" = Option<String>, Query, description = "Only those that are due before this time (RFC 3339)"),
        ("due_after" = Option<String>, Query, description = "Only those that are due after this time (RFC 3339)"),
        ("q" = Option<String>, Query, description = "Only those with each of these words, of which parts will do, in the title or the description; case and accents do not count"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Todos,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 401, body = Problem)))]
pub(super) async fn list_todos(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let asked = PageQuery::read(PATH, &query, &LIST)?;
    page(&app, &actor, (&headers, &query), asked).await
}

/// The caller's todos, the most urgent first.
#[utoipa::path(get, path = "/api/v2/todos/priority", tag = "todos", security(("bearer" = [])),
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "true: count them all"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `id,title`"),
        ("completed" = Option<bool>, Query, description = "Only the done, or the open"),
        ("priority" = Option<i64>, Query, description = "Only those of this priority"),
        ("due_before" = Option<String>, Query, description = "Only those that are due before this time (RFC 3339)"),
        ("due_after" = Option<String>, Query, description = "Only those that are due after this time (RFC 3339)"),
        ("q" = Option<String>, Query, description = "Only those with each of these words"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = Todos,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem),
        (status = 401, body = Problem)))]
pub(super) async fn list_todos_by_priority(
    State(app): State<App>,
    Caller(actor): Caller,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let asked = PageQuery::read(BY_PRIORITY, &query, &PRIORITY_LIST)?;
    page(&app, &actor, (&headers, &query), asked).await
}
