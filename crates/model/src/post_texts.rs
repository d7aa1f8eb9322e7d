//! What a post may carry besides its title and its text, with limits: each type can only be built
//! by parsing.

use crate::Invalid;
use crate::text::text;

text! {
    /// A name in URLs: 1 to 100 of `a-z`, `0-9` and single hyphens between them.
    Slug, |text| {
        let well_formed = text.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if !well_formed || text.len() > Slug::MAX_BYTES {
            return Err(Invalid::new(format!(
                "must have 1 to {} of a-z, 0-9 and single hyphens between them", Slug::MAX_BYTES
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// What a post is found by: 1 to 50 characters, blanks around it cut.
    Tag, |text| {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > Tag::MAX_CHARS || text.chars().any(char::is_control) {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters, no control characters, and not only blanks", Tag::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// The series that a post is a part of: 1 to 100 characters, blanks around it cut.
    Series, |text| {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > Series::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", Series::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// A few words about a post, as plain text: 1 to 500 characters, not only blanks.
    Excerpt, |text| {
        if text.trim().is_empty() || text.chars().count() > Excerpt::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", Excerpt::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// What a picture shows, in words: up to 500 characters.
    CoverAlt, |text| {
        if text.chars().count() > CoverAlt::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have at most {} characters", CoverAlt::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// Where a text stood first: an `https` or `http` URL of up to 2,048 visible ASCII characters.
    CanonicalUrl, |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let has_host = rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric()));
        let harmless = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if !has_host || text.len() > CanonicalUrl::MAX_BYTES || !text.bytes().all(harmless) {
            return Err(Invalid::new(format!(
                "must be a URL that begins with https:// or http:// and has at most {} characters",
                CanonicalUrl::MAX_BYTES
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// A language tag of up to 35 characters, such as `en` or `zh-Hant` (BCP 47, RFC 5646).
    Language, |text| {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let is_primary = (2..=8).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_primary || !parts.all(is_part) || text.len() > Language::MAX_BYTES {
            return Err(Invalid::new("must be a language tag such as en or zh-Hant"));
        }
        Ok(text.to_owned())
    }
}

impl Slug {
    /// The most bytes of a slug that somebody chooses.
    pub const MAX_BYTES: usize = 100;
}

impl Tag {
    /// The most characters of a tag.
    pub const MAX_CHARS: usize = 50;
}

impl Series {
    /// The most characters that the name of a series may have.
    pub const MAX_CHARS: usize = 100;
}

impl Excerpt {
    /// The most characters of an excerpt.
    pub const MAX_CHARS: usize = 500;
}

impl CoverAlt {
    /// The most characters that describe a picture.
    pub const MAX_CHARS: usize = 500;
}

impl CanonicalUrl {
    /// The most bytes of such a URL.
    pub const MAX_BYTES: usize = 2048;
}

impl Language {
    /// The most bytes of a language tag.
    pub const MAX_BYTES: usize = 35;
}

/// The picture above a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Where it is.
    pub url: String,
    /// What it shows, in words.
    pub alt: String,
}

/// What to change of a cover: what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct CoverPatch {
    /// Another picture.
    pub url: Option<CanonicalUrl>,
    /// Other words for it; null or none: no words.
    pub alt: Option<CoverAlt>,
}

impl CoverPatch {
    /// The cover that `before` becomes.
    ///
    /// # Errors
    /// When there is no picture yet, and none is named.
    pub fn applied(&self, before: Option<&Cover>) -> Result<Cover, Invalid> {
        let url = self.url.as_ref().map(CanonicalUrl::as_str);
        let url = url.or(before.map(|cover| cover.url.as_str()));
        let alt = self.alt.as_ref().map(CoverAlt::as_str);
        let alt = alt.or(before.map(|cover| cover.alt.as_str()));
        Ok(Cover {
            url: url
                .ok_or_else(|| Invalid::new("must have a url"))?
                .to_owned(),
            alt: alt.unwrap_or_default().to_owned(),
        })
    }
}

/// The tags of a post: at most 20.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<String>);

impl Tags {
    /// The most tags of a post.
    pub const MOST: usize = 20;

    /// Takes tags as they were typed.
    ///
    /// # Errors
    /// When there are more than [`Self::MOST`].
    pub fn of(tags: Vec<Tag>) -> Result<Self, Invalid> {
        if tags.len() > Self::MOST {
            return Err(Invalid::new(format!("must be at most {} tags", Self::MOST)));
        }
        Ok(Self(tags.into_iter().map(Tag::into_string).collect()))
    }

    /// The tags themselves, given away.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_is_plain() {
        for slug in ["a", "my-post-2", "2026", &"a".repeat(100)] {
            assert!(Slug::parse(slug).is_ok(), "{slug}");
        }
        let long = "a".repeat(101);
        for slug in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "A",
            "a b",
            "\u{1f980}",
            "caf\u{e9}",
            "a/b",
            "..",
            &long,
        ] {
            assert!(Slug::parse(slug).is_err(), "{slug}");
        }
    }

    #[test]
    fn a_language_is_a_tag() {
        for language in ["en", "zh-Hant", "de-CH-1996", "sr-Latn-RS"] {
            assert!(Language::parse(language).is_ok(), "{language}");
        }
        for language in ["", "e", "english language", "en_US", "12", "en-", "-en"] {
            assert!(Language::parse(language).is_err(), "{language}");
        }
    }

    #[test]
    fn nobody_needs_ten_thousand_tags() {
        let tags = |count: usize| {
            let tags = (0..count).map(|number| Tag::parse(&format!("t{number}")).unwrap());
            Tags::of(tags.collect())
        };
        assert!(tags(20).is_ok());
        assert!(tags(21).is_err());
        assert!(tags(10_000).is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in ".{0,60}") {
            drop((Slug::parse(&text), Tag::parse(&text), Series::parse(&text)));
            drop((Excerpt::parse(&text), Language::parse(&text), CanonicalUrl::parse(&text)));
        }
    }
}
