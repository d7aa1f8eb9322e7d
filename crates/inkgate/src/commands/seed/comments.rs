//! Comments that are made up.

use std::time::Duration;

use domain::SeedComment;
use model::{
    CommentContent, CommentDraft, CommentId, CommentStatus, Invalid, PostId, Timestamp, UserId,
};

use super::dice::{Dice, Kind};
use super::subjects::SUBJECTS;
use super::timeline::Timeline;

/// How long it takes at least until somebody has read a post.
const READ: Duration = Duration::from_mins(5);
const TEXTS: &[&str] = &[
    "Thank you, this saved me an evening.",
    "We did the same with {s}, and it held.",
    "Have you tried `{s}` for this? It was **much** simpler for us.",
    "I do not agree with the second half, but the numbers are convincing.",
    "Small typo in the third paragraph.",
    "Does this also work on an old laptop?",
    "There is [a talk](https://example.com/talk) about exactly this.",
    "> it was one line\n\nIt always is.",
    "Could you write more about {s}?",
    "写得很好，谢谢！",
    "{s} 的部分能再详细一点吗？",
    "とても参考になりました。",
];
const ADVERTISEMENT: &str = "Great post!! Visit https://cheap.example for more";

/// A post that readers may comment on.
pub(super) struct Commentable {
    pub(super) id: PostId,
    pub(super) from: Timestamp,
}

/// A comment that may be answered.
pub(super) struct Answerable {
    id: CommentId,
    post: PostId,
    at: Timestamp,
}

impl Answerable {
    /// What is known of a comment that may be answered before it has a number.
    pub(super) fn of(comment: &SeedComment) -> Option<(PostId, Timestamp)> {
        let top = comment.draft.parent_id.is_none();
        let seen = comment.status == CommentStatus::Approved;
        (top && seen).then_some((comment.post, comment.created_at))
    }

    /// Those of a batch that got these numbers.
    pub(super) fn those(batch: Vec<Option<(PostId, Timestamp)>>, ids: Vec<CommentId>) -> Vec<Self> {
        let both = ids.into_iter().zip(batch);
        both.filter_map(|(id, known)| known.map(|(post, at)| Self { id, post, at }))
            .collect()
    }
}

/// The comment `index` of `count`; some answer one of those that came shortly before.
pub(super) fn comment(
    seed: u64,
    (index, count): (usize, usize),
    (users, posts, answerable): (&[UserId], &[Commentable], &[Answerable]),
    timeline: Timeline,
) -> Result<SeedComment, Invalid> {
    let mut dice = Dice::of(seed, Kind::Comment, index);
    let at = timeline.of_row(index, count, &mut dice);
    let author = users[dice.below(Timeline::joined(index, count, users.len()))];
    let answered = (!answerable.is_empty() && dice.percent(25))
        .then(|| &answerable[dice.below(answerable.len())]);
    let (post, from) = match answered {
        Some(comment) => (comment.post, comment.at),
        None => {
            // Of what is there by then, the newest are read most.
            let there = (posts.len() * (index + 1)).div_ceil(count).min(posts.len());
            let post = &posts[there - 1 - dice.skewed(there)];
            (post.id, post.from)
        }
    };
    let status = status(&mut dice);
    let subject = SUBJECTS[dice.skewed(SUBJECTS.len())].name;
    let text = match status {
        CommentStatus::Spam => ADVERTISEMENT.to_owned(),
        _ => dice.pick(TEXTS).replace("{s}", subject),
    };
    Ok(SeedComment {
        post,
        author,
        draft: CommentDraft {
            content: CommentContent::parse(&text)?,
            parent_id: answered.map(|comment| comment.id),
        },
        status,
        created_at: at.max(from.after(READ)).min(timeline.end),
    })
}

fn status(dice: &mut Dice) -> CommentStatus {
    match dice.below(100) {
        0..3 => CommentStatus::Pending,
        3..5 => CommentStatus::Spam,
        5 => CommentStatus::Rejected,
        _ => CommentStatus::Approved,
    }
}
