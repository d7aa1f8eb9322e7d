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

    fn seal() -> impl Strategy<Value = Seal> {
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

    /// The one with some fields of the other, so that most pairs differ in a single field.
    fn mixed(one: &AuditEvent, other: &AuditEvent, fields: u16) -> AuditEvent {
        let theirs = |field: u16| fields & (1 << field) != 0;
        let mut mixed = one.clone();
        let fields: [fn(&mut AuditEvent, &AuditEvent); 9] = [
            |mixed, other| mixed.id = other.id,
            |mixed, other| mixed.at = other.at,
            |mixed, other| mixed.kind.clone_from(&other.kind),
            |mixed, other| mixed.actor.clone_from(&other.actor),
            |mixed, other| mixed.actor_id = other.actor_id,
            |mixed, other| mixed.user_id = other.user_id,
            |mixed, other| mixed.subject.clone_from(&other.subject),
            |mixed, other| mixed.subject_id.clone_from(&other.subject_id),
            |mixed, other| mixed.details.clone_from(&other.details),
        ];
        for (field, take) in (0..).zip(fields) {
            if theirs(field) {
                take(&mut mixed, other);
            }
        }
        mixed
    }

    type Seal = (AuditSeal, Vec<u8>, Vec<Vec<u8>>);

    fn mixed_seals(one: &Seal, other: &Seal, field: u8) -> Seal {
        let mut mixed = one.clone();
        match field {
            0 => mixed.0.number = other.0.number,
            1 => mixed.0.at = other.0.at,
            2 => mixed.0.key_id.clone_from(&other.0.key_id),
            3 => mixed.0.events = other.0.events,
            4 => mixed.1.clone_from(&other.1),
            _ => mixed.2.clone_from(&other.2),
        }
        mixed
    }

    fn written((seal, before, events): &Seal) -> Vec<u8> {
        of_seal(seal, before, events.iter().map(Vec::as_slice))
    }

    proptest! {
        #[test]
        fn two_events_are_written_alike_only_if_they_are(
            one in event(),
            other in event(),
            fields in prop_oneof![(0u16..9).prop_map(|field| 1 << field), any::<u16>()],
        ) {
            let other = mixed(&one, &other, fields);

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
        fn two_seals_are_written_alike_only_if_they_are(one in seal(), other in seal(), field in 0u8..6) {
            let mixed = mixed_seals(&one, &other, field);

            prop_assert_eq!(one == mixed, written(&one) == written(&mixed));
            prop_assert_eq!(one == other, written(&one) == written(&other));
        }

        #[test]
        fn a_seal_is_never_written_like_an_event(event in event(), seal in seal()) {
            prop_assert_ne!(of_event(&event), written(&seal));
        }
    }
}
