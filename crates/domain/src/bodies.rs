//! Finished bodies of public reads, kept in memory, never older than the last acknowledged write.
//!
//! When something changes nothing is taken out: a body carries the epoch that it was read in
//! ([`store::Epochs`]), and what is older does not count any more, and gives way when room is
//! needed.

use bytes::Bytes;
use model::{PostId, Timestamp};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use store::{Epoch, Epochs};

/// What a body costs beside its bytes.
const OVERHEAD: u64 = 128;

/// Which of the API's versions a body was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `/api/v1`.
    V1,
    /// `/api/v2`.
    V2,
}

/// A body ready to be sent, with its entity tag.
#[derive(Clone, Debug)]
pub struct Body {
    /// The bytes.
    pub bytes: Bytes,
    /// What tells this body from any other of the same resource; may be empty.
    pub tag: Bytes,
    /// Where the next page is; empty for what is no page, or the last.
    pub link: Bytes,
}

/// What a body shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BodyKey {
    Post(Form, PostId),
    /// The first page of a list; the text says which.
    Posts(Form, String),
}

impl BodyKey {
    /// The epoch to remember before reading what this shows.
    pub(crate) fn epoch(&self, epochs: &Epochs) -> Epoch {
        match self {
            Self::Post(_, id) => epochs.of_post(*id),
            Self::Posts(..) => epochs.of_lists(),
        }
    }
}

#[derive(Clone)]
struct Kept {
    body: Body,
    epoch: Epoch,
    /// When it is old by itself: the next post that is scheduled enters its list.
    until: Option<Timestamp>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<BodyKey, Kept> for Weight {
    fn weight(&self, key: &BodyKey, kept: &Kept) -> u64 {
        let key = if let BodyKey::Posts(_, list) = key {
            list.len()
        } else {
            0
        };
        (key + kept.body.bytes.len() + kept.body.tag.len() + kept.body.link.len()) as u64 + OVERHEAD
    }
}

pub(crate) struct Bodies(Option<Cache<BodyKey, Kept, Weight>>);

impl Bodies {
    /// Keeps at most `bytes` bytes, and nothing if that is zero.
    pub(crate) fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / 2048).unwrap_or(usize::MAX).max(16);
        Self((bytes > 0).then(|| Cache::with_weighter(items, bytes, Weight)))
    }

    /// Whether anything is kept at all.
    pub(crate) const fn keeps(&self) -> bool {
        self.0.is_some()
    }

    /// The body, unless it was read before the epoch of now, or its time is over.
    pub(crate) fn get(&self, key: &BodyKey, epochs: &Epochs, now: Timestamp) -> Option<Body> {
        let kept = self.0.as_ref()?.get(key)?;
        let is_fresh =
            kept.epoch == key.epoch(epochs) && kept.until.is_none_or(|until| now < until);
        is_fresh.then_some(kept.body)
    }

    /// Keeps a body; `read_in` is the epoch before reading, `until` when it is old by itself.
    pub(crate) fn keep(&self, key: BodyKey, read_in: Epoch, body: &Body, until: Option<Timestamp>) {
        if let Some(kept) = &self.0 {
            // Copied, because what a writer has let grow holds room for up to twice as much.
            let body = Body {
                bytes: Bytes::copy_from_slice(&body.bytes),
                ..body.clone()
            };
            let epoch = read_in;
            kept.insert(key, Kept { body, epoch, until });
        }
    }

    /// How many bytes are kept.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, Cache::weight)
    }
}

#[cfg(test)]
mod tests {
    use store::Change;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(10);
    const KEY: BodyKey = BodyKey::Post(Form::V1, PostId(1));

    fn body(text: &'static str) -> Body {
        let bytes = Bytes::from_static(text.as_bytes());
        Body {
            bytes,
            tag: Bytes::new(),
            link: Bytes::new(),
        }
    }

    fn shown(bodies: &Bodies, epochs: &Epochs) -> Option<Bytes> {
        bodies.get(&KEY, epochs, NOW).map(|body| body.bytes)
    }

    #[test]
    fn a_body_is_kept_until_its_post_changes() {
        let (bodies, epochs) = (Bodies::new(1 << 20), Epochs::default());
        bodies.keep(KEY, KEY.epoch(&epochs), &body("old"), None);
        assert_eq!(shown(&bodies, &epochs).as_deref(), Some(&b"old"[..]));

        epochs.advance(Change::Post(PostId(2)));
        assert!(shown(&bodies, &epochs).is_some());

        epochs.advance(Change::Post(PostId(1)));
        assert!(shown(&bodies, &epochs).is_none());
    }

    #[test]
    fn a_slow_reader_never_puts_an_old_body_back() {
        let (bodies, epochs) = (Bodies::new(1 << 20), Epochs::default());
        let began = KEY.epoch(&epochs);

        epochs.advance(Change::Post(PostId(1)));
        bodies.keep(KEY, began, &body("old"), None);

        assert!(shown(&bodies, &epochs).is_none());
    }

    #[test]
    fn a_list_goes_with_any_of_its_posts() {
        let (bodies, epochs) = (Bodies::new(1 << 20), Epochs::default());
        let list = BodyKey::Posts(Form::V2, String::new());
        bodies.keep(list.clone(), list.epoch(&epochs), &body("page"), None);

        epochs.advance(Change::Post(PostId(9)));

        assert!(bodies.get(&list, &epochs, NOW).is_none());
    }

    #[test]
    fn a_list_is_old_when_the_next_post_enters_it() {
        let (bodies, epochs) = (Bodies::new(1 << 20), Epochs::default());
        let until = Some(NOW);
        bodies.keep(KEY, KEY.epoch(&epochs), &body("page"), until);

        let before = Timestamp::from_micros(NOW.as_micros() - 1);
        assert!(bodies.get(&KEY, &epochs, before).is_some());
        assert!(bodies.get(&KEY, &epochs, NOW).is_none());
    }

    #[test]
    fn no_more_is_kept_than_allowed() {
        let (bodies, epochs) = (Bodies::new(10_000), Epochs::default());
        for number in 0..1000 {
            let key = BodyKey::Post(Form::V1, PostId(number));
            bodies.keep(key.clone(), key.epoch(&epochs), &body("0123456789"), None);
        }

        assert!(bodies.bytes() <= 10_000, "{}", bodies.bytes());
        assert!(bodies.bytes() > 1_000);
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        let (bodies, epochs) = (Bodies::new(0), Epochs::default());
        bodies.keep(KEY, KEY.epoch(&epochs), &body("x"), None);

        assert!(shown(&bodies, &epochs).is_none());
    }
}
