//! Filters of v1's lists, which never refuse: what they do not understand they ignore.

use model::UserId;

use crate::query::Query;

/// Whose rows a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfUser {
    Everybody,
    Only(UserId),
    /// A number that is nobody's.
    Nobody,
}

/// `?user_id=`: an integer as Python reads one, but for underscores; zero is no filter.
pub(super) fn of_user(query: &Query) -> OfUser {
    match query.first("user_id").map(number) {
        None | Some(Number::None | Number::Is(0)) => OfUser::Everybody,
        Some(Number::Is(id)) if id > 0 => OfUser::Only(UserId(id)),
        Some(Number::Is(_) | Number::TooLarge) => OfUser::Nobody,
    }
}

/// `?completed=`: `true` in any case is true, any other value false.
pub(super) fn completed(query: &Query) -> Option<bool> {
    query
        .first("completed")
        .map(|value| value.eq_ignore_ascii_case("true"))
}

/// `?limit=` and `?after=`: where a list begins, and how many rows it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) after: i64,
    pub(super) limit: u64,
}

impl Bounds {
    pub(super) fn of(query: &Query) -> Self {
        let after = match query.first("after").map(number) {
            Some(Number::Is(id)) if id > 0 => id,
            Some(Number::TooLarge) => i64::MAX,
            _ => 0,
        };
        let limit = match query.first("limit").map(number) {
            Some(Number::Is(limit)) if limit > 0 => limit.unsigned_abs(),
            _ => u64::MAX,
        };
        Self { after, limit }
    }
}

enum Number {
    None,
    Is(i64),
    /// Above 64 bits, or below.
    TooLarge,
}

fn number(text: &str) -> Number {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Number::None;
    }
    match text.parse() {
        Ok(number) => Number::Is(number),
        // A negative one is as little a limit as -1, but its list is as empty as that of -1.
        Err(_) if text.starts_with('-') => Number::Is(i64::MIN),
        Err(_) => Number::TooLarge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_does() {
        for (text, wanted) in [("2", 2), (" 2", 2), ("+2\t", 2), ("-1", -1), ("01", 1)] {
            assert!(
                matches!(number(text), Number::Is(found) if found == wanted),
                "{text}"
            );
        }
        for text in ["", " ", "abc", "1_0", "1.5", "+", "--1", "+-1", "0x1"] {
            assert!(matches!(number(text), Number::None), "{text}");
        }
        assert!(matches!(number("99999999999999999999"), Number::TooLarge));
        assert!(matches!(
            number("-99999999999999999999"),
            Number::Is(i64::MIN)
        ));
    }
}
