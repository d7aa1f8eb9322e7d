//! Mail, and what is done by the links in it.

mod change;
mod login;
mod pages;
mod races;
mod reset;
mod secrets;
mod smtp;
mod verify;
