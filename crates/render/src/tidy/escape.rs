//! Text as HTML writes it, character for character as html5ever does.

/// Between two of these html5ever makes two texts of one; ammonia leaves them out. Without them it
/// would look through all that follows, for each sign that it escapes in a long text.
const CUT: &str = "<!---->";

/// How many signs one text may have.
const SIGNS: usize = 256;

/// Adds `text` as the content of an element.
pub(super) fn text(text: &str, html: &mut String) {
    escape(text, html, false);
}

/// Adds `value` as the value of an attribute, to stand between double quotes.
pub(super) fn attribute(value: &str, html: &mut String) {
    escape(value, html, true);
}

fn escape(text: &str, html: &mut String, quoted: bool) {
    let mut signs = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\u{a0}', '\r', '\0']) {
        html.push_str(&rest[..at]);
        let mut characters = rest[at..].chars();
        match characters.next() {
            Some('&') => html.push_str("&amp;"),
            Some('<') => html.push_str("&lt;"),
            Some('>') => html.push_str("&gt;"),
            Some('"') if quoted => html.push_str("&quot;"),
            Some('"') => html.push('"'),
            Some('\u{a0}') => html.push_str("&nbsp;"),
            // As HTML reads the end of a line. A NUL it leaves out.
            Some('\r') if !characters.as_str().starts_with('\n') => html.push('\n'),
            _ => {}
        }
        rest = characters.as_str();
        signs += 1;
        if signs % SIGNS == 0 && !quoted {
            html.push_str(CUT);
        }
    }
    html.push_str(rest);
}
