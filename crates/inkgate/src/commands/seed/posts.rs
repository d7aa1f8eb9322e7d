//! Posts that are made up.

use std::time::Duration;

use domain::SeedPost;
use model::{
    CanonicalUrl, Category, Content, CoverAlt, CoverPatch, Invalid, Language, NewPost, PostPatch,
    PostState, PostStatus, Series, Tag, Tags, Timestamp, Title, UserId,
};

use super::body::body;
use super::chinese::CHINESE;
use super::dice::{Dice, Kind};
use super::english::ENGLISH;
use super::japanese::JAPANESE;
use super::people;
use super::subjects::{SERIES, SUBJECTS, Subject};
use super::timeline::Timeline;
use super::tongue::{Gaps, Tongue};

const DAY: Duration = Duration::from_hours(24);

/// The post `index` of `count`, by one of `users`.
pub(super) fn post(
    seed: u64,
    (index, count): (usize, usize),
    users: &[UserId],
    timeline: Timeline,
) -> Result<SeedPost, Invalid> {
    let mut dice = Dice::of(seed, Kind::Post, index);
    let created_at = timeline.of_row(index, count, &mut dice);
    let author = people::author(Timeline::joined(index, count, users.len()), &mut dice);
    let tongue = tongue(&mut dice);
    let subject = &SUBJECTS[dice.skewed(SUBJECTS.len())];
    let gaps = Gaps {
        tongue,
        subject: subject.name,
        other: SUBJECTS[dice.below(SUBJECTS.len())].name,
    };
    let title = gaps.fill(tongue.titles, &mut dice);
    let content = body(&gaps, subject.code, &mut dice);
    let mut rest = fields(&gaps, subject, &mut dice)?;
    let (state, published_at) = state(created_at, timeline.end, &mut dice);
    rest.status = Some(state);
    rest.published_at = published_at.map(Some);
    let new = NewPost {
        title: Title::parse(&title)?,
        content: Content::parse(&content)?,
        rest,
    };
    Ok(SeedPost {
        author: users[author],
        new,
        slug_end: dice.ending(),
        created_at,
    })
}

fn tongue(dice: &mut Dice) -> &'static Tongue {
    match dice.below(100) {
        0..88 => &ENGLISH,
        88..95 => &CHINESE,
        _ => &JAPANESE,
    }
}

/// Everything but title, text, state and time.
fn fields(gaps: &Gaps<'_>, subject: &Subject, dice: &mut Dice) -> Result<PostPatch, Invalid> {
    let general = dice.percent(15);
    let category = if general { "general" } else { subject.category };
    let mut tags = subject.tags.to_vec();
    tags.truncate(dice.between(1, subject.tags.len()));
    if !gaps.tongue.tags.is_empty() {
        tags.push(dice.pick(gaps.tongue.tags));
    }
    let tags = tags.into_iter().map(Tag::parse);
    let series = dice.percent(12).then(|| Series::parse(dice.pick(SERIES)));
    let cover = dice.percent(20).then(|| cover(subject, dice));
    Ok(PostPatch {
        category: Some(Category::parse(category)?),
        tags: Some(Tags::of(tags.collect::<Result<_, _>>()?)?),
        series: series.transpose()?.map(Some),
        cover: cover.transpose()?.map(Some),
        language: Some(Some(Language::parse(gaps.tongue.code)?)),
        pinned: Some(dice.below(500) == 0),
        comments_enabled: Some(!dice.percent(4)),
        ..PostPatch::default()
    })
}

fn cover(subject: &Subject, dice: &mut Dice) -> Result<CoverPatch, Invalid> {
    let url = format!("https://images.example.com/{}.jpg", dice.between(1, 500));
    Ok(CoverPatch {
        url: Some(CanonicalUrl::parse(&url)?),
        alt: Some(CoverAlt::parse(&format!(
            "A picture about {}",
            subject.name
        ))?),
    })
}

/// Most are published within a day; what is scheduled comes within two months of the last day.
fn state(created_at: Timestamp, end: Timestamp, dice: &mut Dice) -> (PostState, Option<Timestamp>) {
    let within = |duration: Duration, dice: &mut Dice| {
        Duration::from_secs(duration.mul_f64(dice.share()).as_secs())
    };
    let published = created_at.after(within(DAY, dice));
    match dice.below(100) {
        0..4 => (PostState::Stored(PostStatus::Draft), None),
        4..6 => (PostState::Stored(PostStatus::Unlisted), Some(published)),
        6..8 => (PostState::Stored(PostStatus::Archived), Some(published)),
        8 => {
            let at = end.after(DAY).after(within(60 * DAY, dice));
            (PostState::Scheduled, Some(at))
        }
        _ => (
            PostState::Stored(PostStatus::Published),
            Some(published.min(end)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_posts_can_be_posts_and_are_of_a_usual_size() {
        let end = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        let users: Vec<_> = (1..=20).map(UserId).collect();
        let mut bytes = 0;
        for index in 0..1000 {
            let post = post(5, (index, 1000), &users, Timeline { end }).unwrap();
            let content = post.new.content.as_str();
            assert!(
                !content.contains(['{', '}']) || content.contains("```"),
                "{content}"
            );
            assert!(!post.new.title.as_str().contains(['{', '}']), "{post:?}");
            bytes += content.len();
        }
        assert!((800_000..1_600_000).contains(&bytes), "{bytes}");
    }
}
