//! A refresh token.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| domain::fuzzing::refresh_token(text));
