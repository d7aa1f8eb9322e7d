//! Todos that are made up.

use std::time::Duration;

use model::{Description, Invalid, NewTodo, Priority, Timestamp, Title, UserId};

use super::dice::{Dice, Kind};
use super::subjects::SUBJECTS;
use super::timeline::Timeline;

const DAY: Duration = Duration::from_hours(24);
const TITLES: &[&str] = &[
    "Answer the mail about {s}",
    "Read the chapter on {s}",
    "Finish the draft about {s}",
    "Ask for a review of the post on {s}",
    "Update the pictures of {s}",
    "Try {s} on the old laptop",
    "Cancel the subscription",
    "Water the plants",
    "写一篇关于 {s} 的文章",
    "{s} の下書きを直す",
];
const DESCRIPTIONS: &[&str] = &[
    "Before the weekend, if possible.",
    "See the notes from last week.",
    "Not urgent, but it nags.",
    "Waits for an answer of the others.",
];

/// The todo `index` of `count`, with when it was made.
pub(super) fn todo(
    seed: u64,
    (index, count): (usize, usize),
    users: &[UserId],
    timeline: Timeline,
) -> Result<(NewTodo, Timestamp), Invalid> {
    let mut dice = Dice::of(seed, Kind::Todo, index);
    let created_at = timeline.of_row(index, count, &mut dice);
    let owner = dice.below(Timeline::joined(index, count, users.len()));
    let subject = SUBJECTS[dice.skewed(SUBJECTS.len())].name;
    let title = dice.pick(TITLES).replace("{s}", subject);
    let description = dice
        .percent(40)
        .then(|| Description::parse(dice.pick(DESCRIPTIONS)));
    let due_at = created_at.after(DAY * u32::try_from(dice.between(1, 60)).unwrap_or(1));
    let todo = NewTodo {
        user_id: users[owner],
        title: Title::parse(&title)?,
        description: description.transpose()?,
        completed: dice.percent(60),
        priority: Priority::parse(i64::try_from(dice.skewed(10)).unwrap_or_default())?,
        due_at: dice.percent(50).then_some(due_at),
    };
    Ok((todo, created_at))
}
