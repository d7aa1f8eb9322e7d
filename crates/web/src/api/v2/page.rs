//! Queries of lists: a limit, a cursor, and filters that are all known.

use bytes::Bytes;
use model::{Cursor, FieldError, Invalid, ListName, Page, PageLimit};

use crate::error::{Error, Result};
use crate::query::Query;

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
            if let Some(value) = query.first(name) {
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

    /// The text of the cursor to the next page.
    pub(super) fn next_cursor<T>(&self, page: &Page<T>) -> Option<String> {
        page.next.map(|cursor| cursor.encode(list(&self.selection)))
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

fn list(selection: &str) -> ListName {
    ListName::of(selection)
}

fn invalid(name: &str, Invalid { code, message }: Invalid) -> Error {
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
