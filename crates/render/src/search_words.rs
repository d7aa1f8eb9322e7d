//! Texts cut into words for searching. We cut them ourselves and give both databases the result, so
//! that both find the same posts.
//!
//! A word is a run of letters and digits, without case and accents. Chinese and Japanese have no
//! blanks between words: there each character is a word, and each two neighbours are one besides.

use std::collections::{HashMap, HashSet};

use crate::fold::fold;
use crate::word_count::is_cjk;

/// How many words of a post are found. PostgreSQL knows no place beyond 16,383.
const MOST: usize = 16_000;
/// How often a word of a post is found. PostgreSQL keeps no more places of one.
const MOST_OF_ONE: usize = 250;
/// How many characters of a word are compared: PostgreSQL keeps no longer ones.
const LONGEST: usize = 64;
/// How many bytes the different words of a post may have: PostgreSQL takes 1 MiB with their places.
const MOST_BYTES: usize = 600 * 1024;
/// Stands where no phrase may go on: between title, text and tags.
const GAP: &str = "_";

/// The words of a post, separated by blanks, as both databases store them.
pub fn search_words(title: &str, body: &str, tags: &[String]) -> String {
    let mut words = Words::default();
    words.add(title);
    for tag in tags {
        words.gap();
        words.add(tag);
    }
    words.gap();
    words.add(body);
    words.finish()
}

/// Cuts a text into words as they are compared.
pub(crate) fn cut(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words = Vec::new();
    let (mut word, mut length) = (String::new(), 0);
    for character in folded.chars() {
        let stands_alone = is_cjk(character);
        if (stands_alone || !belongs(character)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
            length = 0;
        }
        if stands_alone && character.is_alphanumeric() {
            words.push(character.to_string());
        } else if !stands_alone && belongs(character) && length < LONGEST {
            word.push(character);
            length += 1;
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Letters, digits, and the marks that belong to letters of other scripts.
fn belongs(character: char) -> bool {
    use icu_properties::CodePointMapData;
    use icu_properties::props::GeneralCategoryGroup;
    let category = CodePointMapData::<icu_properties::props::GeneralCategory>::new().get(character);
    character.is_alphanumeric() || GeneralCategoryGroup::Mark.contains(category)
}

/// The pairs of neighbours among single characters of Chinese and Japanese.
pub(crate) fn pairs(words: &[String]) -> impl Iterator<Item = String> {
    let neighbours = words
        .windows(2)
        .filter(|two| two.iter().all(|word| is_single(word)));
    neighbours.map(<[String]>::concat)
}

fn is_single(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(is_cjk) && characters.next().is_none()
}

/// A word in ASCII letters, digits and `_` alone: no tokenizer cuts it again, and the beginning of
/// a word is the beginning of its code.
pub(crate) fn encoded(word: &str) -> String {
    let mut code = String::with_capacity(word.len());
    for character in word.chars() {
        if character.is_ascii_alphanumeric() {
            code.push(character);
        } else {
            code.push_str(&format!("_{:06x}", u32::from(character)));
        }
    }
    code
}

#[derive(Default)]
struct Words {
    codes: Vec<String>,
    counts: HashMap<String, usize>,
    pairs: Vec<String>,
    paired: HashSet<String>,
    /// Of the different words and pairs.
    bytes: usize,
}

impl Words {
    fn add(&mut self, text: &str) {
        let words = cut(text);
        for pair in pairs(&words).take(MOST) {
            let code = encoded(&pair);
            if self.bytes + code.len() > MOST_BYTES {
                break;
            }
            if self.paired.insert(code.clone()) {
                self.bytes += code.len();
                self.pairs.push(code);
            }
        }
        for word in words {
            if self.codes.len() >= MOST {
                return;
            }
            let code = encoded(&word);
            if self.bytes + code.len() > MOST_BYTES {
                return;
            }
            let count = self.counts.entry(code.clone()).or_default();
            if *count == 0 {
                self.bytes += code.len();
            }
            *count += 1;
            let is_found = *count <= MOST_OF_ONE;
            self.codes
                .push(if is_found { code } else { GAP.to_owned() });
        }
    }

    fn gap(&mut self) {
        self.codes.push(GAP.to_owned());
    }

    fn finish(mut self) -> String {
        self.gap();
        self.codes.append(&mut self.pairs);
        self.codes.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_cut_without_case_and_accents() {
        assert_eq!(
            cut("L'été, don't START 3.14"),
            ["l", "ete", "don", "t", "start", "3", "14"]
        );
        assert_eq!(cut("存取令牌 token"), ["存", "取", "令", "牌", "token"]);
        assert_eq!(cut("Rust令牌"), ["rust", "令", "牌"]);
        assert!(cut("-- * \" \u{202e}").is_empty());
    }

    #[test]
    fn what_is_stored_is_plain() {
        let words = search_words("Été", "令牌 x", &["Rust".to_owned()]);
        assert_eq!(words, "ete _ rust _ _004ee4 _00724c x _ _004ee4_00724c");
    }

    #[test]
    fn no_post_has_more_words_than_both_databases_know() {
        let stored = search_words("", &"a b ".repeat(20_000), &[]);
        assert!(stored.split(' ').count() <= MOST + 4);
        let of_one = stored.split(' ').filter(|word| *word == "a").count();
        assert_eq!(of_one, MOST_OF_ONE);
    }

    #[test]
    fn words_without_end_are_cut_off() {
        let long = "x".repeat(1 << 20);
        assert_eq!(cut(&long), ["x".repeat(LONGEST)]);
        let many: String = (0..16_000)
            .map(|number| format!("\u{436}{number:063} "))
            .collect();
        assert!(search_words("", &many, &[]).len() < 2 * MOST_BYTES);
    }

    proptest! {
        #[test]
        fn nothing_stored_is_cut_again(title in ".{0,40}", body in ".{0,80}") {
            for word in search_words(&title, &body, &[]).split(' ') {
                prop_assert!(!word.is_empty());
                prop_assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
            }
        }

        #[test]
        fn a_beginning_is_a_beginning_of_the_code(word in "[a-zа-я]{1,8}", length in 1usize..8) {
            let beginning: String = word.chars().take(length).collect();
            prop_assert!(encoded(&word).starts_with(&encoded(&beginning)));
        }
    }
}
