//! The states of a post, and when it is published.

use model::{FieldError, Invalid, PostFields, PostState, PostStatus, Timestamp};

/// What a write wants of a post's state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StateWish {
    /// The state; `None` leaves it.
    pub(crate) state: Option<PostState>,
    /// The time of publication; the outer `None` leaves it.
    pub(crate) published_at: Option<Option<Timestamp>>,
}

/// Brings a post into the state that is wanted at `now`.
///
/// What is published without a time is published now, unless it was before: then it keeps its
/// date. A time ahead schedules.
///
/// # Errors
/// On `published_at`: a scheduled post needs one that lies ahead, and what is published cannot be
/// without.
pub(crate) fn change_state(
    fields: &mut PostFields,
    wish: StateWish,
    now: Timestamp,
) -> Result<(), FieldError> {
    let named = wish.published_at.flatten().map(Timestamp::floor_to_millis);
    let kept = match wish.published_at {
        Some(_) => named,
        None => fields.published_at,
    };
    let (status, published_at) = match wish.state {
        Some(PostState::Scheduled) => {
            if kept.is_none_or(|at| at <= now) {
                return Err(refuse("must lie ahead for a scheduled post"));
            }
            (PostStatus::Published, kept)
        }
        Some(PostState::Stored(status @ (PostStatus::Published | PostStatus::Unlisted))) => {
            let before = kept.filter(|at| *at <= now);
            let at = named.or(before).unwrap_or(now.floor_to_millis());
            (status, Some(at))
        }
        Some(PostState::Stored(status)) => (status, kept),
        None => (fields.status, kept),
    };
    let needs_time = matches!(status, PostStatus::Published | PostStatus::Unlisted);
    if needs_time && published_at.is_none() {
        return Err(refuse("cannot be null while the post is published"));
    }
    (fields.status, fields.published_at) = (status, published_at);
    Ok(())
}

fn refuse(must: &str) -> FieldError {
    Invalid::new(must).of("published_at")
}

#[cfg(test)]
mod tests {
    use model::{Content, Title};
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);
    const PAST: Timestamp = Timestamp::from_micros(500_000_000);
    const AHEAD: Timestamp = Timestamp::from_micros(2_000_000_000);
    const PUBLISHED: Option<PostState> = Some(PostState::Stored(PostStatus::Published));
    const DRAFT: Option<PostState> = Some(PostState::Stored(PostStatus::Draft));

    type Outcome = Result<(PostStatus, Option<Timestamp>), ()>;

    fn changed(
        status: PostStatus,
        at: Option<Timestamp>,
        state: Option<PostState>,
        published_at: Option<Option<Timestamp>>,
    ) -> Outcome {
        let (title, content) = (Title::parse("t").unwrap(), Content::parse("").unwrap());
        let mut fields = PostFields::new(title, content);
        (fields.status, fields.published_at) = (status, at);
        let wish = StateWish {
            state,
            published_at,
        };
        let outcome = change_state(&mut fields, wish, NOW);
        outcome
            .map(|()| (fields.status, fields.published_at))
            .map_err(drop)
    }

    #[test]
    fn publishing_takes_the_time_that_is_named_or_was_or_now() {
        use PostStatus::{Draft, Published};
        for (at, named, then) in [
            (None, None, NOW),
            (Some(PAST), None, PAST),
            // Scheduled, and wanted now.
            (Some(AHEAD), None, NOW),
            (Some(PAST), Some(Some(AHEAD)), AHEAD),
            (Some(AHEAD), Some(Some(PAST)), PAST),
            (Some(PAST), Some(None), NOW),
        ] {
            let outcome = changed(Draft, at, PUBLISHED, named);
            assert_eq!(outcome, Ok((Published, Some(then))), "{at:?} {named:?}");
        }
    }

    #[test]
    fn what_is_scheduled_lies_ahead() {
        use PostStatus::{Draft, Published};
        let scheduled = Some(PostState::Scheduled);
        let ahead = Ok((Published, Some(AHEAD)));
        assert_eq!(changed(Draft, None, scheduled, Some(Some(AHEAD))), ahead);
        assert_eq!(changed(Draft, Some(AHEAD), scheduled, None), ahead);
        for (at, named) in [(None, None), (Some(PAST), None), (None, Some(Some(NOW)))] {
            assert_eq!(changed(Draft, at, scheduled, named), Err(()));
        }
    }

    #[test]
    fn a_draft_keeps_its_time_and_may_have_none() {
        use PostStatus::{Draft, Published};
        assert_eq!(
            changed(Published, Some(PAST), DRAFT, None),
            Ok((Draft, Some(PAST)))
        );
        assert_eq!(
            changed(Draft, Some(PAST), None, Some(None)),
            Ok((Draft, None))
        );
        assert_eq!(changed(Published, Some(PAST), None, Some(None)), Err(()));
    }

    proptest! {
        #[test]
        fn what_is_published_has_a_time(
            status in 0usize..4,
            at in proptest::option::of(0i64..3_000_000_000),
            state in proptest::option::of(0usize..5),
            named in proptest::option::of(proptest::option::of(0i64..3_000_000_000)),
        ) {
            let status = PostStatus::ALL[status];
            let at = at.or((!matches!(status, PostStatus::Draft)).then_some(1));
            let state = state.map(|state| match PostStatus::ALL.get(state) {
                Some(status) => PostState::Stored(*status),
                None => PostState::Scheduled,
            });
            let time = |at: i64| Timestamp::from_micros(at);
            if let Ok((status, at)) = changed(status, at.map(time), state, named.map(|at| at.map(time))) {
                let public = matches!(status, PostStatus::Published | PostStatus::Unlisted);
                prop_assert!(!public || at.is_some());
            }
        }
    }
}
