//! What has changed between two texts, word by word.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, TextDiff};

/// How long the shortest difference is looked for; after that a longer one will do.
const PATIENCE: Duration = Duration::from_millis(500);

/// A run of words that both texts have, or one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub kind: ChangeKind,
    /// The words, with what stands between them.
    pub text: String,
}

/// Which of two texts has a run of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Both.
    Equal,
    /// The new one alone.
    Insert,
    /// The old one alone.
    Delete,
}

/// The runs of words of which `old` becomes `new`, in order. Words are those of Unicode (UAX 29):
/// each Chinese or Japanese character is one.
pub(crate) fn word_diff(old: &str, new: &str) -> Vec<Change> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(PATIENCE)
        .diff_unicode_words(old, new);
    let mut changes: Vec<Change> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => ChangeKind::Equal,
            ChangeTag::Insert => ChangeKind::Insert,
            ChangeTag::Delete => ChangeKind::Delete,
        };
        match changes.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            _ => changes.push(Change {
                kind,
                text: change.value().to_owned(),
            }),
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let mark = |change: Change| match change.kind {
            ChangeKind::Equal => change.text,
            ChangeKind::Insert => format!("{{+{}}}", change.text),
            ChangeKind::Delete => format!("{{-{}}}", change.text),
        };
        word_diff(old, new).into_iter().map(mark).collect()
    }

    #[test]
    fn words_are_compared_and_not_letters() {
        assert_eq!(shown("a quick fox", "a slow fox"), "a {-quick}{+slow} fox");
        assert_eq!(shown("same", "same"), "same");
        assert_eq!(shown("", "new"), "{+new}");
        assert_eq!(shown("存取令牌", "存入令牌"), "存{-取}{+入}令牌");
    }

    proptest! {
        #[test]
        fn both_texts_come_back(old in "([a-c ]|令|\n){0,60}", new in "([a-c ]|令|\n){0,60}") {
            let changes = word_diff(&old, &new);
            let side = |other: ChangeKind| -> String {
                let side = changes.iter().filter(|change| change.kind != other);
                side.map(|change| change.text.as_str()).collect()
            };
            prop_assert_eq!(side(ChangeKind::Insert), old);
            prop_assert_eq!(side(ChangeKind::Delete), new);
        }
    }
}
