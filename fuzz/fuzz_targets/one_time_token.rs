//! A token that was mailed.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| domain::fuzzing::one_time_token(text));
