//! What is looked for, and the text that it is looked for in.
#![no_main]

libfuzzer_sys::fuzz_target!(|texts: (&str, &str)| render::fuzzing::search_query(texts.0, texts.1));
