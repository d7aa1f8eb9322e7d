//! People who are made up.

use domain::SeedUser;
use model::{Bio, DisplayName, Invalid, ProfilePatch, Role, Username};

use super::dice::{Dice, Kind};
use super::subjects::SUBJECTS;
use super::timeline::Timeline;

const FIRST: &[&str] = &[
    "Ada", "Amara", "Anders", "Anouk", "Arjun", "Beatriz", "Bogdan", "Camille", "Chiara", "Dmitri",
    "Elif", "Emeka", "Esra", "Farah", "Felix", "Freya", "Greta", "Hana", "Hugo", "Ines", "Ivan",
    "Jonas", "Joy", "Kaito", "Kofi", "Lars", "Leila", "Lucia", "Maja", "Marek", "Mei", "Mila",
    "Nadia", "Nils", "Noor", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rafael", "Rosa", "Samir",
    "Sanne", "Sofia", "Tariq", "Theo", "Uma", "Vera", "Wei", "Xenia", "Yara", "Yuki", "Zofia",
];
const LAST: &[&str] = &[
    "Abe",
    "Andersson",
    "Bakker",
    "Banerjee",
    "Costa",
    "Dahl",
    "Diallo",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Horvat",
    "Ito",
    "Jansen",
    "Kaya",
    "Kimura",
    "Kowalska",
    "Larsen",
    "Lopez",
    "Mensah",
    "Moreau",
    "Nakata",
    "Novak",
    "Okafor",
    "Olsen",
    "Park",
    "Petrov",
    "Quist",
    "Rahman",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Tanaka",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhou",
    "Zimmer",
];
const BIOS: &[&str] = &[
    "Writes about {s}, and about what went wrong with it.",
    "Runs {s} for people who would rather not think about it.",
    "By day {s}, by night a garden.",
    "Used to build bridges; now it is {s}.",
    "Asks why until somebody shows a measurement. Mostly {s}.",
    "Two children, one cat, and too many notes on {s}.",
];
/// Has no divisor in common with the number of names, so that none comes twice in a round.
const STEP: usize = 1237;

/// The user `index` of `count`.
pub(super) fn user(
    seed: u64,
    (index, count): (usize, usize),
    timeline: Timeline,
) -> Result<SeedUser, Invalid> {
    let mut dice = Dice::of(seed, Kind::User, index);
    let created_at = timeline.of_user(index, count, &mut dice);
    let (first, last, round) = name(seed, index);
    let number = if round == 0 {
        String::new()
    } else {
        format!("-{}", round + 1)
    };
    let username = format!("{}.{}{number}", first.to_lowercase(), last.to_lowercase());
    let subject = SUBJECTS[dice.skewed(SUBJECTS.len())].name;
    let bio = dice.pick(BIOS).replace("{s}", subject);
    let display_name = Some(DisplayName::parse(&format!("{first} {last}"))?);
    Ok(SeedUser {
        username: Username::parse(&username)?,
        role: role(index),
        profile: ProfilePatch {
            display_name: dice.percent(80).then_some(display_name),
            bio: dice
                .percent(60)
                .then(|| Bio::parse(&bio).map(Some))
                .transpose()?,
            avatar_url: None,
        },
        created_at,
    })
}

/// What the account of the user `index` may do; the first writes.
pub(super) const fn role(index: usize) -> Role {
    match index {
        _ if index % 40 == 7 => Role::Editor,
        _ if index % 8 == 5 => Role::Reader,
        _ => Role::Author,
    }
}

/// Who wrote a post, of those who had joined.
pub(super) fn author(joined: usize, dice: &mut Dice) -> usize {
    let index = dice.skewed(joined);
    match role(index) {
        Role::Reader => index - 1,
        _ => index,
    }
}

fn name(seed: u64, index: usize) -> (&'static str, &'static str, usize) {
    let names = FIRST.len() * LAST.len();
    let start = Dice::of(seed, Kind::User, usize::MAX).below(names);
    let place = (start + index * STEP) % names;
    let (first, last) = (place % FIRST.len(), place / FIRST.len());
    (FIRST[first], LAST[last], index / names)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use model::Timestamp;

    use super::*;

    #[test]
    fn no_name_looks_like_another() {
        let end = Timestamp::from_micros(0);
        let (mut keys, mut skeletons) = (HashSet::new(), HashSet::new());
        for index in 0..7000 {
            let user = user(3, (index, 7000), Timeline { end }).unwrap();
            assert!(keys.insert(user.username.key().to_owned()), "{user:?}");
            let skeleton = user.username.skeleton().to_owned();
            assert!(skeletons.insert(skeleton), "{user:?}");
        }
    }

    #[test]
    fn whoever_writes_may() {
        let mut dice = Dice::of(1, Kind::Post, 1);
        assert!((0..1000).all(|_| role(author(100, &mut dice)) != Role::Reader));
    }
}
