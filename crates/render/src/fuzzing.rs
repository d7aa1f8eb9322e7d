//! What must hold for any source; asked of random ones by the tests, and by the target in `fuzz`.

use crate::allow::Kind;
use crate::sanitise::sanitise;
use crate::{comment, post, slug, tag_key, title_key};

/// Whatever is typed, it is rendered or refused, and to sanitise the outcome again changes nothing.
pub fn markdown(source: &str) {
    if let Ok(post) = post(source) {
        assert_eq!(sanitise(&post.html, Kind::Post), post.html);
        assert!(post.excerpt.chars().count() <= 201);
        assert!(!post.excerpt.contains('\n'));
    }
    if let Ok(html) = comment(source) {
        assert_eq!(sanitise(&html, Kind::Comment), html);
    }
    let made = slug(source);
    assert!((1..=80).contains(&made.len()));
    assert_eq!(slug(&made), made);
    assert!(!made.starts_with('-') && !made.ends_with('-') && !made.contains("--"));
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    assert!(made.bytes().all(is_part));
    assert_eq!(tag_key(&tag_key(source)), tag_key(source));
    assert_eq!(title_key(&title_key(source)), title_key(source));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_source_is_rendered_or_refused(source in any::<String>()) {
            super::markdown(&source);
        }
    }
}
