//! What the tests stand on.

pub(crate) mod app;
pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod client;
pub(crate) mod documented;
pub(crate) mod mail;
pub(crate) mod process;
pub(crate) mod signing_key;
pub(crate) mod socket;
pub(crate) mod writers;

pub(crate) use app::{Pair, SECRET_KEY, TestApp, second_node};
pub(crate) use client::{Answer, Client, within_a_second};
pub(crate) use mail::{Mail, SILENCE, SmtpServer, app_with_mail, app_with_smtp};
pub(crate) use process::{Ended, Program, Running};
