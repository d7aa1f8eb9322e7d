//! Finding posts by their words.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::{Body, Found, SearchQuery, SearchSort};
use model::{Cursor, Invalid, Page, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::Problem;
use super::page::{Listing, Order, PageQuery};
use super::parameters::invalid;
use super::post_wire::PostOut;
use super::posts::public;
use super::shape::Names;
use crate::app::App;
use crate::error::Result;
use crate::query::Query;

const PATH: &str = "/api/v2/search";
/// The most bytes of a query.
const MOST: usize = 500;

static NAMES: LazyLock<Names> =
    LazyLock::new(|| Names::of::<SearchResult<'_>>(&[]).without("post.html"));

static LIST: Listing<SearchSort> = Listing {
    filters: &["q"],
    repeatable: &[],
    orders: &[
        Order {
            name: "relevance",
            by: SearchSort::Relevance,
            first: Cursor::HIGHEST,
        },
        Order {
            name: "-published_at",
            by: SearchSort::Newest,
            first: Cursor::HIGHEST,
        },
    ],
    names: &NAMES,
    counted: false,
};

/// A post that was found.
#[derive(Serialize, ToSchema)]
struct SearchResult<'a> {
    post: PostOut<'a>,
    /// Some words around what was found: HTML in which `<mark>` is the only markup.
    #[schema(example = "Hello from <mark>Rust</mark>")]
    snippet: &'a str,
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchResults<'a> {
    results: Vec<SearchResult<'a>>,
    /// Leads to the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<&'a str>,
}

/// Reads the words that are looked for.
pub(super) fn words(query: &Query) -> Result<Option<SearchQuery>> {
    let Some(text) = query.first("q") else {
        return Ok(None);
    };
    if text.trim().is_empty() || text.len() > MOST {
        let must = format!("must have 1 to {MOST} bytes and not only blanks");
        return Err(invalid("q", Invalid::new(must)));
    }
    Ok(Some(SearchQuery::parse(text)))
}

/// Finds published posts by the words of their titles, texts and tags. Case and accents make no
/// difference. All words must be there; `"words in quotes"` must follow each other, `-word` must not
/// be there, `word*` may go on. By relevance, the newest 1,000 hits are ranked: a word in the title
/// counts 4, among the tags 2, and what is equal goes by time.
#[utoipa::path(get, path = "/api/v2/search", tag = "posts",
    params(("q" = String, Query, min_length = 1, max_length = 500, description = "What to look for", example = "rust -java"),
        ("sort" = Option<String>, Query, description = "`relevance` or `-published_at`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "20 if left out"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
        ("fields" = Option<String>, Query, description = "Only these fields of each, such as `post.id,post.title,snippet`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "Tags: 304 if one names what there is")),
    responses((status = 200, body = SearchResults,
            headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
                ("ETag" = String, description = "`\"<hash>\"`"))), (status = 304), (status = 400, body = Problem)))]
pub(super) async fn search(
    State(app): State<App>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    let page = PageQuery::read(PATH, &query, &LIST)?;
    let missing = || invalid("q", Invalid::new("is missing"));
    let words = words(&query)?.ok_or_else(missing)?;
    let begin = page.begin();
    let found = app
        .domain
        .search(&words, page.order.by, &begin, page.limit)
        .await?;
    let body = page_body(&page, &found, app.domain.clock().now());
    Ok(public(&app, &headers, body))
}

/// The body of a page of what was found, as it is at `now`.
fn page_body(query: &PageQuery<SearchSort>, found: &Page<Found>, now: Timestamp) -> Body {
    let next_cursor = query.next_cursor(found);
    let results = found.rows.iter().map(|found| SearchResult {
        post: PostOut::of(&found.post, now),
        snippet: &found.snippet,
    });
    let list = SearchResults {
        results: results.collect(),
        next_cursor: next_cursor.as_deref(),
    };
    query.body(&list, next_cursor.as_deref())
}
