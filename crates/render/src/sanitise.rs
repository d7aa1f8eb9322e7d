//! The last word on HTML has ammonia, which parses it as a browser does and keeps what the
//! allow-list names.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use crate::allow::{self, Kind};

static POST: LazyLock<Builder<'static>> = LazyLock::new(|| builder(Kind::Post, "noopener"));
static COMMENT: LazyLock<Builder<'static>> =
    LazyLock::new(|| builder(Kind::Comment, "nofollow ugc noopener"));

/// What of `html` may reach a reader.
pub(crate) fn sanitise(html: &str, kind: Kind) -> String {
    let builder = match kind {
        Kind::Post => &POST,
        Kind::Comment => &COMMENT,
    };
    builder.clean(html).to_string()
}

fn builder(kind: Kind, rel: &'static str) -> Builder<'static> {
    let tags: HashSet<&str> = kind.elements().collect();
    let attributes: HashMap<&str, HashSet<&str>> = tags
        .iter()
        .map(|tag| (*tag, allow::attributes(tag).iter().copied().collect()))
        .collect();
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .tag_attributes(attributes)
        .generic_attributes(allow::EVERYWHERE.into())
        .attribute_filter(allow::value)
        .url_schemes(allow::SCHEMES.into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some(rel));
    builder
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tidy::tidy;

    fn soup() -> impl Strategy<Value = String> {
        let names = Kind::Post.elements().collect::<Vec<_>>();
        let piece = prop_oneof![
            prop::sample::select(names.clone()).prop_map(|name| format!("<{name}>")),
            prop::sample::select(names).prop_map(|name| format!("</{name}>")),
            prop::sample::select(vec![
                "x",
                " ",
                "\n",
                "&amp;",
                "&lt;",
                "\u{a0}",
                "\r",
                "\r\n",
                "&#13;",
                "\0",
                "<table>",
                "<td>",
                "<tr>",
                "</table>",
                "<a href=x>",
                "<p>",
                "<li>",
                "<b lang=x>",
                "<input type=checkbox>",
                "<code class=language-x>",
                "<svg>",
                "</p>",
                "</br>",
                "<!-- -->",
                "<script>",
                "<pre>\n\n",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    fn in_order(html: &str) -> Option<String> {
        tidy(html, Kind::Post).ok().map(|tidied| tidied.html)
    }

    proptest! {
        #[test]
        fn to_sanitise_twice_changes_nothing(html in soup()) {
            if let Some(html) = in_order(&html) {
                let once = sanitise(&html, Kind::Post);
                prop_assert_eq!(&sanitise(&once, Kind::Post), &once);
                prop_assert_eq!(sanitise(&in_order(&once).unwrap(), Kind::Post), once);
            }
        }

        /// This is what bounds the work: a browser's parser finds nothing to repair.
        #[test]
        fn what_is_in_order_is_parsed_as_it_stands(html in soup()) {
            if let Some(html) = in_order(&html) {
                let mut as_it_stands = builder(Kind::Post, "noopener");
                as_it_stands.link_rel(None);
                prop_assert_eq!(as_it_stands.clean(&html).to_string(), html);
            }
        }
    }
}
