//! Starting: what is read, what is refused and how it is said.

mod databases;
mod keys;
mod refusals;
mod settings;
