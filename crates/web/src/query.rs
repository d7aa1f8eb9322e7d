//! Queries of URLs: names with values, the first of each counts.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The names and values of a query, in order.
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    /// Reads what stands behind the `?`.
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The first value of `name`.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of `name`, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.0.iter().filter(move |(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first name that is none of `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.0
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| !known.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_of_a_name_counts() {
        let query = Query::parse("a=1&b=2&a=3&c");

        assert_eq!(query.first("a"), Some("1"));
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(query.first("c"), Some(""));
        assert_eq!(query.first("d"), None);
        assert_eq!(query.unknown(&["a", "c"]), Some("b"));
        assert_eq!(query.unknown(&["a", "b", "c"]), None);
    }

    proptest! {
        #[test]
        fn names_and_values_come_back(
            pairs in prop::collection::vec((".{0,9}", ".{0,9}"), 0..5),
        ) {
            let text = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&pairs)
                .finish();

            prop_assert_eq!(Query::parse(&text).0, pairs);
        }

        #[test]
        fn no_query_is_a_panic(text in "[!$-;=?-~]{0,40}") {
            drop(Query::parse(&text));
        }
    }
}
