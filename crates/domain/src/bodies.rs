//! Finished bodies of public reads, kept in memory, never older than the last acknowledged write.
//!
//! Nothing is ever taken out when something changes. Every body carries the epoch that it was
//! read in, and a change begins a new epoch: what is older does not count any more, and gives
//! way when room is needed. A reader takes the epoch before it reads; if a write comes between
//! its reading and its filling in, the body that it fills in is old already.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use model::PostId;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Posts share epochs: a change of one lets bodies of a few others go as well.
const POST_EPOCHS: usize = 4096;
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

/// The epoch in which somebody began to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

#[derive(Clone)]
struct Kept {
    body: Body,
    epoch: Epoch,
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

pub(crate) struct Bodies {
    kept: Option<Cache<BodyKey, Kept, Weight>>,
    of_post: Vec<AtomicU64>,
    of_lists: AtomicU64,
    of_all: AtomicU64,
}

impl Bodies {
    /// Keeps at most `bytes` bytes, and nothing if that is zero.
    pub(crate) fn new(bytes: u64) -> Self {
        let items = usize::try_from(bytes / 2048).unwrap_or(usize::MAX).max(16);
        Self {
            kept: (bytes > 0).then(|| Cache::with_weighter(items, bytes, Weight)),
            of_post: (0..POST_EPOCHS).map(|_| AtomicU64::new(0)).collect(),
            of_lists: AtomicU64::new(0),
            of_all: AtomicU64::new(0),
        }
    }

    /// The epoch to remember before reading what `key` shows.
    pub(crate) fn epoch(&self, key: &BodyKey) -> Epoch {
        let own = match key {
            BodyKey::Post(_, id) => self.post_epoch(*id),
            BodyKey::Posts(..) => &self.of_lists,
        };
        // Both only grow, so that their sum is the same only if neither has changed.
        Epoch(own.load(Ordering::SeqCst) + self.of_all.load(Ordering::SeqCst))
    }

    pub(crate) fn get(&self, key: &BodyKey) -> Option<Body> {
        let kept = self.kept.as_ref()?.get(key)?;
        (kept.epoch == self.epoch(key)).then_some(kept.body)
    }

    pub(crate) fn fill(&self, key: BodyKey, read_in: Epoch, body: &Body) {
        if let Some(kept) = &self.kept
            && read_in == self.epoch(&key)
        {
            // Copied, because what a writer has let grow holds room for up to twice as much.
            let body = Body {
                bytes: Bytes::copy_from_slice(&body.bytes),
                ..body.clone()
            };
            let epoch = read_in;
            kept.insert(key, Kept { body, epoch });
        }
    }

    /// A post was changed or taken away.
    pub(crate) fn post_changed(&self, id: PostId) {
        self.post_epoch(id).fetch_add(1, Ordering::SeqCst);
        self.posts_changed();
    }

    /// A post was added.
    pub(crate) fn posts_changed(&self) {
        self.of_lists.fetch_add(1, Ordering::SeqCst);
    }

    /// Anything may have changed.
    pub(crate) fn all_changed(&self) {
        self.of_all.fetch_add(1, Ordering::SeqCst);
    }

    /// How many bytes are kept.
    pub(crate) fn bytes(&self) -> u64 {
        self.kept.as_ref().map_or(0, Cache::weight)
    }

    fn post_epoch(&self, id: PostId) -> &AtomicU64 {
        let place = id.0.rem_euclid(POST_EPOCHS as i64);
        &self.of_post[usize::try_from(place).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: BodyKey = BodyKey::Post(Form::V1, PostId(1));

    fn body(text: &'static str) -> Body {
        let bytes = Bytes::from_static(text.as_bytes());
        Body {
            bytes,
            tag: Bytes::new(),
            link: Bytes::new(),
        }
    }

    fn shown(bodies: &Bodies) -> Option<Bytes> {
        bodies.get(&KEY).map(|body| body.bytes)
    }

    #[test]
    fn a_body_is_kept_until_its_post_changes() {
        let bodies = Bodies::new(1 << 20);
        bodies.fill(KEY, bodies.epoch(&KEY), &body("old"));
        assert_eq!(shown(&bodies).as_deref(), Some(&b"old"[..]));

        bodies.post_changed(PostId(2));
        assert!(shown(&bodies).is_some());

        bodies.post_changed(PostId(1));
        assert!(shown(&bodies).is_none());
    }

    #[test]
    fn a_slow_reader_never_puts_an_old_body_back() {
        let bodies = Bodies::new(1 << 20);
        let began = bodies.epoch(&KEY);

        bodies.post_changed(PostId(1));
        bodies.fill(KEY, began, &body("old"));

        assert!(shown(&bodies).is_none());
    }

    #[test]
    fn a_list_goes_with_any_of_its_posts() {
        let bodies = Bodies::new(1 << 20);
        let list = BodyKey::Posts(Form::V2, String::new());
        bodies.fill(list.clone(), bodies.epoch(&list), &body("page"));

        bodies.post_changed(PostId(9));

        assert!(bodies.get(&list).is_none());
    }

    #[test]
    fn no_more_is_kept_than_allowed() {
        let bodies = Bodies::new(10_000);
        for number in 0..1000 {
            let key = BodyKey::Post(Form::V1, PostId(number));
            bodies.fill(key.clone(), bodies.epoch(&key), &body("0123456789"));
        }

        assert!(bodies.bytes() <= 10_000, "{}", bodies.bytes());
        assert!(bodies.bytes() > 1_000);
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        let bodies = Bodies::new(0);
        bodies.fill(KEY, bodies.epoch(&KEY), &body("x"));

        assert!(shown(&bodies).is_none());
    }
}
