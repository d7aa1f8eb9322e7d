//! What somebody looks for: words, `"phrases"`, `-not`, and `prefix*`; all must hold.

use crate::search_words::{cut, encoded, pairs};

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
}

/// Words that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    /// Whether the last one may go on.
    is_prefix: bool,
}

impl SearchQuery {
    /// The most words and phrases that are looked for.
    pub const MOST: usize = 32;

    /// Reads a query. What is no word is passed over, as is what stands beyond [`Self::MOST`].
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() && query.wanted.len() + query.unwanted.len() < Self::MOST {
            let (is_unwanted, after) = match rest.strip_prefix('-') {
                Some(after) => (true, after),
                None => (false, rest),
            };
            let (term, after) = match after.strip_prefix('"') {
                Some(phrase) => {
                    let (phrase, after) = phrase.split_once('"').unwrap_or((phrase, ""));
                    (Term::of(phrase, false), after)
                }
                None => {
                    let end = after.find(|c: char| c.is_whitespace() || c == '"');
                    let (word, after) = after.split_at(end.unwrap_or(after.len()));
                    (Term::of(word, word.ends_with('*')), after)
                }
            };
            let terms = if is_unwanted {
                &mut query.unwanted
            } else {
                &mut query.wanted
            };
            terms.extend(Some(term).filter(|term| !term.words.is_empty()));
            rest = after.trim_start();
        }
        query
    }

    /// Whether nothing can be found: a query of operators, or of what is not wanted alone.
    pub const fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The query as FTS5 reads it (<https://www.sqlite.org/fts5.html>, section 3).
    pub fn fts5(&self) -> String {
        let term = |term: &Term| {
            let phrase = term.codes().join(" ");
            let star = if term.is_prefix { "*" } else { "" };
            let mut parts = vec![format!("\"{phrase}\"{star}")];
            parts.extend(term.pairs().map(|pair| format!("\"{pair}\"")));
            format!("({})", parts.join(" AND "))
        };
        let wanted: Vec<_> = self.wanted.iter().map(term).collect();
        let mut text = wanted.join(" AND ");
        if !self.unwanted.is_empty() {
            let unwanted: Vec<_> = self.unwanted.iter().map(term).collect();
            text = format!("({text}) NOT ({})", unwanted.join(" OR "));
        }
        text
    }

    /// The query as PostgreSQL reads it (`tsquery`).
    pub fn tsquery(&self) -> String {
        let term = |term: &Term| {
            let phrase = term.codes().join(" <-> ");
            let star = if term.is_prefix { ":*" } else { "" };
            let mut parts = vec![format!("({phrase}{star})")];
            parts.extend(term.pairs());
            format!("({})", parts.join(" & "))
        };
        let wanted = self.wanted.iter().map(term);
        let unwanted = self.unwanted.iter().map(|not| format!("!{}", term(not)));
        wanted.chain(unwanted).collect::<Vec<_>>().join(" & ")
    }

    /// How well a title and tags fit: 4 for each term that the title holds, 2 for each in the tags.
    pub fn score(&self, title: &str, tags: &[String]) -> i64 {
        let title = cut(title);
        let tags: Vec<_> = tags.iter().map(|tag| cut(tag)).collect();
        let of = |term: &Term| {
            let in_title = i64::from(term.is_in(&title)) * 4;
            let in_tags = tags.iter().any(|tag| term.is_in(tag));
            in_title + i64::from(in_tags) * 2
        };
        self.wanted.iter().map(of).sum()
    }

    /// Whether a word of a text, cut as all are, is one that is looked for.
    pub(crate) fn hits(&self, word: &str) -> bool {
        let hits = |term: &Term| {
            let last = term.words.len() - 1;
            let mut places = term.words.iter().enumerate();
            places.any(|(place, wanted)| {
                word == wanted || (term.is_prefix && place == last && word.starts_with(wanted))
            })
        };
        self.wanted.iter().any(hits)
    }
}

impl Term {
    fn of(text: &str, is_prefix: bool) -> Self {
        let words = cut(text);
        Self { words, is_prefix }
    }

    fn codes(&self) -> Vec<String> {
        self.words.iter().map(|word| encoded(word)).collect()
    }

    /// Rarer than single characters, so that fewer places of these are compared.
    fn pairs(&self) -> impl Iterator<Item = String> {
        // The last character of a prefix may be the first half of any pair, not of a certain one.
        pairs(&self.words).map(|pair| encoded(&pair))
    }

    fn is_in(&self, words: &[String]) -> bool {
        words.windows(self.words.len()).any(|part| {
            let last = part.len() - 1;
            part.iter()
                .zip(&self.words)
                .enumerate()
                .all(|(place, (word, wanted))| {
                    word == wanted || (self.is_prefix && place == last && word.starts_with(wanted))
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_query_is_words_phrases_and_what_is_not_wanted() {
        let query = SearchQuery::parse(r#"Rust "hello world" -java pre* été"#);
        assert_eq!(
            query.fts5(),
            r#"(("rust") AND ("hello world") AND ("pre"*) AND ("ete")) NOT (("java"))"#
        );
        let wanted = "((rust)) & ((hello <-> world)) & ((pre:*)) & ((ete)) & !((java))";
        assert_eq!(query.tsquery(), wanted);
    }

    #[test]
    fn a_run_of_characters_is_a_phrase_with_its_pairs() {
        let query = SearchQuery::parse("令牌");
        assert_eq!(query.fts5(), r#"("_004ee4 _00724c" AND "_004ee4_00724c")"#);
        assert_eq!(query.tsquery(), "((_004ee4 <-> _00724c) & _004ee4_00724c)");
    }

    #[test]
    fn operators_alone_look_for_nothing() {
        for text in ["", " ", "-", "*", "\"\"", "- * \"", "-java", "AND", "()"] {
            let found = SearchQuery::parse(text);
            assert_eq!(found.is_empty(), text != "AND", "{text}");
        }
    }

    #[test]
    fn a_title_counts_more_than_a_tag() {
        let query = SearchQuery::parse("rust web*");
        let tags = |tag: &str| [tag.to_owned()];
        assert_eq!(query.score("Rust on the Webserver", &tags("rust")), 10);
        assert_eq!(query.score("Something", &tags("web")), 2);
        assert_eq!(query.score("Rusty", &tags("else")), 0);
    }

    proptest! {
        #[test]
        fn what_databases_read_is_plain(text in "[a-z\"*() -:&|!<>'令牌é\\\\]{0,60}") {
            let query = SearchQuery::parse(&text);
            let is_plain = |text: &str, known: &str| text.chars().all(|character| {
                character.is_ascii_alphanumeric() || known.contains(character)
            });
            prop_assert!(is_plain(&query.fts5(), "_\"* ()"));
            prop_assert!(is_plain(&query.tsquery(), "_&!<->:* ()"));
        }

        #[test]
        fn no_query_is_a_panic(text in ".{0,80}") {
            let query = SearchQuery::parse(&text);
            query.score(&text, std::slice::from_ref(&text));
        }
    }
}
