//! The token of a log-in that waits for a code.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| domain::fuzzing::mfa_token(text));
