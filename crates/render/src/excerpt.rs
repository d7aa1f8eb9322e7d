//! The first words of a post.

use unicode_segmentation::UnicodeSegmentation;

/// The most characters that an excerpt has, the ellipsis not counted.
const MAX_CHARS: usize = 200;

/// The beginning of `text`: single blanks, at most 200 characters, cut between words, with an
/// ellipsis where something was left out.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short = String::new();
    let mut count = 0;
    for word in text.split_whitespace() {
        if !short.is_empty() {
            short.push(' ');
            count += 1;
        }
        for part in word.split_word_bounds() {
            count += part.chars().count();
            if count > MAX_CHARS {
                return cut(short, part);
            }
            short.push_str(part);
        }
    }
    short
}

/// `short` with an ellipsis; a single word that is longer than all is cut within.
fn cut(mut short: String, next: &str) -> String {
    if short.trim_end().is_empty() {
        short = next
            .graphemes(true)
            .scan(0, |count, grapheme| {
                *count += grapheme.chars().count();
                (*count <= MAX_CHARS).then_some(grapheme)
            })
            .collect();
    }
    let kept =
        short.trim_end_matches(|last: char| last.is_whitespace() || ",;:-–—(".contains(last));
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_cut_between_words() {
        assert_eq!(excerpt(" a\n b "), "a b");
        let long = excerpt(&"word ".repeat(100));
        assert_eq!(long, format!("{}…", "word ".repeat(40).trim_end()));
        assert_eq!(excerpt(&"x".repeat(300)), format!("{}…", "x".repeat(200)));
        let chinese = excerpt(&"令".repeat(300));
        assert_eq!(chinese.chars().count(), 201);
    }
}
