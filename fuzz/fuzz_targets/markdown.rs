//! The source of a post or a comment, and the slug and the keys that are made of a title.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| render::fuzzing::markdown(text));
