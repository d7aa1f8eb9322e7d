//! Pages of a list.

use crate::{Cursor, Invalid};

/// How many rows a page may have: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageLimit(u32);

impl PageLimit {
    /// The most rows of a page.
    pub const MAX: u32 = 100;

    /// As many rows as a page may have.
    pub const MOST: Self = Self(Self::MAX);

    /// As many as are recent.
    pub const RECENT: Self = Self(5);

    /// Reads a limit as it stands in a query.
    ///
    /// # Errors
    /// `limit_too_large` over [`Self::MAX`], `invalid_query` for what is no positive integer.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let digits = text.trim_start_matches('0');
        if !all_digits || digits.is_empty() {
            let message = format!("must be an integer from 1 to {}", Self::MAX);
            return Err(Invalid {
                code: "invalid_query",
                message,
            });
        }
        match digits.parse() {
            Ok(limit) if limit <= Self::MAX => Ok(Self(limit)),
            _ => Err(Invalid {
                code: "limit_too_large",
                message: format!("must be at most {}", Self::MAX),
            }),
        }
    }

    /// The number itself.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(20)
    }
}

/// Some rows of a list, and where the next ones begin.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, unless this was the last.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page of a list that has no rows.
    pub const fn empty() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
        }
    }

    /// Makes a page of rows that were asked for with one more than `limit`.
    pub fn cut(mut rows: Vec<T>, limit: PageLimit, place: impl Fn(&T) -> Cursor) -> Self {
        let full = rows.len() > limit.get() as usize;
        rows.truncate(limit.get() as usize);
        let next = if full { rows.last().map(place) } else { None };
        Self { rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_never_capped_in_silence() {
        assert_eq!(PageLimit::parse("100").unwrap().get(), 100);
        assert_eq!(PageLimit::parse("101").unwrap_err().code, "limit_too_large");
        assert_eq!(
            PageLimit::parse("99999999999999999999").unwrap_err().code,
            "limit_too_large"
        );
        for text in ["0", "", "-1", "abc", "1e9", "+5", " 5"] {
            assert_eq!(
                PageLimit::parse(text).unwrap_err().code,
                "invalid_query",
                "{text}"
            );
        }
    }
}
