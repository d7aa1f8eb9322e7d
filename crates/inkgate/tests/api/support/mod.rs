//! What the tests stand on.

pub(crate) mod app;
pub(crate) mod client;

pub(crate) use app::{SECRET_KEY, TestApp};
pub(crate) use client::{Answer, Client};
