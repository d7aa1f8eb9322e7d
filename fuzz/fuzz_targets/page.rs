//! The query of a list.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| web::fuzzing::page(text));
