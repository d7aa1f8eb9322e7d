//! How many words a text has.

use unicode_segmentation::UnicodeSegmentation;

/// The words of `text` by Unicode's rules (UAX #29); each Chinese or Japanese character is one,
/// since these scripts put no blanks between words.
pub(crate) fn word_count(text: &str) -> u32 {
    let count: usize = text.unicode_words().map(words_in).sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn words_in(word: &str) -> usize {
    let characters = word.chars().filter(|&character| is_cjk(character)).count();
    characters.max(1)
}

/// Whether a character is Han, Hiragana, Katakana or Bopomofo.
pub(crate) fn is_cjk(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303c}' | '\u{3041}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_characters_are_counted() {
        for (text, count) in [
            ("", 0),
            ("--- … !", 0),
            ("one two, three", 3),
            ("don't 3.14 e-mail", 4),
            ("令牌", 2),
            ("存取令牌 token", 5),
            ("カタカナ", 4),
            ("안녕 세상", 2),
        ] {
            assert_eq!(word_count(text), count, "{text}");
        }
    }
}
