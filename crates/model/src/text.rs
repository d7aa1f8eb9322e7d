//! Texts with their limits: each type can only be built by parsing.

use crate::{Invalid, Secret};

/// What is wrong with a text that holds one: PostgreSQL stores none, and C ends at it.
pub(crate) const NUL: &str = "must not hold a NUL character";

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Checks `text` against the limits of this type.
            ///
            /// # Errors
            /// Says which limit was broken.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                if text.contains('\0') {
                    return Err(Invalid::new($crate::text::NUL));
                }
                let check: fn(&str) -> Result<String, Invalid> = $parse;
                check(text).map(Self)
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text itself, given away.
            pub fn into_string(self) -> String {
                self.0
            }
        }
    };
}

pub(crate) use text;

text! {
    /// A title: 1 to 255 characters, not only blanks, otherwise as typed.
    Title, |text| {
        if text.trim().is_empty() || text.chars().count() > Title::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", Title::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// A post's source: up to 1 MiB of UTF-8, kept byte for byte, empty allowed.
    Content, |text| {
        if text.len() > Content::MAX_BYTES {
            return Err(Invalid::new(format!("must have at most {} bytes", Content::MAX_BYTES)));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// What a comment says: 1 to 10,000 characters of Markdown, not only blanks, otherwise as typed.
    CommentContent, |text| {
        if text.trim().is_empty() || text.chars().count() > CommentContent::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", CommentContent::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// What a todo is about: up to 10,000 characters.
    Description, |text| {
        if text.chars().count() > Description::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have at most {} characters", Description::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// What a post is filed under: 1 to 50 characters, blanks around it cut.
    Category, |text| {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > Category::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", Category::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// The name to show instead of a username: 1 to 100 characters, blanks around it cut.
    DisplayName, |text| {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > DisplayName::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", DisplayName::MAX_CHARS
            )));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("must not hold control characters"));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// A few words about a user: up to 2,000 characters.
    Bio, |text| {
        if text.chars().count() > Bio::MAX_CHARS {
            return Err(Invalid::new(format!("must have at most {} characters", Bio::MAX_CHARS)));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// Where a picture is: an `https` URL of up to 2,048 visible ASCII characters.
    AvatarUrl, |text| {
        let rest = text.strip_prefix("https://").unwrap_or_default();
        let has_host = rest.starts_with(|first: char| first.is_ascii_alphanumeric());
        let harmless = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if !has_host || text.len() > AvatarUrl::MAX_BYTES || !text.bytes().all(harmless) {
            return Err(Invalid::new(format!(
                "must be a URL that begins with https:// and has at most {} characters",
                AvatarUrl::MAX_BYTES
            )));
        }
        Ok(text.to_owned())
    }
}

text! {
    /// What a personal access token is for: 1 to 100 characters, blanks around it cut.
    TokenName, |text| {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > TokenName::MAX_CHARS {
            return Err(Invalid::new(format!(
                "must have 1 to {} characters and not only blanks", TokenName::MAX_CHARS
            )));
        }
        Ok(text.to_owned())
    }
}

impl TokenName {
    /// The most characters that the name of a token may have.
    pub const MAX_CHARS: usize = 100;
}

impl DisplayName {
    /// The most characters that a display name may have.
    pub const MAX_CHARS: usize = 100;
}

impl Bio {
    /// The most characters that a bio may have.
    pub const MAX_CHARS: usize = 2000;
}

impl AvatarUrl {
    /// The most bytes that the URL of a picture may have.
    pub const MAX_BYTES: usize = 2048;
}

impl Title {
    /// The most characters that a title may have.
    pub const MAX_CHARS: usize = 255;
}

impl Content {
    /// The most bytes that a post's source may have.
    pub const MAX_BYTES: usize = 1024 * 1024;
}

impl CommentContent {
    /// The most characters that a comment may have.
    pub const MAX_CHARS: usize = 10_000;
}

impl Description {
    /// The most characters that a description may have.
    pub const MAX_CHARS: usize = 10_000;
}

impl Category {
    /// The most characters that a category may have.
    pub const MAX_CHARS: usize = 50;
}

impl Default for Category {
    /// What a post is filed under when nobody says.
    fn default() -> Self {
        Self("general".to_owned())
    }
}

/// A password as it was typed: 1 to 1,024 bytes without NUL, compared whole, never printed.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// The most bytes that a password may have.
    pub const MAX_BYTES: usize = 1024;

    /// Checks the length. Whether the password is a good one is the domain's question.
    ///
    /// # Errors
    /// Empty or over-long passwords, and those that hold a NUL as no text may.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains('\0') {
            return Err(Invalid::new(NUL));
        }
        if text.is_empty() || text.len() > Self::MAX_BYTES {
            return Err(Invalid::new(format!(
                "must have 1 to {} bytes",
                Self::MAX_BYTES
            )));
        }
        Ok(Self(Secret::new(text.to_owned())))
    }

    /// The password itself; whoever asks must not print or keep it.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_what_they_say() {
        assert!(Title::parse(&"é".repeat(255)).is_ok());
        assert!(Title::parse(&"é".repeat(256)).is_err());
        assert!(Content::parse(&"é".repeat(Content::MAX_BYTES / 2)).is_ok());
        assert!(Content::parse(&"é".repeat(Content::MAX_BYTES / 2 + 1)).is_err());
        assert!(Description::parse(&"é".repeat(10_001)).is_err());
        assert!(Password::parse(&"é".repeat(512)).is_ok());
        assert!(Password::parse(&"é".repeat(513)).is_err());
    }

    #[test]
    fn blanks_and_nul_are_no_text() {
        assert!(Title::parse(" \u{3000}\t").is_err());
        assert!(Category::parse("  ").is_err());
        assert!(Title::parse("a\0").is_err());
        assert!(Content::parse("a\0").is_err());
        assert!(Password::parse("a\0b").is_err());
        assert!(Content::parse("").is_ok());
    }

    #[test]
    fn a_picture_comes_over_https_and_brings_no_markup() {
        for url in ["https://a.example/x.png", "https://1.example/?a=b&c#d"] {
            assert!(AvatarUrl::parse(url).is_ok(), "{url}");
        }
        let long = format!("https://a.example/{}", "a".repeat(2048));
        for url in [
            "http://a.example/",
            "HTTPS://a.example/",
            "https://",
            "https:///x",
            "javascript:alert(1)",
            "https://a.example/\"onload=\"x",
            "https://a.example/ x",
            "https://a.example/\n",
            "https://\u{e4}.example/",
            long.as_str(),
        ] {
            assert!(AvatarUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn only_a_category_loses_the_blanks_around_it() {
        assert_eq!(Category::parse(" tech ").unwrap().as_str(), "tech");
        assert_eq!(Title::parse(" Hi ").unwrap().as_str(), " Hi ");
    }
}
