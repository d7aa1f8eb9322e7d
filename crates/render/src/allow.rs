//! The allow-list: which elements and attributes a post and a comment may have. What is not named
//! here never reaches a reader, whoever wrote it.

use std::borrow::Cow;

/// Who is being written for: a comment may have less than a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A post: CommonMark, GitHub's extensions and plain HTML.
    Post,
    /// A comment: paragraphs, emphasis, code, links, lists and quotes.
    Comment,
}

const COMMENT: [&str; 14] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "ul",
];

const POST: [&str; 48] = [
    "abbr",
    "b",
    "bdi",
    "bdo",
    "caption",
    "cite",
    "dd",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "img",
    "input",
    "ins",
    "kbd",
    "mark",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "var",
    "wbr",
];

/// Elements whose markup is shown as it was typed, as GitHub shows it: their content was never
/// meant as text, and leaving out the tags alone would puzzle whoever wrote them.
pub(crate) const SHOWN: [&str; 9] = [
    "iframe",
    "noembed",
    "noframes",
    "plaintext",
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
];

impl Kind {
    /// All elements that this kind may have.
    pub(crate) fn elements(self) -> impl Iterator<Item = &'static str> {
        let more: &[&str] = match self {
            Self::Post => &POST,
            Self::Comment => &[],
        };
        COMMENT.iter().chain(more).copied()
    }

    /// The element of this name (in lower case), if this kind may have it.
    pub(crate) fn element(self, name: &[u8]) -> Option<&'static str> {
        let is = |known: &&str| known.as_bytes() == name;
        self.elements().find(is)
    }
}

/// The attributes that `element` may have, beside those that every element may have.
pub(crate) fn attributes(element: &str) -> &'static [&'static str] {
    match element {
        "a" => &[
            "href",
            "aria-label",
            "data-footnote-ref",
            "data-footnote-backref",
        ],
        "details" => &["open"],
        "img" => &["src", "alt", "width", "height"],
        "input" => &["type", "checked", "disabled"],
        "li" => &["value"],
        "ol" => &["start", "reversed"],
        "section" => &["data-footnotes"],
        "td" | "th" => &["align", "colspan", "rowspan", "scope"],
        "time" => &["datetime"],
        _ => &[],
    }
}

/// The attributes that every element may have.
pub(crate) const EVERYWHERE: [&str; 5] = ["class", "dir", "id", "lang", "title"];

/// The attribute of `element` that is called `name` (in lower case), if it may have it.
pub(crate) fn attribute(element: &str, name: &[u8]) -> Option<&'static str> {
    let is = |known: &&&str| known.as_bytes() == name;
    let own = attributes(element).iter().find(is);
    own.or_else(|| EVERYWHERE.iter().find(is)).copied()
}

/// The schemes that a link may have; one without a scheme is relative, and allowed as well.
pub(crate) const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// What may stay of the value of an attribute that is allowed.
pub(crate) fn value<'a>(element: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let kept = match name {
        "class" => return classes(element, value),
        "id" => is_our_id(value),
        "href" => has_allowed_scheme(value),
        "src" => has_allowed_scheme(value) && !is_mail(value),
        "width" | "height" | "start" | "value" | "colspan" | "rowspan" => {
            !value.is_empty() && value.len() <= 4 && value.bytes().all(|byte| byte.is_ascii_digit())
        }
        "type" => value == "checkbox",
        "align" => ["left", "center", "right"].contains(&value),
        "dir" => ["ltr", "rtl", "auto"].contains(&value),
        "scope" => ["col", "row", "colgroup", "rowgroup"].contains(&value),
        "open" | "reversed" | "checked" | "disabled" => return Some(Cow::Borrowed("")),
        _ if name.starts_with("data-") => return Some(Cow::Borrowed("")),
        _ => true,
    };
    kept.then_some(Cow::Borrowed(value))
}

/// Ids are ours alone: those of headings and footnotes, under prefixes of their own, so that no
/// name of a page's script is taken.
fn is_our_id(id: &str) -> bool {
    let named = ["h-", "fn-", "fnref-"]
        .iter()
        .any(|prefix| id.starts_with(prefix));
    named && !id.contains(|character: char| character.is_whitespace() || character.is_control())
}

fn classes<'a>(element: &str, value: &'a str) -> Option<Cow<'a, str>> {
    let mut words = value.split_ascii_whitespace().peekable();
    let kept: Vec<&str> = words
        .by_ref()
        .take(8)
        .filter(|word| is_class(element, word))
        .collect();
    match kept.as_slice() {
        [] => None,
        [one] if one.len() == value.len() => Some(Cow::Borrowed(value)),
        some => Some(Cow::Owned(some.join(" "))),
    }
}

fn is_class(element: &str, class: &str) -> bool {
    match element {
        "code" => class.strip_prefix("language-").is_some_and(is_language),
        "span" => class.strip_prefix("hl-").is_some_and(|name| {
            (1..=12).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
        }),
        "a" => class == "footnote-backref",
        "div" => is_alert(class),
        "p" => class == "markdown-alert-title",
        "sup" => class == "footnote-ref",
        "section" => class == "footnotes",
        "ul" | "ol" => class == "contains-task-list",
        "li" => class == "task-list-item",
        _ => false,
    }
}

fn is_alert(class: &str) -> bool {
    let kind = class.strip_prefix("markdown-alert");
    kind.is_some_and(|kind| {
        ["", "-note", "-tip", "-important", "-warning", "-caution"].contains(&kind)
    })
}

fn is_language(name: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"+#_.-".contains(&byte);
    (1..=40).contains(&name.len()) && name.bytes().all(harmless)
}

fn is_mail(url: &str) -> bool {
    scheme(url).is_some_and(|scheme| scheme == "mailto")
}

fn has_allowed_scheme(url: &str) -> bool {
    scheme(url).is_none_or(|scheme| SCHEMES.contains(&scheme.as_str()))
}

/// What stands before the first colon as a browser reads it, which skips blanks, line breaks and
/// control characters.
fn scheme(url: &str) -> Option<String> {
    let skipped = |character: &char| !character.is_whitespace() && !character.is_control();
    let mut scheme = String::new();
    for character in url.chars().filter(skipped) {
        match character {
            ':' => return Some(scheme),
            '/' | '?' | '#' | '\\' => return None,
            other => scheme.push(other.to_ascii_lowercase()),
        }
    }
    None
}
