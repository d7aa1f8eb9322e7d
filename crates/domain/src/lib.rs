//! What Inkgate can do, and who may: use cases, rules, tokens. No HTTP, no SQL.

pub mod auth;
mod bodies;
mod domain;
mod error;
mod housekeeping;
mod import;
mod posts;
mod rate_limit;
mod settings;
mod todos;
mod users;

pub use auth::{Action, Actor, Client, ClientAddress, Login};
pub use bodies::{Body, Form};
pub use domain::Domain;
pub use error::{AuthFailure, Denial, Error, Noun, Result};
pub use import::{ImportEvent, import_flask};
pub use rate_limit::{Exceeded, Quota, Quotas};
pub use settings::{PasswordProfile, Registration, Settings};
