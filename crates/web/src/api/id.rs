//! Ids and slugs in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use model::{CommentId, PostId, TodoId, UserId};

use crate::error::{Error, Result};

/// A number from a path: digits only, leading zeros allowed. One beyond 64 bits is nobody's id.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: From64> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Error::NoRoute)?;
        Ok(Self(T::from64(digits(&text)?)))
    }
}

/// An id and a number behind it, from a path.
pub(crate) struct IdAndNumber<T>(pub(crate) T, pub(crate) i64);

impl<S: Send + Sync, T: From64> FromRequestParts<S> for IdAndNumber<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((id, number)) = path.map_err(|_| Error::NoRoute)?;
        Ok(Self(T::from64(digits(&id)?), digits(&number)?))
    }
}

fn digits(text: &str) -> Result<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::NoRoute);
    }
    Ok(text.parse().unwrap_or(i64::MAX))
}

/// A text from a path.
pub(crate) struct Slug(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Slug {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text))
            .map_err(|_| Error::NoRoute)
    }
}

/// What an id of a path can be.
pub(crate) trait From64 {
    fn from64(number: i64) -> Self;
}

macro_rules! from64 {
    ($($id:ident),*) => {
        $(impl From64 for $id {
            fn from64(number: i64) -> Self {
                Self(number)
            }
        })*
    };
}
from64!(UserId, PostId, TodoId, CommentId);

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use futures_util::FutureExt;
    use proptest::prelude::*;
    use tower::ServiceExt;

    use super::*;

    /// The id that a path holds, and `None` where the path is no route.
    fn id(text: &str) -> Option<i64> {
        let show = async |id: Id<PostId>| id.0.0.to_string();
        let router: Router = Router::new().route("/{id}", get(show));
        let request = Request::get(format!("/{text}"))
            .body(Body::empty())
            .unwrap();
        let answer = router.oneshot(request).now_or_never().unwrap().unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 20);
        let body = body.now_or_never().unwrap().unwrap();
        str::from_utf8(&body).unwrap().parse().ok()
    }

    #[test]
    fn digits_alone_are_an_id() {
        assert_eq!(id("1"), Some(1));
        assert_eq!(id("007"), Some(7));
        // Encoded, but digits.
        assert_eq!(id("%31"), Some(1));
        for text in [
            "-1", "+1", "1.0", "1e3", "0x1", "a", "%20", "1%20", "%00", "%FF", "%D9%A1",
        ] {
            assert_eq!(id(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_beyond_64_bits_is_nobody_s() {
        for text in ["9223372036854775808", "99999999999999999999999999"] {
            assert_eq!(id(text), Some(i64::MAX), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back(number in 0i64..) {
            prop_assert_eq!(id(&number.to_string()), Some(number));
        }

        #[test]
        fn no_path_is_a_panic(text in "[!$-.0-;=@-_a-z|~]{1,20}") {
            id(&text);
        }
    }
}
