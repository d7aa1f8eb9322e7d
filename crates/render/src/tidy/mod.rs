//! HTML brought into order before a browser's rules are applied to it: only elements of the
//! allow-list, each closed where it belongs.
//!
//! Those rules repair what was left open: a hundred `<b>` that nobody closes are opened again in
//! each paragraph that follows, and each tag looks through all elements that are open. A source of
//! 1 MiB can keep them busy for minutes and make gigabytes of it. In what comes from here nothing
//! is left to repair, and no more than [`MAX_DEPTH`] elements are open at once.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use crate::allow::{self, Kind};
use crate::markdown::TooNested;

mod escape;
mod stack;

use stack::Stack;

/// The most elements that may be open at once.
pub(crate) const MAX_DEPTH: usize = 128;

/// The most bytes that the value of an attribute may have: a longer one is left out.
const ATTRIBUTE_BYTES: usize = 4096;

/// The most bytes that are kept to make an excerpt from.
const PARAGRAPH_BYTES: usize = 4096;

/// HTML in order, and the text in it.
#[derive(Debug, Default)]
pub(crate) struct Tidied {
    /// The HTML.
    pub(crate) html: String,
    /// Its text, with a line break between blocks.
    pub(crate) text: String,
    /// The beginning of the text of its paragraphs.
    pub(crate) paragraphs: String,
}

/// Brings `html` into order.
///
/// # Errors
/// More elements within each other than [`MAX_DEPTH`].
pub(crate) fn tidy(html: &str, kind: Kind) -> Result<Tidied, TooNested> {
    let mut tidy = Tidy {
        kind,
        stack: Stack::default(),
        tag: Tag::None,
        out: Tidied::default(),
    };
    tidy.out.html.reserve(html.len() + html.len() / 8);
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        if !tidy.stack.is_too_deep() {
            tidy.event(&event);
        }
        None::<Infallible>
    });
    Tokenizer::new_with_emitter(html, emitter).for_each(drop);
    if tidy.stack.is_too_deep() {
        return Err(TooNested::Levels);
    }
    tidy.stack.close_all(&mut tidy.out.html);
    Ok(tidy.out)
}

struct Tidy {
    kind: Kind,
    stack: Stack,
    tag: Tag,
    out: Tidied,
}

/// The tag that is being read.
enum Tag {
    None,
    /// One of the allow-list, with its attributes; whether the last of them is allowed.
    Allowed(&'static str, Vec<(&'static str, String)>, bool),
    /// One that is shown as it was typed.
    Shown(String),
}

impl Tidy {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.tag = self.begin(name),
            CallbackEvent::AttributeName { name } => self.attribute_name(name),
            CallbackEvent::AttributeValue { value } => self.attribute_value(value),
            CallbackEvent::CloseStartTag { .. } => {
                match std::mem::replace(&mut self.tag, Tag::None) {
                    Tag::None => {}
                    Tag::Allowed(element, attributes, _) => self.start(element, &attributes),
                    Tag::Shown(text) => self.text(&format!("{text}>")),
                }
            }
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }

    fn begin(&self, name: &[u8]) -> Tag {
        match self.kind.element(name) {
            Some(element) => Tag::Allowed(element, Vec::new(), false),
            None => shown(name).map_or(Tag::None, |name| Tag::Shown(format!("<{name}"))),
        }
    }

    fn attribute_name(&mut self, name: &[u8]) {
        match &mut self.tag {
            Tag::None => {}
            Tag::Allowed(element, attributes, allowed) => {
                let known = allow::attribute(element, name)
                    .filter(|name| attributes.iter().all(|(other, _)| other != name));
                *allowed = known.is_some();
                attributes.extend(known.map(|name| (name, String::new())));
            }
            Tag::Shown(text) => {
                text.push(' ');
                text.push_str(&String::from_utf8_lossy(name));
            }
        }
    }

    fn attribute_value(&mut self, value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        match &mut self.tag {
            Tag::Allowed(_, attributes, true) => {
                if value.len() > ATTRIBUTE_BYTES {
                    attributes.pop();
                } else if let Some((_, empty)) = attributes.last_mut() {
                    *empty = value.into_owned();
                }
            }
            Tag::Shown(text) => *text += &format!("=\"{value}\""),
            Tag::None | Tag::Allowed(..) => {}
        }
    }

    fn start(&mut self, element: &'static str, attributes: &[(&'static str, String)]) {
        let has = |name: &str| attributes.iter().any(|(other, _)| *other == name);
        if element == "input" && !attributes.iter().any(|(_, value)| value == "checkbox") {
            return;
        }
        if !self.stack.make_room(element, &mut self.out.html) {
            return;
        }
        self.break_line(element);
        let html = &mut self.out.html;
        html.push('<');
        html.push_str(element);
        for (name, value) in attributes {
            if let Some(value) = allow::value(element, name, value) {
                html.push(' ');
                html.push_str(name);
                html.push_str("=\"");
                escape::attribute(&value, html);
                html.push('"');
            }
        }
        if element == "input" && !has("disabled") {
            html.push_str(" disabled=\"\"");
        }
        html.push('>');
        if !stack::is_void(element) {
            let silent = has("data-footnote-ref") || has("data-footnote-backref");
            self.stack.push(element, silent);
        }
    }

    fn end(&mut self, name: &[u8]) {
        self.tag = Tag::None;
        if let Some(element) = self.kind.element(name) {
            self.stack.close(element, &mut self.out.html);
            self.break_line(element);
        } else if let Some(name) = shown(name) {
            self.text(&format!("</{name}>"));
        }
    }

    fn text(&mut self, text: &str) {
        let text = self.stack.take_text(text, &mut self.out.html);
        escape::text(text, &mut self.out.html);
        if self.stack.is_silent() {
            return;
        }
        self.out.text.push_str(text);
        let has_room = self.out.paragraphs.len() < PARAGRAPH_BYTES;
        if has_room && self.stack.has("p") && !self.stack.has("section") {
            self.out.paragraphs.push_str(text);
        }
    }

    /// Text of two blocks is not one word.
    fn break_line(&mut self, element: &str) {
        if stack::is_block(element) || element == "br" {
            for text in [&mut self.out.text, &mut self.out.paragraphs] {
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
    }
}

fn shown(name: &[u8]) -> Option<&'static str> {
    allow::SHOWN
        .iter()
        .copied()
        .find(|known| known.as_bytes() == name)
}
