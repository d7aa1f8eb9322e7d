//! Entity tags (RFC 9110, section 8.8.3) and the conditions that name them.
//!
//! A tag is `"<version>-<hash of the body>"`, of a list the hash alone. Reading compares all of
//! it; writing compares the version, so that what is counted beside a resource blocks nobody.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use domain::Terms;
use model::NewIdempotencyKey;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};

/// A version that nothing has: they go from 1 up.
pub(crate) const NEVER: i64 = 0;

/// The tag of a body of a resource, in quotes.
pub(crate) fn tag_of(version: i64, body: &[u8]) -> Bytes {
    format!("\"{version}-{:016x}\"", xxh3_64(body)).into()
}

/// The tag of a list's body, in quotes.
pub(crate) fn tag_of_list(body: &[u8]) -> Bytes {
    format!("\"{:016x}\"", xxh3_64(body)).into()
}

/// The tag of a part of the body that has the tag `whole`: of the same version.
pub(crate) fn tag_of_part(whole: &[u8], part: &[u8]) -> Bytes {
    match str::from_utf8(whole).ok().and_then(version) {
        Some(version) => tag_of(version, part),
        None => tag_of_list(part),
    }
}

/// Whether the client has the body with this tag already (`If-None-Match`, section 13.1.2).
pub(crate) fn has_already(headers: &HeaderMap, tag: &[u8]) -> bool {
    tags(headers, &header::IF_NONE_MATCH).any(|found| {
        let found = found.strip_prefix("W/").unwrap_or(found);
        found == "*" || found.as_bytes() == tag
    })
}

/// The versions that the client will let a write go through for (`If-Match`, section 13.1.1).
pub(crate) struct IfMatch(Option<Vec<i64>>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            return Ok(Self(None));
        }
        let mut versions = Vec::new();
        for tag in tags(&parts.headers, &header::IF_MATCH) {
            if tag == "*" {
                return Ok(Self(None));
            }
            // What is no tag of ours matches nothing; a weak one never matches here.
            versions.extend(version(tag));
        }
        Ok(Self(Some(versions)))
    }
}

impl IfMatch {
    /// The version that a write must find, given the current one: `None` if any will do, and one that
    /// there never was if the client named others. Whether it is met is told after all else that is
    /// wrong with the write.
    pub(crate) fn demanded(&self, current: i64) -> Option<i64> {
        let named = self.0.as_ref()?.contains(&current);
        Some(if named { current } else { NEVER })
    }

    /// On what terms a write with this key goes through, given the current version.
    pub(crate) fn terms(&self, current: i64, key: Option<NewIdempotencyKey>) -> Terms {
        let version = self.demanded(current);
        Terms { version, key }
    }
}

/// Tells a writer who came too late the version and the tag that `current` reads.
pub(crate) async fn or_current_tag<T>(
    written: Result<T>,
    current: impl Future<Output = Result<(i64, Bytes)>>,
) -> Result<T> {
    match written {
        Err(Error::Domain(domain::Error::Stale { .. })) => {
            let (current, tag) = current.await?;
            Err(Error::Stale { current, tag })
        }
        written => written,
    }
}

fn version(tag: &str) -> Option<i64> {
    let inner = tag.strip_prefix('"')?.strip_suffix('"')?;
    inner.split_once('-')?.0.parse().ok()
}

fn tags<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|line: &HeaderValue| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(line: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(line));
        has_already(&headers, b"\"3-00ff\"")
    }

    #[test]
    fn reading_compares_the_whole_tag() {
        for line in ["\"3-00ff\"", "\"x\", W/\"3-00ff\"", "*"] {
            assert!(has(line), "{line}");
        }
        for line in ["\"3-00fe\"", "3-00ff", "\"3\"", "", "\""] {
            assert!(!has(line), "{line}");
        }
    }

    #[test]
    fn writing_compares_the_version_alone() {
        assert_eq!(version("\"3-00ff\""), Some(3));
        for tag in ["W/\"3-00ff\"", "\"00ff\"", "\"\"", "3-00ff", "\"x-00ff\""] {
            assert_eq!(version(tag), None, "{tag}");
        }
    }

    fn if_match(lines: &[&[u8]]) -> IfMatch {
        let mut request = axum::http::Request::new(());
        for line in lines {
            let line = HeaderValue::from_bytes(line).unwrap();
            request.headers_mut().append(header::IF_MATCH, line);
        }
        let (mut parts, ()) = request.into_parts();
        let found = IfMatch::from_request_parts(&mut parts, &());
        futures_util::FutureExt::now_or_never(found)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn a_write_is_let_through_on_any_of_the_versions_named() {
        let lines: [&[u8]; 2] = [b"\"1-00\", W/\"4-00\"", b"\"3-00\""];
        let found = if_match(&lines);

        assert_eq!(found.demanded(3), Some(3));
        assert_eq!(found.demanded(4), Some(NEVER));
        assert_eq!(if_match(&[]).demanded(4), None);
        assert_eq!(if_match(&[b"\"1-00\", *"]).demanded(4), None);
        assert_eq!(if_match(&[b""]).demanded(4), Some(NEVER));
    }

    proptest! {
        #[test]
        fn a_tag_of_ours_is_known_again(version in 0i64.., body: Vec<u8>) {
            let tag = tag_of(version, &body);
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_bytes(&tag).unwrap());

            prop_assert!(has_already(&headers, &tag));
            prop_assert!(!has_already(&headers, &tag_of_list(&body)));
            prop_assert_eq!(if_match(&[&tag]).demanded(version), Some(version));
            prop_assert_eq!(if_match(&[&tag]).demanded(version ^ 1), Some(NEVER));
        }

        #[test]
        fn no_line_is_a_panic(line in prop::collection::vec(32u8..127, 0..40)) {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_bytes(&line).unwrap());

            has_already(&headers, b"\"3-00ff\"");
            let demanded = if_match(&[&line]).demanded(3);
            prop_assert!([None, Some(3), Some(NEVER)].contains(&demanded));
        }
    }
}
