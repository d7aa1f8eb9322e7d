//! Ids in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use model::{PostId, TodoId, UserId};

use crate::error::{Error, Result};

/// A number from a path: digits only, leading zeros allowed. One beyond 64 bits is nobody's id.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: From64> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Error::NoRoute)?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::NoRoute);
        }
        Ok(Self(T::from64(text.parse().unwrap_or(i64::MAX))))
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
from64!(UserId, PostId, TodoId);
