//! A merge patch for a post, a todo and a profile.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| web::fuzzing::merge_patch(body));
