//! A v1 token as it comes.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| domain::fuzzing::v1_token(text));
