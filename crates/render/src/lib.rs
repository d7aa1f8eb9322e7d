//! Text to safe HTML, and to the words, slugs and keys by which it is found: pure functions that
//! depend on nothing of ours, and must not.

mod allow;
mod excerpt;
mod fold;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod highlight;
mod keys;
mod markdown;
mod sanitise;
mod search_query;
mod search_words;
mod slug;
mod snippet;
mod tidy;
mod word_count;

pub use keys::{tag_key, title_key};
pub use markdown::{Rendered, TooNested, comment, post};
pub use search_query::SearchQuery;
pub use search_words::search_words;
pub use slug::slug;
pub use snippet::snippet;
