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
