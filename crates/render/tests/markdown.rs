//! What Markdown becomes.

use inkgate_render::{TooNested, comment, post};

fn html(markdown: &str) -> String {
    post(markdown).expect("it does not nest").html
}

#[test]
fn posts_have_commonmark_and_githubs_extensions() {
    for (markdown, expected) in [
        (
            "a *b* **c** ~~d~~",
            "<p>a <em>b</em> <strong>c</strong> <del>d</del></p>\n",
        ),
        (
            "# Hi *there*\n## Hi there",
            "<h1 id=\"h-hi-there\">Hi <em>there</em></h1>\n<h2 id=\"h-hi-there-1\">Hi there</h2>\n",
        ),
        (
            "<https://a.example> www.b.example",
            "<p><a href=\"https://a.example\" rel=\"noopener\">https://a.example</a> <a href=\"http://www.b.example\" rel=\"noopener\">www.b.example</a></p>\n",
        ),
        (
            "- [x] done\n- [ ] open",
            "<ul class=\"contains-task-list\">\n<li class=\"task-list-item\"><input type=\"checkbox\" checked=\"\" disabled=\"\"> done</li>\n<li class=\"task-list-item\"><input type=\"checkbox\" disabled=\"\"> open</li>\n</ul>\n",
        ),
        (
            "|a|b|\n|:-|-:|\n|1|2|",
            "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        (
            "![cat](/media/cat.png \"a cat\")",
            "<p><img src=\"/media/cat.png\" alt=\"cat\" title=\"a cat\"></p>\n",
        ),
        (
            "a<br>b <kbd>Ctrl</kbd> <b>bold",
            "<p>a<br>b <kbd>Ctrl</kbd> <b>bold</b></p>\n",
        ),
        ("这是**重点**。", "<p>这是<strong>重点</strong>。</p>\n"),
        (
            "> [!NOTE]\n> Look",
            "<div class=\"markdown-alert markdown-alert-note\">\n<p class=\"markdown-alert-title\">Note</p>\n<p>Look</p>\n</div>\n",
        ),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn footnotes_lead_there_and_back() {
    let html = html("Text[^n].\n\n[^n]: The note.");
    for part in [
        "<sup class=\"footnote-ref\"><a href=\"#fn-n\" id=\"fnref-n\" data-footnote-ref=\"\" rel=\"noopener\">1</a></sup>",
        "<section class=\"footnotes\" data-footnotes=\"\">",
        "<li id=\"fn-n\">",
        "<a href=\"#fnref-n\" class=\"footnote-backref\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn what_is_not_allowed_goes() {
    for (markdown, expected) in [
        (
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;\n",
        ),
        (
            "a <img src=x onerror=alert(1)> b",
            "<p>a <img src=\"x\"> b</p>\n",
        ),
        (
            "[a](javascript:alert(1))",
            "<p><a rel=\"noopener\">a</a></p>\n",
        ),
        (
            "[a](data:text/html,x)",
            "<p><a rel=\"noopener\">a</a></p>\n",
        ),
        ("![a](mailto:a@b.example)", "<p><img alt=\"a\"></p>\n"),
        (
            "<p style=\"color:red\" id=\"x\" class=\"y\">z</p>",
            "<p>z</p>\n",
        ),
        (
            "<div><!-- c --><svg><a>x</a></svg></div>",
            "<div><a rel=\"noopener\">x</a></div>\n",
        ),
        (
            "x <input type=text> <input type=checkbox>",
            "<p>x  <input type=\"checkbox\" disabled=\"\"></p>\n",
        ),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn comments_have_less() {
    for (markdown, expected) in [
        ("# Hi", "<p>Hi</p>\n"),
        (
            "![cat](https://a.example/cat.png)",
            "<p><a href=\"https://a.example/cat.png\" rel=\"nofollow ugc noopener\">cat</a></p>\n",
        ),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("|a|\n|-|\n|b|", "<p>|a|\n|-|\n|b|</p>\n"),
        (
            "- a\n- *b* `c`\n\n> d",
            "<ul>\n<li>a</li>\n<li><em>b</em> <code>c</code></li>\n</ul>\n<blockquote>\n<p>d</p>\n</blockquote>\n",
        ),
    ] {
        assert_eq!(comment(markdown).unwrap(), expected, "{markdown}");
    }
}

#[test]
fn excerpt_and_words_come_from_the_text() {
    let post =
        post("# Title\n\nOne *two*[^1] `three`.\n\n```rust\nlet four = 5;\n```\n\n[^1]: Six")
            .unwrap();
    assert_eq!(post.excerpt, "One two three.");
    assert_eq!(post.word_count, 8);
    assert_eq!(
        inkgate_render::post("# Only a title").unwrap().excerpt,
        "Only a title"
    );
    assert_eq!(inkgate_render::post("").unwrap().excerpt, "");
}

#[test]
fn what_nests_too_deep_is_refused() {
    assert_eq!(post(&">".repeat(200)).unwrap_err(), TooNested::Levels);
    assert!(post(&format!("{}a", ">".repeat(60))).is_ok());
    assert_eq!(post(&"<div>".repeat(200)).unwrap_err(), TooNested::Levels);
    let message = TooNested::Levels.to_string();
    assert!(
        message.starts_with("nests more than 128 levels"),
        "{message}"
    );
}
