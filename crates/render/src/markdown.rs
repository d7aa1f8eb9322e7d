//! Markdown to HTML: CommonMark with GitHub's extensions and footnotes.

use std::cell::Cell;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use comrak::adapters::{HeadingAdapter, HeadingMeta};
use comrak::arena_tree::NodeEdge;
use comrak::nodes::{NodeValue, Sourcepos};
use comrak::options::Plugins;
use comrak::{Anchorizer, Arena, Node, Options};
use thiserror::Error;

use crate::allow::Kind;
use crate::excerpt::excerpt;
use crate::highlight::Highlighter;
use crate::sanitise::sanitise;
use crate::tidy::{MAX_DEPTH, Tidied, tidy};
use crate::word_count::word_count;

/// What became of a post's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Safe HTML.
    pub html: String,
    /// Its text without markup: a line for each block.
    pub text: String,
    /// Its first words without markup, 200 characters at most.
    pub excerpt: String,
    /// The words of its text, code included; each Chinese or Japanese character is one.
    pub word_count: u32,
}

/// A source that nests too deep, or takes too much work otherwise: nobody writes one by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TooNested {
    /// Lists, quotes, emphasis or elements of HTML in each other.
    #[error(
        "nests more than {MAX_DEPTH} levels of lists, quotes, emphasis or HTML: close what is open, or nest less"
    )]
    Levels,
    /// Brackets, quotes and lists that open and never close.
    #[error("takes too many steps to read as Markdown: put it into a block of code, or nest less")]
    Steps,
    /// A source of which many times as much HTML would be made.
    #[error("becomes more than {} MiB of HTML: shorten it", MAX_HTML_BYTES / 1024 / 1024)]
    Size,
}

/// The HTML of a post, its excerpt and how many words it has.
///
/// # Errors
/// A source that nests too deep.
pub fn post(markdown: &str) -> Result<Rendered, TooNested> {
    let tidied = render(markdown, Kind::Post)?;
    let first = if tidied.paragraphs.trim().is_empty() {
        &tidied.text
    } else {
        &tidied.paragraphs
    };
    Ok(Rendered {
        excerpt: excerpt(first),
        word_count: word_count(&tidied.text),
        html: sanitise(&tidied.html, Kind::Post),
        text: tidied.text,
    })
}

/// The HTML of a comment: paragraphs, emphasis, code, links, lists and quotes. A heading becomes a
/// paragraph, a picture a link to it, and HTML is shown as it was typed.
///
/// # Errors
/// A source that nests too deep.
pub fn comment(markdown: &str) -> Result<String, TooNested> {
    Ok(sanitise(
        &render(markdown, Kind::Comment)?.html,
        Kind::Comment,
    ))
}

fn render(markdown: &str, kind: Kind) -> Result<Tidied, TooNested> {
    let arena = Arena::new();
    let mut options = options(kind);
    options.extension.alerts &= !has_many_quotes(markdown);
    let steps = Cell::new(0);
    let too_many = || {
        steps.set(steps.get() + STEPS_A_CALL);
        steps.get() > MAX_STEPS
    };
    let root = comrak::try_parse_document(&arena, markdown, &options, &too_many)
        .map_err(|_| TooNested::Steps)?;
    check_depth(root)?;
    if kind == Kind::Comment {
        simplify(root);
    }
    let headings = Headings::default();
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&headings);
    plugins.render.codefence_syntax_highlighter = Some(&Highlighter);
    let mut html = Bounded(String::with_capacity(markdown.len() + markdown.len() / 2));
    comrak::format_html_with_plugins(root, &options, &mut html, &plugins)
        .map_err(|_| TooNested::Size)?;
    tidy(&html.0, kind)
}

/// How many steps comrak takes between two questions whether it may go on.
const STEPS_A_CALL: usize = 256;

/// The most steps that one source may take: a post of 1 MiB in which each byte is markup takes fewer.
const MAX_STEPS: usize = 16 * 1024 * 1024;

/// The most bytes of HTML that one source may become.
const MAX_HTML_BYTES: usize = 6 * 1024 * 1024;

/// HTML that takes no more than [`MAX_HTML_BYTES`].
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, html: &str) -> fmt::Result {
        if self.0.len() + html.len() > MAX_HTML_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(html);
        Ok(())
    }
}

fn options(kind: Kind) -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.cjk_friendly_emphasis = true;
    if kind == Kind::Comment {
        options.render.escape = true;
        return options;
    }
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.render.tasklist_classes = true;
    options.render.r#unsafe = true;
    options
}

/// Whether a line opens so many quotes that they nest too deep. To look for an alert in each of them,
/// comrak reads the line to its end each time.
fn has_many_quotes(markdown: &str) -> bool {
    let mut quotes = 0;
    markdown.bytes().any(|byte| {
        match byte {
            b'>' => quotes += 1,
            b' ' | b'\t' => {}
            _ => quotes = 0,
        }
        quotes > MAX_DEPTH
    })
}

fn check_depth(root: Node<'_>) -> Result<(), TooNested> {
    let mut depth = 0;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => depth += 1,
            NodeEdge::End(_) => depth -= 1,
        }
        // The document and the text at the end are no levels.
        if depth > MAX_DEPTH + 2 {
            return Err(TooNested::Levels);
        }
    }
    Ok(())
}

/// Headings become paragraphs, pictures links.
fn simplify(root: Node<'_>) {
    for node in root.descendants() {
        let value = &mut node.data_mut().value;
        match std::mem::replace(value, NodeValue::SoftBreak) {
            NodeValue::Heading(_) => *value = NodeValue::Paragraph,
            NodeValue::Image(link) => *value = NodeValue::Link(link),
            other => *value = other,
        }
    }
}

/// Gives each heading an id that is its own, made from its text, to link to.
#[derive(Default)]
struct Headings(Mutex<Anchorizer>);

/// The most characters of a heading that its id is made of.
const ID_CHARS: usize = 80;

impl HeadingAdapter for Headings {
    fn enter(
        &self,
        out: &mut dyn fmt::Write,
        heading: &HeadingMeta,
        _: Option<Sourcepos>,
    ) -> fmt::Result {
        let text: String = heading.content.trim().chars().take(ID_CHARS).collect();
        let id = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .anchorize(&text);
        write!(out, "<h{} id=\"h-{id}\">", heading.level)
    }

    fn exit(&self, out: &mut dyn fmt::Write, heading: &HeadingMeta) -> fmt::Result {
        writeln!(out, "</h{}>", heading.level)
    }
}
