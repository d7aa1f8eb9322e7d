//! The claims of a v2 token that is signed with the right key; a header and a line break before them
//! take the place of ours.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let end = text.iter().position(|byte| *byte == b'\n');
    let (header, claims) = end.map_or((None, text), |end| (Some(&text[..end]), &text[end + 1..]));
    domain::fuzzing::v2_signed(header, claims);
});
