//! A header, a line break and the claims of a v1 token that is signed with the right key.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let end = text.iter().position(|byte| *byte == b'\n');
    let (header, claims) = end.map_or((text, &[][..]), |end| (&text[..end], &text[end + 1..]));
    domain::fuzzing::v1_signed(header, claims);
});
