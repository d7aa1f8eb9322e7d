//! What must hold for every query and every merge patch that somebody can send. The tests ask it of
//! some hundred random ones, the targets in `fuzz` of as many as there is time for; the program has
//! none of this.

use model::{Cursor, Page};
use serde_json::Value;

use super::page::PageQuery;
use super::{comments, me, post_body, todos};
use crate::fields::Fields;
use crate::query::Query;

/// A page's link leads to the same list, at the place that it was made for.
pub fn page(query: &str) {
    let read = |query: &str| PageQuery::read("/todos", &Query::parse(query), &todos::LIST);
    let Ok(asked) = read(query) else {
        return;
    };
    let cursor = Cursor::of(5, -1);
    let page = Page::<()> {
        rows: Vec::new(),
        next: Some(cursor.clone()),
    };
    let link = asked.link(asked.next_cursor(&page).as_deref());
    let link = String::from_utf8_lossy(&link);
    let next = link.split(['?', '>']).nth(1).map(read);
    let Some(Ok(next)) = next else {
        panic!("{query}: {link} is refused");
    };
    assert_eq!(next.cursor, Some(cursor), "{query}");
    assert_eq!(next.name(), asked.name(), "{query}");
}

/// What is taken for a merge patch is JSON for others too, an object without a field that is
/// unknown.
pub fn merge_patch(body: &[u8]) {
    let Ok(fields) = Fields::parse(body) else {
        return;
    };
    drop(fields);
    let others: serde_json::Result<Value> = serde_json::from_slice(body);
    let object = others.expect("only we take it for JSON");
    let known = |names: &[&str]| match &object {
        Value::Object(object) => object.keys().all(|name| names.contains(&name.as_str())),
        _ => false,
    };
    let again = || Fields::parse(body).ok();
    if again().is_some_and(|fields| post_body::post_patch(fields).is_ok()) {
        assert!(known(&["title", "content", "category"]), "{object}");
    }
    if again().is_some_and(|fields| todos::todo_patch(fields).is_ok()) {
        let names = ["title", "description", "completed", "priority", "due_at"];
        assert!(known(&names), "{object}");
    }
    if again().is_some_and(|fields| comments::comment_patch(fields).is_ok()) {
        assert!(known(&["content"]), "{object}");
    }
    if again().is_some_and(|fields| me::profile_patch(fields).is_ok()) {
        assert!(known(&["display_name", "bio", "avatar_url"]), "{object}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_query_leads_elsewhere(
            text in "((limit|cursor|completed|priority|fields|total|x)=([!$-;=?-~]{0,12}|[0-9]{1,3}|%[0-9a-f]{2})&?){0,4}|[!$-;=?-~]{0,60}",
        ) {
            page(&text);
        }

        #[test]
        fn no_merge_patch_loses_a_field(
            fields in prop::collection::vec(
                ("title|content|category|description|completed|priority|due_at|display_name|bio|avatar_url|x",
                 "null|true|1|\\[\\]|\\{\"a\":1,\"a\":1\\}|\"(a| |https://a\\.example/a|low|high)\""),
                0..4,
            ),
            bytes: Vec<u8>,
        ) {
            let fields = fields.iter().map(|(name, value)| format!("\"{name}\":{value}"));
            merge_patch(format!("{{{}}}", fields.collect::<Vec<_>>().join(",")).as_bytes());
            merge_patch(&bytes);
        }
    }
}
