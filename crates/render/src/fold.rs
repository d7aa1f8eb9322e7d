//! Case and accents folded.

use deunicode::deunicode_char;
use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// `text` without case and accents: `Ärger` and `arger` fold alike, so do full-width and ordinary
/// letters. Marks that make another letter of one (Japanese, Thai, the scripts of India) stay.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = CaseMapper::new().fold_string(text);
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(&folded);
    let mut bare = String::with_capacity(decomposed.len());
    for character in decomposed
        .chars()
        .filter(|&character| !is_accent(character))
    {
        match latin(character) {
            Some(ascii) => bare.push_str(ascii),
            None => bare.push(character),
        }
    }
    let again = CaseMapper::new().fold_string(&bare);
    ComposingNormalizerBorrowed::new_nfkc()
        .normalize(&again)
        .into_owned()
}

/// Letters that look like an accented one but do not fall apart into two: `ø`, `ł`, `đ`.
fn latin(character: char) -> Option<&'static str> {
    if !('\u{c0}'..='\u{24f}').contains(&character) {
        return None;
    }
    deunicode_char(character)
}

fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_go_and_letters_stay() {
        for (text, folded) in [
            ("Ärger", "arger"),
            ("A\u{308}RGER", "arger"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("Łódź", "lodz"),
            ("Øre", "ore"),
            ("Æsir", "aesir"),
            ("İstanbul", "istanbul"),
            ("Ｆｕｌｌ", "full"),
            ("Ελλάς", "ελλασ"),
            ("が", "が"),
            ("ｶﾞ", "ガ"),
            ("令牌", "令牌"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
            assert_eq!(fold(&fold(text)), folded, "{text}");
        }
    }
}
