//! Keys to compare and to sort by, made here so that both databases agree on them.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;

use crate::fold::fold;

/// The key that titles sort by: without case and accents and with single blanks, to be compared
/// as bytes.
pub fn title_key(title: &str) -> String {
    single_blanks(&fold(title))
}

/// The key by which two tags are one: NFKC with case folding, single blanks. Accents count.
pub fn tag_key(tag: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc();
    let first = composed.normalize(tag);
    let folded = CaseMapper::new().fold_string(&first);
    single_blanks(&composed.normalize(&folded))
}

fn single_blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_sort_without_case_and_accents() {
        let mut titles = ["zebra", "Éclair", "apple", "  Banana", "eclipse"];
        titles.sort_by_key(|title| title_key(title));
        assert_eq!(titles, ["apple", "  Banana", "Éclair", "eclipse", "zebra"]);
    }

    #[test]
    fn a_tag_is_the_same_in_any_case_and_width() {
        assert_eq!(tag_key(" Rust  Lang"), tag_key("ＲＵＳＴ lang"));
        assert_eq!(tag_key("Straße"), tag_key("STRASSE"));
        assert_ne!(tag_key("cafe"), tag_key("café"));
    }
}
