//! Some words around what was found, safe to be shown as HTML.

use crate::SearchQuery;
use crate::search_words::cut;

/// About how many characters of a text are shown.
const CHARS: usize = 200;
/// How many characters stand before the first word that was found.
const BEFORE: usize = 60;

/// The text of `html`, which is our own: without tags, and with its entities read.
fn text_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(['<', '&']) {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with('<') {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            // Blocks follow each other without a blank; within a line there is no `</p>`.
            if rest[..end].contains(['\n', '/']) || rest.starts_with("<br") {
                text.push(' ');
            }
            rest = &rest[end..];
        } else {
            let (read, length) = entity(rest);
            text.push_str(read);
            rest = &rest[length..];
        }
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn entity(text: &str) -> (&'static str, usize) {
    const ENTITIES: [(&str, &str); 5] = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&nbsp;", " "),
    ];
    let found = ENTITIES.iter().find(|(name, _)| text.starts_with(name));
    found.map_or(("&", 1), |(name, read)| (read, name.len()))
}

/// Some 200 characters of the text of `html` around the first word that is looked for. What is
/// found is in `<mark>`, the rest is escaped.
pub fn snippet(html: &str, query: &SearchQuery) -> String {
    let text = text_of(html);
    let pieces = pieces(&text);
    let is_hit = |piece: &str| cut(piece).iter().any(|word| query.hits(word));
    let first = pieces.iter().position(|piece| is_hit(piece)).unwrap_or(0);
    let start = beginning(&pieces, first);
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    let mut shown = 0;
    for piece in &pieces[start..] {
        if shown >= CHARS {
            out.push('…');
            break;
        }
        shown += piece.chars().count();
        if is_hit(piece) {
            out.push_str("<mark>");
            escape(piece, &mut out);
            out.push_str("</mark>");
        } else {
            escape(piece, &mut out);
        }
    }
    out.replace("</mark><mark>", "")
}

/// The piece to begin with, so that some words stand before the piece `first`.
fn beginning(pieces: &[&str], first: usize) -> usize {
    let (mut start, mut chars) = (first, 0);
    while start > 0 && chars < BEFORE {
        start -= 1;
        chars += pieces[start].chars().count();
    }
    start
}

/// Words, and what stands between them; a character of Chinese or Japanese is one. None is longer
/// than a snippet.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut length) = (0, 0);
    let kind = |character: char| {
        if crate::word_count::is_cjk(character) {
            2
        } else {
            u8::from(character.is_alphanumeric())
        }
    };
    let mut before = None;
    for (at, character) in text.char_indices() {
        let now = kind(character);
        if before.is_some_and(|before| before != now || now == 2) || length >= CHARS {
            pieces.push(&text[start..at]);
            (start, length) = (at, 0);
        }
        before = Some(now);
        length += 1;
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            character => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(html: &str, query: &str) -> String {
        snippet(html, &SearchQuery::parse(query))
    }

    #[test]
    fn what_is_found_is_marked_and_the_rest_escaped() {
        let html = "<p>A &lt;b&gt; R\u{fc}st &amp; <em>rust</em></p>\n<p>令牌 \"q\"</p>";
        assert_eq!(
            shown(html, "rust"),
            "A &lt;b&gt; <mark>R\u{fc}st</mark> &amp; <mark>rust</mark> 令牌 &quot;q&quot;"
        );
        assert!(shown(html, "令牌").contains("<mark>令牌</mark>"));
        assert!(!shown(html, "nothing").contains("<mark>"));
    }

    #[test]
    fn a_long_text_is_cut_around_what_is_found() {
        let html = format!(
            "<p>{} needle {}</p>",
            "hay ".repeat(200),
            "hay ".repeat(200)
        );
        let snippet = shown(&html, "needle");
        assert!(
            snippet.starts_with('…') && snippet.ends_with('…'),
            "{snippet}"
        );
        assert!(snippet.contains("<mark>needle</mark>"));
        assert!(snippet.chars().count() < 320);
    }

    proptest! {
        #[test]
        fn nothing_but_mark_is_markup(html in "[a-z<>&;\"'/ ]{0,300}", query in "[a-z]{1,3}") {
            let bare = shown(&html, &query).replace("<mark>", "").replace("</mark>", "");
            prop_assert!(!bare.contains(['<', '>', '"', '\'']));
        }

        #[test]
        fn no_text_is_a_panic(html in ".{0,300}", query in ".{0,9}") {
            shown(&html, &query);
        }
    }
}
