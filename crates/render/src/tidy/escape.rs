//! Text as HTML writes it, character for character as html5ever does.

/// Adds `text` as the content of an element.
pub(super) fn text(text: &str, html: &mut String) {
    escape(text, html, false);
}

/// Adds `value` as the value of an attribute, to stand between double quotes.
pub(super) fn attribute(value: &str, html: &mut String) {
    escape(value, html, true);
}

fn escape(text: &str, html: &mut String, quoted: bool) {
    let mut rest = text;
    let special =
        |character: char| matches!(character, '&' | '<' | '>' | '"' | '\u{a0}' | '\r' | '\0');
    while let Some(at) = rest.find(special) {
        html.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        match characters.next() {
            Some('&') => html.push_str("&amp;"),
            Some('<') => html.push_str("&lt;"),
            Some('>') => html.push_str("&gt;"),
            Some('"') if quoted => html.push_str("&quot;"),
            Some('"') => html.push('"'),
            Some('\u{a0}') => html.push_str("&nbsp;"),
            // As HTML reads a line's end; a NUL it leaves out.
            Some('\r') => html.push('\n'),
            _ => {}
        }
        rest = characters.as_str();
        if rest.starts_with('\n')
            && html.ends_with('\n')
            && text[..text.len() - rest.len()].ends_with('\r')
        {
            rest = &rest[1..];
        }
    }
    html.push_str(rest);
}
