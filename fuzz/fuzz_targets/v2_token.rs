//! A v2 token as it comes.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| domain::fuzzing::v2_token(text));
