//! Code in colours: comments, texts, numbers and keywords become `span`s with a class, which a style
//! sheet gives colours. One look at each character: no source takes long.

mod languages;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use comrak::adapters::SyntaxHighlighterAdapter;
use comrak::html::{escape, write_opening_tag};

use self::languages::{LANGUAGES, Language};

/// Colours the code of every language that it knows.
pub(crate) struct Highlighter;

impl SyntaxHighlighterAdapter for Highlighter {
    fn write_highlighted(
        &self,
        out: &mut dyn fmt::Write,
        lang: Option<&str>,
        code: &str,
    ) -> fmt::Result {
        let name = lang.and_then(|lang| lang.split_whitespace().next());
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let known = LANGUAGES
            .iter()
            .find(|it| it.names.contains(&name.as_str()));
        match known {
            Some(language) => write_parts(out, language, code),
            None => escape(out, code),
        }
    }

    fn write_pre_tag(
        &self,
        out: &mut dyn fmt::Write,
        attributes: HashMap<&'static str, Cow<'_, str>>,
    ) -> fmt::Result {
        write_opening_tag(out, "pre", attributes)
    }

    fn write_code_tag(
        &self,
        out: &mut dyn fmt::Write,
        attributes: HashMap<&'static str, Cow<'_, str>>,
    ) -> fmt::Result {
        write_opening_tag(out, "code", attributes)
    }
}

fn write_parts(out: &mut dyn fmt::Write, language: &Language, code: &str) -> fmt::Result {
    let mut rest = code;
    while !rest.is_empty() {
        let (class, length) = part(language, rest);
        let (text, after) = rest.split_at(length);
        match class {
            Some(class) => {
                write!(out, "<span class=\"hl-{class}\">")?;
                escape(out, text)?;
                out.write_str("</span>")?;
            }
            None => escape(out, text)?,
        }
        rest = after;
    }
    Ok(())
}

/// The class of what `code` begins with, if it has one, and how many bytes it takes: one at least.
fn part(language: &Language, code: &str) -> (Option<&'static str>, usize) {
    if language
        .line_comments
        .iter()
        .any(|start| code.starts_with(start))
    {
        return (Some("comment"), code.find('\n').unwrap_or(code.len()));
    }
    if let Some((start, end)) = language.block_comment
        && let Some(inside) = code.strip_prefix(start)
    {
        let length = inside
            .find(end)
            .map_or(code.len(), |at| start.len() + at + end.len());
        return (Some("comment"), length);
    }
    let first = code.chars().next().unwrap_or_default();
    if language.quotes.contains(&first) {
        return (Some("string"), quoted(code, first));
    }
    let belongs = |character: char| character.is_alphanumeric() || character == '_';
    if !belongs(first) {
        return (None, first.len_utf8());
    }
    let length = code
        .find(|character| !belongs(character))
        .unwrap_or(code.len());
    let word = &code[..length];
    let is_keyword = |known: &&str| {
        *known == word || (language.names.contains(&"sql") && known.eq_ignore_ascii_case(word))
    };
    let class = if first.is_ascii_digit() {
        Some("number")
    } else {
        language
            .keywords
            .iter()
            .any(is_keyword)
            .then_some("keyword")
    };
    (class, length)
}

/// How many bytes a text in quotes takes. One that is not closed ends with its line.
fn quoted(code: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in code.char_indices().skip(1) {
        match character {
            '\n' if quote != '`' => return at,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(lang: &str, code: &str) -> String {
        let mut out = String::new();
        Highlighter
            .write_highlighted(&mut out, Some(lang), code)
            .unwrap();
        out.replace("<span class=\"hl-", "[")
            .replace("</span>", "]")
            .replace("\">", " ")
    }

    #[test]
    fn parts_are_told_apart() {
        assert_eq!(
            shown("rust", "let x = \"a \\\" <b>\"; // 1 < 2"),
            "[keyword let] x = [string &quot;a \\&quot; &lt;b&gt;&quot;]; [comment // 1 &lt; 2]"
        );
        assert_eq!(
            shown("py", "return 42 # it"),
            "[keyword return] [number 42] [comment # it]"
        );
        assert_eq!(
            shown("sql", "select 'a' -- b\nx"),
            "[keyword select] [string 'a'] [comment -- b]\nx"
        );
        assert_eq!(
            shown("c", "/* a\nb */int"),
            "[comment /* a\nb */][keyword int]"
        );
        assert_eq!(shown("rust", "returned"), "returned");
        assert_eq!(shown("nothing", "let <x>"), "let &lt;x&gt;");
    }

    #[test]
    fn what_is_not_closed_ends_somewhere() {
        assert_eq!(shown("js", "'a\nlet"), "[string 'a]\n[keyword let]");
        assert_eq!(shown("c", "/* a"), "[comment /* a]");
        assert_eq!(shown("py", "\"\\"), "[string &quot;\\]");
    }

    proptest! {
        #[test]
        fn no_character_is_lost(code in "[a-z0-9 '\"`/*#\n\\\\令<&-]{0,80}", lang in "rust|js|sql|sh|json") {
            let bare = |shown: String| shown.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            let mut out = String::new();
            Highlighter.write_highlighted(&mut out, Some(&lang), &code).unwrap();
            let mut text = String::new();
            let mut rest = out.as_str();
            while let Some((before, after)) = rest.split_once('<') {
                text.push_str(before);
                rest = after.split_once('>').unwrap().1;
            }
            text.push_str(rest);
            prop_assert_eq!(bare(text), code);
        }
    }
}
