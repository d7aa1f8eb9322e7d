//! The elements that are open, and what has to be closed before another may open.

use super::MAX_DEPTH;

/// The elements that are open, the innermost last.
#[derive(Default)]
pub(super) struct Stack {
    open: Vec<Open>,
    too_deep: bool,
    /// Whether the last thing written was the start of a `pre`, after which HTML skips a line break.
    at_pre: bool,
}

struct Open {
    element: &'static str,
    /// Whether the text in it is no part of what the author wrote.
    silent: bool,
}

/// Whether an element has no content and no end tag.
pub(super) fn is_void(element: &str) -> bool {
    matches!(element, "br" | "hr" | "img" | "input" | "wbr")
}

/// Whether an element stands on lines of its own.
pub(super) fn is_block(element: &str) -> bool {
    closes_paragraph(element) || is_table_part(element)
}

fn is_heading(element: &str) -> bool {
    matches!(element, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn closes_paragraph(element: &str) -> bool {
    is_heading(element)
        || matches!(
            element,
            "blockquote"
                | "dd"
                | "details"
                | "div"
                | "dl"
                | "dt"
                | "figcaption"
                | "figure"
                | "hr"
                | "li"
                | "ol"
                | "p"
                | "pre"
                | "section"
                | "summary"
                | "table"
                | "ul"
        )
}

fn is_table_part(element: &str) -> bool {
    is_frame(element) && element != "table" || is_cell(element)
}

/// A table and the parts of it that hold parts only.
fn is_frame(element: &str) -> bool {
    matches!(element, "table" | "tbody" | "tfoot" | "thead" | "tr")
}

fn is_cell(element: &str) -> bool {
    matches!(element, "caption" | "td" | "th")
}

impl Stack {
    /// Whether more was opened than may be open.
    pub(super) fn is_too_deep(&self) -> bool {
        self.too_deep
    }

    /// Whether `element` is open.
    pub(super) fn has(&self, element: &str) -> bool {
        self.open.iter().any(|open| open.element == element)
    }

    /// Whether the text here is no part of what the author wrote.
    pub(super) fn is_silent(&self) -> bool {
        self.open.iter().any(|open| open.silent)
    }

    /// Notes that `element` was opened.
    pub(super) fn push(&mut self, element: &'static str, silent: bool) {
        self.at_pre = element == "pre";
        self.too_deep |= self.open.len() >= MAX_DEPTH;
        self.open.push(Open { element, silent });
    }

    /// Closes what `element` cannot stand in and opens what it needs around it. Whether it may
    /// stand here at all.
    pub(super) fn make_room(&mut self, element: &'static str, html: &mut String) -> bool {
        let may = self.find_room(element, html);
        self.at_pre &= !may;
        may
    }

    fn find_room(&mut self, element: &'static str, html: &mut String) -> bool {
        match element {
            "caption" | "tbody" | "tfoot" | "thead" => {
                return self.close_down_to(|open| open == "table", html);
            }
            "tr" => {
                let found = self.close_down_to(|open| is_frame(open) && open != "tr", html);
                return found && self.open_implied("table", "tbody", html);
            }
            "td" | "th" => {
                return self.close_down_to(is_frame, html)
                    && self.open_implied("table", "tbody", html)
                    && (self.top() == Some("tr") || self.open_missing("tr", html));
            }
            "rp" | "rt" => {
                let Some(ruby) = self.nearest(|open| open == "ruby", is_block) else {
                    return false;
                };
                self.close_to(ruby + 1, html);
                return true;
            }
            _ => {}
        }
        self.leave_table(html);
        self.leave_alike(element, html);
        true
    }

    /// Closes the elements of the same sort that `element` cannot stand in.
    fn leave_alike(&mut self, element: &str, html: &mut String) {
        let around = match element {
            "a" => self.nearest(|open| open == "a", is_cell),
            "li" => self.nearest(|open| open == "li", bounds_item),
            "dd" | "dt" => self.nearest(|open| open == "dd" || open == "dt", bounds_item),
            _ => None,
        };
        around.into_iter().for_each(|at| self.close_to(at, html));
        if closes_paragraph(element)
            && let Some(at) = self.nearest(|open| open == "p", is_cell)
        {
            self.close_to(at, html);
        }
        if is_heading(element) && self.top().is_some_and(is_heading) {
            self.close_to(self.open.len() - 1, html);
        }
    }

    /// Closes `element` and whatever is open in it; nothing where it is not open here.
    pub(super) fn close(&mut self, element: &str, html: &mut String) {
        let bound: fn(&str) -> bool = match element {
            "table" => |_| false,
            part if is_table_part(part) => |open| open == "table",
            _ => |open| is_cell(open) || is_frame(open),
        };
        if let Some(at) = self.nearest(|open| open == element, bound) {
            self.close_to(at, html);
        }
    }

    /// Closes everything.
    pub(super) fn close_all(&mut self, html: &mut String) {
        self.close_to(0, html);
    }

    /// What of `text` is to be written here. Text that stands between the rows of a table ends it.
    pub(super) fn take_text<'a>(&mut self, text: &'a str, html: &mut String) -> &'a str {
        let text = if self.at_pre {
            text.trim_start_matches(['\n', '\r', '\0'])
        } else {
            text
        };
        self.at_pre &= text.is_empty();
        if !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            self.leave_table(html);
        }
        text
    }

    /// Closes the table whose parts only may stand here.
    fn leave_table(&mut self, html: &mut String) {
        if self.top().is_some_and(is_frame)
            && let Some(table) = self.nearest(|open| open == "table", |_| false)
        {
            self.close_to(table, html);
        }
    }

    fn top(&self) -> Option<&'static str> {
        self.open.last().map(|open| open.element)
    }

    /// The innermost element that is `wanted`, unless a `bound` comes before it.
    fn nearest(
        &self,
        wanted: impl Fn(&str) -> bool,
        bound: impl Fn(&str) -> bool,
    ) -> Option<usize> {
        let inner = self.open.iter().enumerate().rev();
        let mut reachable =
            inner.take_while(|(_, open)| wanted(open.element) || !bound(open.element));
        reachable
            .find(|(_, open)| wanted(open.element))
            .map(|(at, _)| at)
    }

    fn close_down_to(&mut self, wanted: impl Fn(&str) -> bool, html: &mut String) -> bool {
        let found = self.nearest(wanted, |_| false);
        found.into_iter().for_each(|at| self.close_to(at + 1, html));
        found.is_some()
    }

    fn open_implied(&mut self, within: &str, element: &'static str, html: &mut String) -> bool {
        self.top() != Some(within) || self.open_missing(element, html)
    }

    fn open_missing(&mut self, element: &'static str, html: &mut String) -> bool {
        *html += &format!("<{element}>");
        self.push(element, false);
        true
    }

    fn close_to(&mut self, length: usize, html: &mut String) {
        for open in self.open.drain(length..).rev() {
            self.at_pre = false;
            html.push_str("</");
            html.push_str(open.element);
            html.push('>');
        }
    }
}

/// Beyond which an item of a list is not the one that a new item ends.
fn bounds_item(open: &str) -> bool {
    is_block(open) && open != "p" && open != "div"
}
