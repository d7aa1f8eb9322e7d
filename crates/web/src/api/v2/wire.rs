//! Shapes of v2.

use axum::http::header::{CACHE_CONTROL, ETAG, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::Body;
use model::{Timestamp, Todo};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::conditional::{has_already, tag_of, tag_of_list};
use crate::json;

/// What caches may do with what depends on the caller.
pub(super) const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// JSON as a whole body. Of what a page of posts costs, a fifth was looking for what must be escaped
/// byte by byte: this looks at sixteen at once.
pub(super) fn written(value: &impl Serialize) -> Vec<u8> {
    // Our own types have string keys, and a vector takes every byte.
    sonic_rs::to_vec(value).unwrap_or_default()
}

/// The body of a resource.
pub(super) fn body_of(version: i64, value: &impl Serialize) -> Body {
    tagged(version, written(value))
}

/// The body of a resource, which is written already.
pub(super) fn tagged(version: i64, bytes: Vec<u8>) -> Body {
    Body {
        tag: tag_of(version, &bytes),
        bytes: bytes.into(),
        link: Bytes::new(),
    }
}

/// The body of a list that is whole, or of a page, whose link is not there yet.
pub(super) fn list_body(value: &impl Serialize) -> Body {
    let bytes = written(value);
    Body {
        tag: tag_of_list(&bytes),
        bytes: bytes.into(),
        link: Bytes::new(),
    }
}

/// What was asked for, or 304 if the client has it already.
pub(super) fn shown(headers: &HeaderMap, body: Body, cache_control: HeaderValue) -> Response {
    let mut response = if has_already(headers, &body.tag) {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        json::answer(StatusCode::OK, json::JSON, body.bytes)
    };
    insert_tag(&mut response, body.tag);
    if !body.link.is_empty() {
        let link = HeaderValue::from_maybe_shared(body.link);
        response.headers_mut().extend(link.map(|link| (LINK, link)));
    }
    response.headers_mut().insert(CACHE_CONTROL, cache_control);
    response
}

/// A resource that the caller has just changed, with its entity tag.
pub(super) fn resource(status: StatusCode, version: i64, value: &impl Serialize) -> Response {
    let body = body_of(version, value);
    let mut response = json::answer(status, json::JSON, body.bytes);
    insert_tag(&mut response, body.tag);
    response.headers_mut().insert(CACHE_CONTROL, PRIVATE);
    response
}

/// A resource that was made, at `path`.
pub(super) fn created(path: &str, version: i64, value: &impl Serialize) -> Response {
    let mut response = resource(StatusCode::CREATED, version, value);
    response
        .headers_mut()
        .extend(HeaderValue::from_str(path).map(|path| (LOCATION, path)));
    response
}

fn insert_tag(response: &mut Response, tag: Bytes) {
    let tag = HeaderValue::from_maybe_shared(tag);
    response.headers_mut().extend(tag.map(|tag| (ETAG, tag)));
}

/// Something is done, and nothing is left to show.
#[derive(Serialize, ToSchema)]
pub(super) struct Message {
    #[schema(example = "Post deleted")]
    pub(super) message: &'static str,
}

/// A todo, private to its owner.
#[derive(Serialize, ToSchema)]
#[schema(as = Todo)]
pub(super) struct TodoOut<'a> {
    id: i64,
    #[schema(example = "Learn Rust")]
    title: &'a str,
    #[schema(required)]
    description: Option<&'a str>,
    completed: bool,
    #[schema(minimum = 0, maximum = 9)]
    priority: i64,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    due_at: Option<V2Time>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    completed_at: Option<V2Time>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    created_at: V2Time,
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T19:00:00.123Z")]
    updated_at: V2Time,
    /// Whose it is.
    user_id: i64,
    /// How often it was saved, from 1 up.
    version: i64,
}

impl<'a> From<&'a Todo> for TodoOut<'a> {
    fn from(todo: &'a Todo) -> Self {
        Self {
            id: todo.id.0,
            title: &todo.title,
            description: todo.description.as_deref(),
            completed: todo.completed,
            priority: todo.priority,
            due_at: todo.due_at.map(V2Time),
            completed_at: todo.completed_at.map(V2Time),
            created_at: V2Time(todo.created_at),
            updated_at: V2Time(todo.updated_at),
            user_id: todo.user_id.0,
            version: todo.version,
        }
    }
}

/// A time as v2 shows it: RFC 3339, milliseconds, `Z`.
pub(super) struct V2Time(pub(super) Timestamp);

impl Serialize for V2Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(24);
        self.0.push_rfc3339(&mut text);
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn agrees(value: &impl Serialize) -> bool {
        written(value) == serde_json::to_vec(value).unwrap()
    }

    #[test]
    fn every_character_that_is_escaped_is_escaped_alike() {
        let all: String = ('\0'..='\u{ff}')
            .chain(['\u{2028}', '\u{fffd}', '🦀'])
            .collect();
        assert!(agrees(&all));
        // Wherever it stands among those that are looked at at once.
        for place in 0..70 {
            for odd in ['"', '\\', '\n', '\u{1f}', '\u{7f}', 'é'] {
                let mut text = "x".repeat(place);
                text.push(odd);
                text.push_str(&"y".repeat(70 - place));
                assert!(agrees(&text), "{odd:?} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn bodies_are_what_others_write(
            texts in prop::collection::vec(any::<String>(), 0..5),
            numbers in prop::collection::vec(any::<i64>(), 0..5),
            names in prop::collection::btree_map(any::<String>(), any::<Option<bool>>(), 0..5),
        ) {
            let names: BTreeMap<String, Option<bool>> = names;
            prop_assert!(agrees(&(texts, numbers, names)));
        }
    }
}
