//! A number for every request, in every answer and log line.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;

/// Sixteen hexadecimal digits, different for every request of every run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId(u64);

/// Gives out request ids.
#[derive(Debug)]
pub(crate) struct RequestIds(AtomicU64);

impl RequestIds {
    /// Starts at `seed`, so that two runs do not give the same ids.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn next(&self) -> RequestId {
        // The finaliser of SplitMix64: one to one, so no two of a run are equal, and neighbours
        // do not look alike.
        let mut id = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        id = (id ^ (id >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        RequestId(id ^ (id >> 31))
    }
}

impl RequestId {
    pub(crate) fn digits(self) -> [u8; 16] {
        let mut digits = [0; 16];
        for (place, digit) in digits.iter_mut().enumerate() {
            let nibble = (self.0 >> (60 - place * 4)) & 0xf;
            *digit = b"0123456789abcdef"[usize::try_from(nibble).unwrap_or_default()];
        }
        digits
    }

    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.digits()).unwrap_or(HeaderValue::from_static("0"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.digits()).unwrap_or_default())
    }
}
