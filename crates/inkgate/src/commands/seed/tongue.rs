//! The languages that posts are written in: sentences with gaps.

use super::dice::Dice;

/// What posts in a language are put together from. In every text `{s}` and `{o}` stand for two
/// subjects, `{n}` for a number, `{t}` for a thing and `{m}` for a theme.
pub(super) struct Tongue {
    pub(super) code: &'static str,
    /// What stands between two sentences.
    pub(super) space: &'static str,
    pub(super) titles: &'static [&'static str],
    pub(super) themes: &'static [&'static str],
    pub(super) things: &'static [&'static str],
    pub(super) headings: &'static [&'static str],
    pub(super) sentences: &'static [&'static str],
    pub(super) items: &'static [&'static str],
    pub(super) links: &'static [&'static str],
    pub(super) remarks: &'static [&'static str],
    pub(super) tags: &'static [&'static str],
}

/// What fills the gaps in one post.
pub(super) struct Gaps<'a> {
    pub(super) tongue: &'static Tongue,
    pub(super) subject: &'a str,
    pub(super) other: &'a str,
}

impl Gaps<'_> {
    /// One of these texts, its gaps filled.
    pub(super) fn fill(&self, texts: &[&'static str], dice: &mut Dice) -> String {
        let mut rest = dice.pick(texts);
        let mut filled = String::with_capacity(rest.len() + 32);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (gap, after) = after.split_once('}').unwrap_or((after, ""));
            match gap {
                "s" => filled.push_str(self.subject),
                "o" => filled.push_str(self.other),
                "n" => filled.push_str(&dice.between(2, 400).to_string()),
                "t" => filled.push_str(dice.pick(self.tongue.things)),
                _ => filled.push_str(dice.pick(self.tongue.themes)),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// So many sentences, one after the other.
    pub(super) fn sentences(&self, count: usize, dice: &mut Dice) -> String {
        let sentences = (0..count).map(|_| self.fill(self.tongue.sentences, dice));
        sentences.collect::<Vec<_>>().join(self.tongue.space)
    }
}
