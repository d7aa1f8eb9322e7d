//! The one way to write an event or a seal as bytes: no two of them are written alike.

use model::{AuditEvent, AuditSeal};

/// What the code of an event is made over.
pub(super) fn of_event(event: &AuditEvent) -> Vec<u8> {
    // Whoever adds a column to the log begins another encoding, with another first byte.
    let mut out = vec![1];
    push_int(&mut out, event.id);
    push_int(&mut out, event.at.as_micros());
    push_bytes(&mut out, event.kind.as_bytes());
    push_bytes(&mut out, event.actor.as_bytes());
    push_option(&mut out, event.actor_id, push_int);
    push_option(&mut out, event.user_id, push_int);
    for text in [&event.subject, &event.subject_id] {
        push_option(&mut out, text.as_deref().map(str::as_bytes), push_bytes);
    }
    push_bytes(&mut out, event.details.as_bytes());
    out
}

/// What the code of a seal is made over: its own code is left out, the one before and those of its
/// events stand in it.
pub(super) fn of_seal<'a>(
    seal: &AuditSeal,
    before: &[u8],
    events: impl Iterator<Item = &'a [u8]>,
) -> Vec<u8> {
    let mut out = vec![2];
    push_bytes(&mut out, before);
    push_int(&mut out, seal.number);
    push_int(&mut out, seal.at.as_micros());
    push_bytes(&mut out, &seal.key_id);
    push_int(&mut out, seal.events);
    for mac in events {
        push_bytes(&mut out, mac);
    }
    out
}

fn push_int(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(&number.to_be_bytes());
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn push_option<T>(out: &mut Vec<u8>, value: Option<T>, push: fn(&mut Vec<u8>, T)) {
    out.push(value.is_some().into());
    if let Some(value) = value {
        push(out, value);
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use proptest::prelude::*;

    use super::*;

    /// Texts that run into each other when they are not told apart.
    fn text() -> impl Strategy<Value = String> {
        "[ab\u{0}\u{1}]{0,3}"
    }

    fn event() -> impl Strategy<Value = AuditEvent> {
        let numbers = (
            0i64..3,
            0i64..3,
            any::<Option<bool>>(),
            any::<Option<bool>>(),
        );
        let options = (proptest::option::of(text()), proptest::option::of(text()));
        (numbers, text(), text(), options, text()).prop_map(
            |((id, at, actor_id, user_id), kind, actor, (subject, subject_id), details)| {
                AuditEvent {
                    id,
                    at: Timestamp::from_micros(at),
                    kind,
                    actor,
                    actor_id: actor_id.map(i64::from),
                    user_id: user_id.map(i64::from),
                    subject,
                    subject_id,
                    details,
                }
            },
        )
    }

    fn seal() -> impl Strategy<Value = (AuditSeal, Vec<u8>, Vec<Vec<u8>>)> {
        let bytes = || proptest::collection::vec(0u8..2, 0..3);
        let numbers = (0i64..3, 0i64..3, 0i64..3);
        let events = proptest::collection::vec(bytes(), 0..3);
        (numbers, bytes(), bytes(), events).prop_map(
            |((number, at, count), key_id, before, events)| {
                let seal = AuditSeal {
                    number,
                    at: Timestamp::from_micros(at),
                    key_id,
                    events: count,
                    mac: Vec::new(),
                };
                (seal, before, events)
            },
        )
    }

    proptest! {
        #[test]
        fn two_events_are_written_alike_only_if_they_are(one in event(), other in event()) {
            prop_assert_eq!(one == other, of_event(&one) == of_event(&other));
        }

        #[test]
        fn a_text_moved_to_its_neighbour_is_another_event(one in event(), at in 0usize..4) {
            let mut moved = one.clone();
            let whole = format!("{}{}", one.kind, one.actor);
            prop_assume!(whole.is_ascii() && at <= whole.len());
            moved.kind = whole[..at].to_owned();
            moved.actor = whole[at..].to_owned();

            prop_assert_eq!(one == moved, of_event(&one) == of_event(&moved));
        }

        #[test]
        fn two_seals_are_written_alike_only_if_they_are(one in seal(), other in seal()) {
            let written = |(seal, before, events): &(AuditSeal, Vec<u8>, Vec<Vec<u8>>)| {
                of_seal(seal, before, events.iter().map(Vec::as_slice))
            };

            prop_assert_eq!(one == other, written(&one) == written(&other));
        }

        #[test]
        fn a_seal_is_never_written_like_an_event(event in event(), seal in seal()) {
            let (seal, before, events) = seal;
            let written = of_seal(&seal, &before, events.iter().map(Vec::as_slice));

            prop_assert_ne!(of_event(&event), written);
        }
    }
}
