//! Sources that are made to be slow, large or deep: each is rendered to so much and no more, or
//! refused, on a stack as small as those of the server's threads.

use inkgate_render::{TooNested, comment, post};

const STACK: usize = 2 * 1024 * 1024;
const MIB: usize = 1024 * 1024;

/// What becomes of `source`: how many bytes of HTML, as a post and as a comment.
fn outcome(source: String) -> [Result<usize, TooNested>; 2] {
    let work = move || {
        [
            post(&source).map(|post| post.html.len()),
            comment(&source).map(|html| html.len()),
        ]
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.expect("a thread").join().expect("no panic")
}

fn filled(pattern: &str, bytes: usize) -> String {
    pattern.repeat(bytes / pattern.len())
}

#[test]
fn what_is_as_deep_as_a_post_is_long_is_refused() {
    for pattern in [">", "> ", "1. ", "- > "] {
        let levels = Err(TooNested::Levels);
        assert_eq!(outcome(filled(pattern, MIB)), [levels, levels], "{pattern}");
    }
    for pattern in [
        "<div>",
        "<b>",
        "<dd><li>",
        "<b lang=x><table><td></b></table>",
    ] {
        let [post, comment] = outcome(filled(pattern, MIB / 16));
        assert_eq!(post, Err(TooNested::Levels), "{pattern}");
        assert!(comment.is_ok(), "{pattern}");
    }
}

#[test]
fn a_paragraph_that_lies_in_deep_lists_is_refused_before_its_steps_add_up() {
    let source = "- ".repeat(90) + &filled("a\n", MIB);
    let steps = Err(TooNested::Steps);
    assert_eq!(outcome(source), [steps, steps]);
}

#[test]
fn what_would_become_many_times_as_large_is_refused() {
    let source = "[^a]: b\n\n".to_owned() + &filled("[^a]", MIB);
    assert_eq!(outcome(source)[0], Err(TooNested::Size));
    // Reopened in each paragraph that follows, by the rules of a browser.
    let elements: String = (0..100).map(|at| format!("<b lang=a{at}>")).collect();
    let source = "<p>".to_owned() + &elements + &filled("<p>x", MIB / 8);
    assert!(outcome(source)[0].is_ok_and(|bytes| bytes < MIB / 2));
}

#[test]
fn markup_that_never_closes_stays_as_large_as_it_is() {
    for pattern in [
        "[",
        "]",
        "[a](",
        "[a](<b",
        "![",
        "![a](",
        "[a][",
        "*a **a ",
        "a**b c* ",
        "*a_ ",
        "~a ~~b ",
        "`a``",
        "<",
        "<a ",
        "<!--",
        "<?",
        "<![CDATA[",
        "<>",
        "&",
        "\u{a0}",
        "[^",
        "[a]: ",
        "|",
        "a|\n-|\n\n",
        "\\",
        "http://",
        "www.",
        "a@",
        "xmpp:a@b.c/",
        "</p>",
        "<svg><style>",
        "<select><option>",
        "<script>",
        "```\n",
        "- a\n* b\n",
        "> [!NOTE]\n",
        "<pre>\n\n</pre>\n\n",
        "\r",
        "\t",
        "\0",
        "a\u{301}",
        "[*a ",
        "- [ ] ",
    ] {
        let source = filled(pattern, MIB / 32);
        let most = source.len() * 14;
        for html in outcome(source).into_iter().flatten() {
            assert!(html <= most, "{pattern:?} becomes {html} bytes");
        }
    }
}

#[test]
fn a_tag_with_ten_thousand_attributes_keeps_those_that_are_allowed() {
    let attributes: String = (0..10_000).map(|at| format!("a{at} ")).collect();
    let html = post(&format!("<p {attributes} title=x>y</p>")).expect("it does not nest");
    assert_eq!(html.html, "<p title=\"x\">y</p>\n");
    let long = format!("<p title=\"{}\">y</p>", "&".repeat(MIB / 2));
    assert_eq!(post(&long).expect("it does not nest").html, "<p>y</p>\n");
}
