//! When things happened: over five years up to a day that is named, the earlier the smaller the
//! number of the row.

use std::time::Duration;

use model::Timestamp;

use super::dice::Dice;

const YEARS: Duration = Duration::from_hours(5 * 365 * 24);
/// By this share of the time everybody has an account.
const JOINED: f64 = 0.4;

/// The time that is filled.
#[derive(Clone, Copy)]
pub(super) struct Timeline {
    pub(super) end: Timestamp,
}

impl Timeline {
    /// When the row `index` of `count` was made.
    pub(super) fn of_row(self, index: usize, count: usize, dice: &mut Dice) -> Timestamp {
        self.at((index as f64 + dice.share()) / count.max(1) as f64)
    }

    /// When the user `index` of `count` joined.
    pub(super) fn of_user(self, index: usize, count: usize, dice: &mut Dice) -> Timestamp {
        // The first are there from the start: somebody has to write.
        let share = (index as f64 - 1.0 + dice.share()) / count.max(1) as f64;
        self.at(JOINED * share.max(0.0))
    }

    /// How many of `count` users were there when the row `index` of `rows` was made.
    pub(super) fn joined(index: usize, rows: usize, count: usize) -> usize {
        let share = index as f64 / rows.max(1) as f64 / JOINED;
        ((count as f64 * share) as usize).clamp(1, count.max(1))
    }

    fn at(self, share: f64) -> Timestamp {
        let before_end = YEARS.mul_f64((1.0 - share).clamp(0.0, 1.0));
        // Nobody needs more than seconds.
        self.end.before(Duration::from_secs(before_end.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Kind;
    use super::*;

    #[test]
    fn rows_follow_one_another_and_nobody_writes_before_joining() {
        let end = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        let timeline = Timeline { end };
        let (users, rows) = (50, 1000);
        let joined: Vec<_> = (0..users)
            .map(|index| timeline.of_user(index, users, &mut Dice::of(1, Kind::User, index)))
            .collect();
        let mut last = end.before(YEARS);
        for index in 0..rows {
            let at = timeline.of_row(index, rows, &mut Dice::of(1, Kind::Post, index));
            assert!(at >= last && at <= end);
            let there = Timeline::joined(index, rows, users);
            assert!(joined[there - 1] <= at, "{index}: {there}");
            last = at;
        }
    }
}
