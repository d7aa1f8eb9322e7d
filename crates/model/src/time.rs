//! Points in time and the clock that gives them: the only file that knows jiff.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use crate::Invalid;

const MICROS_PER_SECOND: i64 = 1_000_000;
const EPOCH: DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// A point in time, UTC, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `micros` microseconds after 1970 began.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded towards the past.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The same time without what is finer than a millisecond, which is all that v2 shows.
    pub const fn floor_to_millis(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1000))
    }

    /// This time plus `duration`.
    pub fn after(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// This time minus `duration`.
    pub fn before(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros))
    }

    /// How long it is from `earlier` to this time; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Parses an RFC 3339 time with an offset, of the years 1 to 9999.
    pub fn parse_rfc3339(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("must be a time such as 2026-11-23T19:00:00Z");
        let pieces = Pieces::parse(text).map_err(|_| invalid())?;
        let (Some(time), Some(offset), false) = (
            pieces.time(),
            pieces.to_numeric_offset(),
            text.contains('['),
        ) else {
            return Err(invalid());
        };
        // jiff's own timestamps end a day before its calendar: with that, "never" would be refused,
        // which people spell 9999-12-31T23:59:59Z.
        let local = DateTime::from_parts(pieces.date(), time);
        let offset = SignedDuration::from_secs(offset.seconds().into());
        let utc = local.checked_sub(offset).map_err(|_| invalid())?;
        if !(1..=9999).contains(&utc.year()) {
            return Err(invalid());
        }
        let micros = i64::try_from(utc.duration_since(EPOCH).as_micros());
        micros.map(Self).map_err(|_| invalid())
    }

    /// Parses what SQLAlchemy stores in SQLite: `2026-11-23 19:00:00.123456`, in UTC.
    pub fn parse_sqlalchemy(text: &str) -> Option<Self> {
        let civil: DateTime = text.parse().ok()?;
        let timestamp = Offset::UTC.to_timestamp(civil).ok()?;
        Some(Self(timestamp.as_microsecond()))
    }

    /// Appends the form of v1: `2026-11-23T19:00:00.123456`, no zone letter.
    pub fn push_v1(self, out: &mut Vec<u8>) {
        self.push_seconds(out);
        out.push(b'.');
        push_digits(out, self.0.rem_euclid(MICROS_PER_SECOND), 6);
    }

    /// Appends the form of v2: RFC 3339 with milliseconds, `2026-11-23T19:00:00.123Z`.
    pub fn push_rfc3339(self, out: &mut Vec<u8>) {
        self.push_seconds(out);
        out.push(b'.');
        push_digits(out, self.0.rem_euclid(MICROS_PER_SECOND) / 1000, 3);
        out.push(b'Z');
    }

    fn push_seconds(self, out: &mut Vec<u8>) {
        let seconds = self.as_seconds();
        let civil = jiff::Timestamp::from_second(seconds).map_or_else(
            |_| EPOCH.saturating_add(SignedDuration::from_secs(seconds)),
            |time| Offset::UTC.to_datetime(time),
        );
        push_digits(out, civil.year().into(), 4);
        for (separator, part) in [
            (b'-', civil.month()),
            (b'-', civil.day()),
            (b'T', civil.hour()),
            (b':', civil.minute()),
            (b':', civil.second()),
        ] {
            out.push(separator);
            push_digits(out, part.into(), 2);
        }
    }
}

fn push_digits(out: &mut Vec<u8>, number: i64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut rest = number.max(0);
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(24);
        self.push_rfc3339(&mut bytes);
        f.write_str(&String::from_utf8_lossy(&bytes))
    }
}

/// Where the time comes from: the system, or the hand of a test.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until somebody moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.as_micros()))))
    }

    /// What time it is.
    #[expect(clippy::disallowed_methods, reason = "the clock itself")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp(jiff::Timestamp::now().as_microsecond()),
            Source::Manual(micros) => Timestamp(micros.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; the system's cannot be moved.
    pub fn advance(&self, duration: Duration) {
        if let Source::Manual(micros) = &self.0 {
            micros.fetch_add(micros_of(duration), Ordering::SeqCst);
        }
    }

    /// Moves a manual clock back, as whoever sets a clock may.
    pub fn turn_back(&self, duration: Duration) {
        if let Source::Manual(micros) = &self.0 {
            micros.fetch_sub(micros_of(duration), Ordering::SeqCst);
        }
    }
}

fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1(time: Timestamp) -> String {
        let mut out = Vec::new();
        time.push_v1(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_version_shows_its_own_form() {
        let time = Timestamp::parse_rfc3339("2026-11-23T20:00:00.123456+01:00").unwrap();

        assert_eq!(v1(time), "2026-11-23T19:00:00.123456");
        assert_eq!(time.to_string(), "2026-11-23T19:00:00.123Z");
    }

    #[test]
    fn a_time_before_1970_is_shown_right() {
        let time = Timestamp::parse_sqlalchemy("1969-12-31 23:59:59.000001").unwrap();

        assert_eq!(v1(time), "1969-12-31T23:59:59.000001");
        assert_eq!(time.as_seconds(), -1);
    }

    #[test]
    fn years_beyond_the_calendar_are_refused() {
        for text in [
            "0000-01-01T00:00:00Z",
            "+275760-09-13T00:00:00Z",
            "2026-11-23",
            "9999-12-31T23:59:59-00:01",
            "0001-01-01T00:00:00+00:01",
            "2026-11-23T19:00:00Z[UTC]",
            "2026-11-23T19:00:00",
            "now",
            "",
        ] {
            assert!(Timestamp::parse_rfc3339(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_and_the_last_second_of_the_calendar_are_times() {
        for text in ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            let time = Timestamp::parse_rfc3339(text).unwrap();
            assert_eq!(time.to_string(), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_understood(micros in -62_135_596_800_000_000i64..253_402_300_800_000_000) {
            let time = Timestamp::from_micros(micros).floor_to_millis();
            proptest::prop_assert_eq!(Timestamp::parse_rfc3339(&time.to_string()).unwrap(), time);
        }
    }
}
