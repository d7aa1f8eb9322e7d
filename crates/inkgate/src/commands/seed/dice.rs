//! Chance that can be repeated: each row has dice of its own, made of the seed number, of what kind
//! of row it is, and of its place among them.

use fastrand::Rng;

/// What is made up.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    User,
    Post,
    Comment,
    Todo,
}

/// Dice for one row.
pub(super) struct Dice(Rng);

impl Dice {
    pub(super) fn of(seed: u64, kind: Kind, index: usize) -> Self {
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        Self(Rng::with_seed(mixed(
            mixed(seed) ^ mixed(kind as u64) ^ index,
        )))
    }

    /// One of these, each as likely; `items` are never empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.0.usize(..items.len())]
    }

    /// A number below `count`, the smaller the likelier, as it is with authors and tags.
    pub(super) fn skewed(&mut self, count: usize) -> usize {
        let share = self.0.f64();
        ((count as f64 * share * share) as usize).min(count.saturating_sub(1))
    }

    /// A number below `count`, each as likely.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0.usize(..count.max(1))
    }

    /// A number from `from` up to `to`.
    pub(super) fn between(&mut self, from: usize, to: usize) -> usize {
        self.0.usize(from..=to)
    }

    /// True so many times out of a hundred.
    pub(super) fn percent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    /// A share of one.
    pub(super) fn share(&mut self) -> f64 {
        self.0.f64()
    }

    /// Ten characters that nobody would guess, were they made anew each time.
    pub(super) fn ending(&mut self) -> String {
        let letters = b"abcdefghijkmnpqrstuvwxyz23456789";
        let end = (0..10).map(|_| char::from(letters[self.below(letters.len())]));
        end.collect()
    }
}

/// Spreads numbers that lie close together (the end of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_has_the_same_dice_and_no_other() {
        let roll = |seed, kind, index| Dice::of(seed, kind, index).below(usize::MAX);
        let first = roll(1, Kind::Post, 7);
        assert_eq!(first, roll(1, Kind::Post, 7));
        for other in [
            roll(2, Kind::Post, 7),
            roll(1, Kind::User, 7),
            roll(1, Kind::Post, 8),
        ] {
            assert_ne!(first, other);
        }
    }
}
