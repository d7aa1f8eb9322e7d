//! What must hold for any source; asked of random ones by the tests, and by the target in `fuzz`.

use crate::allow::Kind;
use crate::sanitise::sanitise;
use crate::{SearchQuery, comment, post, search_words, slug, snippet, tag_key, title_key};

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

/// Whatever is looked for in whatever text: databases get plain words alone, and a snippet has no
/// markup but marks.
pub fn search_query(query: &str, text: &str) {
    let parsed = SearchQuery::parse(query);
    let is_plain = |text: &str, known: &str| {
        let mut characters = text.chars();
        characters.all(|character| character.is_ascii_alphanumeric() || known.contains(character))
    };
    assert!(is_plain(&parsed.fts5(), "_\"* ()"));
    assert!(is_plain(&parsed.tsquery(), "_&!<->:* ()"));
    assert!(is_plain(&search_words(text, query, &[]), "_ "));
    let shown = snippet(text, &parsed);
    let bare = shown.replace("<mark>", "").replace("</mark>", "");
    assert!(!bare.contains(['<', '>', '"']));
    parsed.score(text, &[]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_source_is_rendered_or_refused(source in any::<String>()) {
            super::markdown(&source);
        }

        #[test]
        fn anything_may_be_looked_for(query in any::<String>(), text in any::<String>()) {
            super::search_query(&query, &text);
        }
    }
}
