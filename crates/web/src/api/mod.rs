//! The versions of the API, side by side: they translate, and share nothing but what is below.

mod batches;
mod describe;
mod documents;
mod example_bodies;
mod example_refusals;
mod parameters;
mod id;
pub(crate) mod v1;
pub(crate) mod v2;

pub(crate) use documents::{documents, paths};
pub use documents::{openapi_v1, openapi_v2};
pub(crate) use id::{Id, IdAndNumber, Slug};
