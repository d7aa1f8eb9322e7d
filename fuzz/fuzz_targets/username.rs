//! A username.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| model::fuzzing::username(text));
