//! Parameters of queries: which there are, and what is told of those that mean nothing.

use model::{FieldError, Invalid};

use crate::error::{Error, Result};
use crate::query::Query;

/// Refuses a parameter that is none of `known`.
pub(super) fn refuse_unknown(query: &Query, known: &[&str]) -> Result<()> {
    match query.unknown(known) {
        Some(name) => Err(invalid(name, Invalid::new("is not a parameter of this"))),
        None => Ok(()),
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

/// A parameter that was wrong: 400.
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
