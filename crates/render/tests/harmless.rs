//! Nothing that runs survives: what comes out is parsed as a browser does and compared with a list
//! that stands here, apart from the one that the sanitiser works by.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use inkgate_render::{comment, post};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

const ELEMENTS: &str = " a abbr b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em \
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp \
    section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr ";

const ATTRIBUTES: &str = " align alt aria-label checked class colspan data-footnote-backref \
    data-footnote-ref data-footnotes datetime dir disabled height href id lang open rel reversed \
    rowspan scope src start title type value width ";

const IN_COMMENTS: &str = " a blockquote br code del em hr li ol p pre span strong ul ";

/// Panics where `html` holds anything that is not on the lists.
fn check(html: &str, source: &str, elements: &str) {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let parser = parse_fragment(
        RcDom::default(),
        ParseOpts::default(),
        context,
        vec![],
        false,
    );
    let dom = parser.one(html);
    let root = dom.document.children.borrow()[0].clone();
    let mut nodes: Vec<Handle> = root.children.borrow().clone();
    while let Some(node) = nodes.pop() {
        match &node.data {
            NodeData::Text { .. } => {}
            NodeData::Element { name, attrs, .. } => {
                let element = format!(" {} ", name.local);
                let ours = name.ns == ns!(html) && elements.contains(&element);
                assert!(ours, "{element} in {html:?} of {source:?}");
                for attribute in attrs.borrow().iter() {
                    check_attribute(&attribute.name.local, &attribute.value, html, source);
                }
            }
            _ => panic!("a comment or worse in {html:?} of {source:?}"),
        }
        nodes.extend(node.children.borrow().iter().cloned());
    }
}

fn check_attribute(name: &str, value: &str, html: &str, source: &str) {
    assert!(
        ATTRIBUTES.contains(&format!(" {name} ")),
        "{name} in {html:?} of {source:?}"
    );
    let fine = match name {
        "href" => is_harmless(value, &["http", "https", "mailto"]),
        "src" => is_harmless(value, &["http", "https"]),
        "id" => ["h-", "fn-", "fnref-"]
            .iter()
            .any(|prefix| value.starts_with(prefix)),
        "class" => value.split(' ').all(|class| {
            [
                "language-",
                "hl-",
                "footnote",
                "contains-task-list",
                "task-list-item",
                "markdown-alert",
            ]
            .iter()
            .any(|prefix| class.starts_with(prefix))
        }),
        "type" => value == "checkbox",
        "rel" => value == "noopener" || value == "nofollow ugc noopener",
        _ => true,
    };
    assert!(fine, "{name}={value:?} in {html:?} of {source:?}");
}

/// As a browser reads it: without the signs that it skips, a scheme is a letter and more letters,
/// digits, `+`, `-` and `.`, up to a colon; whatever else comes first makes the URL a relative one.
fn is_harmless(url: &str, schemes: &[&str]) -> bool {
    let url: String = url.chars().filter(|character| *character > ' ').collect();
    let Some((scheme, _)) = url.split_once(':') else {
        return true;
    };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    !(is_scheme && scheme.bytes().all(is_part))
        || schemes.contains(&scheme.to_ascii_lowercase().as_str())
}

fn check_all(source: &str) {
    for markdown in [
        source.to_owned(),
        format!("<div>{source}</div>"),
        format!("a {source} b"),
        format!("[a]({source})"),
        format!("![a](<{source}> \"{source}\")"),
        format!("- `{source}`\n\n> # {source}"),
        format!("|a|\n|-|\n|{source}|"),
        format!("```{source}\n{source}\n```\n"),
        format!("x[^{source}]\n\n[^{source}]: {source}"),
        format!("<a href=\"{source}\" title='{source}'>x</a>"),
    ] {
        if let Ok(post) = post(&markdown) {
            check(&post.html, &markdown, ELEMENTS);
        }
        if let Ok(html) = comment(&markdown) {
            check(&html, &markdown, IN_COMMENTS);
        }
    }
}

fn fixture(path: &str) -> String {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn payloads_of_bleach_come_out_harmless() {
    for number in 1..=20 {
        let file = fixture(&format!("bleach/{number}.test"));
        let payload = file.split("\n--\n").next().unwrap_or_default();
        check_all(payload);
    }
}

#[test]
fn naughty_strings_come_out_harmless() {
    let strings: Vec<String> = serde_json::from_str(&fixture("blns/blns.json")).expect("a list");
    assert!(strings.len() > 400);
    strings.iter().for_each(|string| check_all(string));
}

#[test]
fn known_tricks_come_out_harmless() {
    let nested = "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">";
    for payload in [
        nested,
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<form><math><mtext></form><form><mglyph><svg><mtext><textarea><path id=\"</textarea><img onerror=alert(1) src=1>\">",
        "<select><template><style><!--</style><a rel=\"--></style></template></select><img src=x onerror=alert(1)>\">",
        "<a href=\"java\nscript:alert(1)\">x</a>",
        "<a href=\" &#1; javascript:alert(1)\">x</a>",
        "<a href=\"javascript&colon;alert(1)\">x</a>",
        "[x](javascript&colon;alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](vbscript:x) [x](data:text/html;base64,x) [x](feed:javascript:x) [x](view-source:x)",
        "[x]: javascript:alert(1)\n[x]",
        "<javascript:alert(1)>",
        "![x](x\" onerror=\"alert(1))",
        "<img src=\"x`onerror=alert(1)\">",
        "<img src=x:alert(1)//>",
        "<input type=image src=x onerror=alert(1)>",
        "<details open ontoggle=alert(1)>",
        "<p id=location class=admin style=\"position:fixed\">",
        "<base href=//evil.example><link rel=stylesheet href=x><meta http-equiv=refresh content=0>",
        "<object data=x><embed src=x><applet code=x><frameset><frame src=x>",
        "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?xml <script>alert(1)</script> ?>",
        "<xmp><p title=\"</xmp><script>alert(1)</script>\">",
        "```\"><script>alert(1)</script>\nx\n```",
        "``` x onload=alert(1)\nx\n```",
        "# x\" onclick=\"alert(1)",
        "[^x\" onclick=\"y]\n\n[^x\" onclick=\"y]: z",
        "\u{0}<scr\u{0}ipt>alert(1)</scr\u{0}ipt>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<<script>script>alert(1)<</script>/script>",
    ] {
        check_all(payload);
    }
}

const PIECES: [&str; 65] = [
    "<b>",
    "</b>",
    "<a href=x>",
    "</a>",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</table>",
    "<pre>",
    "<svg>",
    "<math>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<img src=",
    "javascript:",
    "onerror=",
    "\"",
    "'",
    ">",
    "<",
    "&lt;",
    "&#x3c;",
    "*",
    "**",
    "_",
    "`",
    "```",
    "\n",
    "\n\n",
    "[",
    "](",
    ")",
    "![",
    "[^a]",
    "[^a]: ",
    "# ",
    "> ",
    "- ",
    "|",
    "|-|\n",
    "~~",
    "http://a.b",
    "<https://a.b>",
    " ",
    "x",
    "<title>",
    "<textarea>",
    "</textarea>",
    "<select>",
    "<template>",
    "<input type=checkbox>",
    "<![CDATA[",
];

/// Pieces of markup in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_mixture_of_markup_comes_out_harmless(source in soup()) {
        if let Ok(post) = post(&source) {
            check(&post.html, &source, ELEMENTS);
            prop_assert!(post.excerpt.chars().count() <= 201);
            prop_assert!(post.word_count as usize <= source.len());
            prop_assert!(!post.excerpt.contains('\n'));
        }
        if let Ok(html) = comment(&source) {
            check(&html, &source, IN_COMMENTS);
        }
    }

    #[test]
    fn any_text_comes_out_harmless(source in any::<String>()) {
        check_all(&source);
    }
}
