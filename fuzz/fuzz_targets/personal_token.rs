//! A personal access token.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| domain::fuzzing::personal_token(text));
