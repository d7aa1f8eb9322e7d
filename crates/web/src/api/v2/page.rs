//! Queries of lists: a limit, a cursor, and filters that are all known.

use axum::http::HeaderValue;
use axum::http::header::LINK;
use axum::response::Response;
use bytes::Bytes;
use model::{Cursor, FieldError, Invalid, ListName, Page, PageLimit};

use crate::error::{Error, Result};
use crate::query::Query;

/// The one filter that may be named several times; of the others the first counts.
const REPEATED: &str = "tag";

/// Which page of which list was asked for.
pub(super) struct PageQuery {
    pub(super) limit: PageLimit,
    /// Where it begins; the first page has no cursor.
    pub(super) cursor: Option<Cursor>,
    /// The path and the filters, as they stand in a link.
    selection: String,
}

impl PageQuery {
    /// Reads what every list has in common; `filters` are what this one knows besides.
    pub(super) fn read(path: &str, query: &Query, filters: &[&str]) -> Result<Self> {
        let known = [&["limit", "cursor"], filters].concat();
        if let Some(name) = query.unknown(&known) {
            return Err(invalid(name, Invalid::new("is not a filter of this list")));
        }
        let limit = query
            .first("limit")
            .map_or(Ok(PageLimit::default()), PageLimit::parse);
        let limit = limit.map_err(|error| invalid("limit", error))?;
        let mut selection = format!("{path}?");
        for name in filters {
            let most = if *name == REPEATED { usize::MAX } else { 1 };
            for value in query.all(name).take(most) {
                let pair = form_urlencoded::Serializer::new(String::new())
                    .append_pair(name, value)
                    .finish();
                selection.push_str(&pair);
                selection.push('&');
            }
        }
        let cursor = query
            .first("cursor")
            .map(|text| Cursor::decode(text, list(&selection)));
        let cursor = cursor
            .transpose()
            .map_err(|error| invalid("cursor", error))?;
        Ok(Self {
            limit,
            cursor,
            selection,
        })
    }

    /// Where the page begins, in a list that begins at `first`.
    pub(super) fn begin(&self, first: Cursor) -> Cursor {
        self.cursor.clone().unwrap_or(first)
    }

    /// The text of the cursor to the next page.
    pub(super) fn next_cursor<T>(&self, page: &Page<T>) -> Option<String> {
        let next = page.next.as_ref();
        next.map(|cursor| cursor.encode(list(&self.selection)))
    }

    /// The value of a `Link` header that leads to the next page (RFC 8288).
    pub(super) fn link(&self, next_cursor: Option<&str>) -> Bytes {
        next_cursor.map_or_else(Bytes::new, |cursor| {
            let (selection, limit) = (&self.selection, self.limit.get());
            format!("<{selection}limit={limit}&cursor={cursor}>; rel=\"next\"").into()
        })
    }

    /// Everything that the body of the first page depends on.
    pub(super) fn name(&self) -> String {
        format!("{}limit={}", self.selection, self.limit.get())
    }
}

/// Reads a filter as `parse` understands it.
pub(super) fn filter<T>(
    query: &Query,
    name: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
    must: &str,
) -> Result<Option<T>> {
    let Some(text) = query.first(name) else {
        return Ok(None);
    };
    parse(text)
        .map(Some)
        .ok_or_else(|| invalid(name, Invalid::new(must)))
}

/// A page with the link to the next one.
pub(super) fn linked(mut response: Response, page: &PageQuery, next: Option<&str>) -> Response {
    let link = page.link(next);
    if !link.is_empty() {
        let link = HeaderValue::from_maybe_shared(link);
        response.headers_mut().extend(link.map(|link| (LINK, link)));
    }
    response
}

fn list(selection: &str) -> ListName {
    ListName::of(selection)
}

pub(super) fn invalid(name: &str, Invalid { code, message }: Invalid) -> Error {
    let code = if code == "invalid" {
        "invalid_query"
    } else {
        code
    };
    Error::InvalidQuery(FieldError {
        field: name.to_owned(),
        code,
        message,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILTERS: [&str; 2] = ["user_id", "category"];

    fn read(uri: &str) -> Result<PageQuery> {
        let (path, query) = uri.split_once('?').unwrap();
        PageQuery::read(path, &Query::parse(query), &FILTERS)
    }

    fn page(cursor: Cursor) -> Page<()> {
        Page {
            rows: Vec::new(),
            next: Some(cursor),
        }
    }

    #[test]
    fn filters_are_named_in_one_order() {
        let one = read("/posts?limit=5&category=a&user_id=1&category=b").unwrap();
        let other = read("/posts?user_id=1&limit=05&category=a").unwrap();

        assert_eq!(one.name(), other.name());
        assert_eq!(one.name(), "/posts?user_id=1&category=a&limit=5");
    }

    proptest! {
        #[test]
        fn a_link_leads_to_the_place_it_was_made_for(
            key: i64,
            id: i64,
            limit in 1u32..=100,
            category in proptest::option::of(".{0,20}"),
        ) {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            pairs.append_pair("limit", &limit.to_string());
            if let Some(category) = &category {
                pairs.append_pair("category", category);
            }
            let first = read(&format!("/posts?{}", pairs.finish())).unwrap();

            let cursor = first.next_cursor(&page(Cursor::of(key, id)));
            let link = String::from_utf8(first.link(cursor.as_deref()).into()).unwrap();
            let uri = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
            let next = read(uri.unwrap()).unwrap();

            prop_assert_eq!(&next.cursor, &Some(Cursor::of(key, id)));
            prop_assert_eq!(next.name(), first.name());
        }

        #[test]
        fn no_query_is_a_panic(text in "(limit|cursor|category|x)=[!$-;=?-~]{0,40}") {
            drop(read(&format!("/posts?{text}")));
        }
    }
}
