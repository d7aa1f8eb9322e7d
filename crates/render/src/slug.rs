//! The part of a URL that names a post.

use deunicode::deunicode_char;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

/// The most characters that a slug of ours has.
const MAX_CHARS: usize = 80;

/// What a post is called whose title has neither letters nor digits.
const NAMELESS: &str = "post";

/// A slug for `title`: its letters and digits, transliterated to `a-z` and `0-9`, with single
/// hyphens between; at most 80 characters. Emoji and signs give nothing, a title of nothing else `post`.
pub fn slug(title: &str) -> String {
    let title = ComposingNormalizerBorrowed::new_nfc().normalize(title);
    let mut slug = String::new();
    for character in title.chars() {
        if character.is_alphanumeric() || is_mark(character) {
            deunicode_char(character)
                .unwrap_or("")
                .bytes()
                .for_each(|byte| push(&mut slug, byte));
        } else if character != '\'' && character != '\u{2019}' {
            push(&mut slug, b'-');
        }
        if slug.len() > 2 * MAX_CHARS {
            break;
        }
    }
    shorten(&mut slug);
    if slug.is_empty() {
        NAMELESS.to_owned()
    } else {
        slug
    }
}

/// Adds a letter or digit; anything else becomes one hyphen between them.
fn push(slug: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() {
        slug.push(char::from(byte.to_ascii_lowercase()));
    } else if !slug.is_empty() && !slug.ends_with('-') {
        slug.push('-');
    }
}

/// Cuts at the last hyphen that leaves the slug short enough, within a word only where there is none.
fn shorten(slug: &mut String) {
    if slug.len() > MAX_CHARS {
        let end = slug[..=MAX_CHARS].rfind('-').unwrap_or(MAX_CHARS);
        slug.truncate(end);
    }
    slug.truncate(slug.trim_end_matches('-').len());
}

fn is_mark(character: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    GeneralCategoryGroup::Mark.contains(category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_slugs() {
        for (title, expected) in [
            ("My Post", "my-post"),
            ("  --Hello,   World!-- ", "hello-world"),
            ("Don't panic", "dont-panic"),
            ("Über Straßen", "uber-strassen"),
            ("U\u{308}ber", "uber"),
            ("令牌", "ling-pai"),
            ("C++ & Rust", "c-rust"),
            ("🦀 Rust", "rust"),
            ("🎉🎉", "post"),
            ("", "post"),
            ("!!!", "post"),
        ] {
            assert_eq!(slug(title), expected, "{title}");
        }
    }

    #[test]
    fn a_long_title_is_cut_between_words() {
        let long = slug(&"word ".repeat(50));
        assert_eq!(long, "word-".repeat(16).trim_end_matches('-'));
        assert_eq!(slug(&"a".repeat(200)).len(), 80);
    }
}
