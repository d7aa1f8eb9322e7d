//! JSON as Flask writes it: compact, all but ASCII escaped, one newline at the end.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Appends `value`.
pub(super) fn push(out: &mut Vec<u8>, value: &impl Serialize) {
    let mut serializer = Serializer::with_formatter(out, Ascii);
    // Our own types have string keys, and a vector takes every byte.
    drop(value.serialize(&mut serializer));
}

/// `value` as a whole body.
pub(super) fn line(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    push(&mut out, value);
    out.push(b'\n');
    out
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.is_ascii() && !fragment.as_bytes().contains(&0x7f) {
            // Most text is, and looking at many bytes at once finds out faster.
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.bytes().position(|byte| !(b' '..=b'~').contains(&byte)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let character = rest[at..].chars().next().unwrap_or_default();
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_ascii_is_escaped_as_python_does() {
        let text = "a\u{7f}é小🙂\"\\\n\u{1}/";

        let written = String::from_utf8(line(&text)).unwrap();

        let python = r#""a\u007f\u00e9\u5c0f\ud83d\ude42\"\\\n\u0001/""#;
        assert_eq!(written, format!("{python}\n"));
    }
}
