//! The cursor of a list.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| model::fuzzing::cursor(text));
