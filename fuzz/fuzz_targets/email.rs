//! An e-mail address.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| model::fuzzing::email(text));
