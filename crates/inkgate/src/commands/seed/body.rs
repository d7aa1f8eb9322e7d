//! The Markdown of a post: paragraphs, headings, lists, code, tables and quotes.

use super::dice::Dice;
use super::subjects::Code;
use super::tongue::Gaps;

/// About a kilobyte of Markdown.
pub(super) fn body(gaps: &Gaps<'_>, code: Code, dice: &mut Dice) -> String {
    let mut text = String::with_capacity(1536);
    paragraph(&mut text, gaps, dice);
    for _ in 0..dice.between(1, 3) {
        let heading = gaps.fill(gaps.tongue.headings, dice);
        add(&mut text, &format!("## {heading}"));
        paragraph(&mut text, gaps, dice);
        match dice.below(8) {
            0 | 1 => list(&mut text, gaps, dice),
            2 | 3 => example(&mut text, code, dice),
            4 => add(
                &mut text,
                &format!("> {}", gaps.fill(gaps.tongue.remarks, dice)),
            ),
            5 => add(&mut text, &gaps.fill(gaps.tongue.links, dice)),
            6 => table(&mut text, gaps, dice),
            _ => {}
        }
    }
    if dice.percent(40) {
        paragraph(&mut text, gaps, dice);
    }
    text
}

/// Adds a block, with an empty line behind it.
fn add(text: &mut String, block: &str) {
    text.push_str(block);
    text.push_str("\n\n");
}

fn paragraph(text: &mut String, gaps: &Gaps<'_>, dice: &mut Dice) {
    let sentences = dice.between(2, 5);
    add(text, &gaps.sentences(sentences, dice));
}

fn list(text: &mut String, gaps: &Gaps<'_>, dice: &mut Dice) {
    let style = dice.below(3);
    let items = (1..=dice.between(3, 5)).map(|number| {
        let item = gaps.fill(gaps.tongue.items, dice);
        match style {
            0 => format!("- {item}"),
            1 => format!("{number}. {item}"),
            _ if dice.percent(50) => format!("- [x] {item}"),
            _ => format!("- [ ] {item}"),
        }
    });
    let items: Vec<_> = items.collect();
    add(text, &items.join("\n"));
}

fn table(text: &mut String, gaps: &Gaps<'_>, dice: &mut Dice) {
    let mut rows = String::from("| | ms | MB |\n| --- | ---: | ---: |");
    for name in [gaps.subject, gaps.other] {
        let (time, space) = (dice.between(1, 90), dice.between(4, 200));
        rows.push_str(&format!("\n| {name} | {time} | {space} |"));
    }
    add(text, &rows);
}

fn example(text: &mut String, code: Code, dice: &mut Dice) {
    let number = dice.between(2, 90).to_string();
    let (language, lines) = match code {
        Code::Rust => ("rust", dice.pick(RUST)),
        Code::Sql => ("sql", dice.pick(SQL)),
        Code::Shell => ("sh", dice.pick(SHELL)),
        Code::Python => ("python", dice.pick(PYTHON)),
        Code::JavaScript => ("js", dice.pick(JAVASCRIPT)),
        Code::Toml => ("toml", "[Service]\nRestart=on-failure\nRestartSec={n}"),
        Code::None => ("text", "before: {n}\nafter:  1"),
    };
    let lines = lines.replace("{n}", &number);
    add(text, &format!("```{language}\n{lines}\n```"));
}

const RUST: &[&str] = &[
    "let limit = {n};\nfor attempt in 1..=limit {\n    if try_once(attempt).is_ok() {\n        return;\n    }\n}",
    "/// Seconds to wait.\nconst PATIENCE: Duration = Duration::from_secs({n});",
    "#[test]\nfn it_adds_up() {\n    assert_eq!(sum(&[1, 2]), 3); // not {n}\n}",
];
const SQL: &[&str] = &[
    "SELECT id, title FROM posts\nWHERE (published_at, id) < (?, ?)\nORDER BY published_at DESC, id DESC LIMIT {n};",
    "CREATE INDEX posts_newest ON posts (published_at, id);",
];
const SHELL: &[&str] = &[
    "curl -s http://localhost:5000/api/v2/posts?limit={n} | jq '.posts[].title'",
    "for i in $(seq {n}); do\n    ./measure --round \"$i\"\ndone",
];
const PYTHON: &[&str] = &[
    "def chunks(items, size={n}):\n    for start in range(0, len(items), size):\n        yield items[start:start + size]",
    "with open('log.txt') as log:\n    lines = [line for line in log if 'slow' in line][:{n}]",
];
const JAVASCRIPT: &[&str] = &[
    "const wait = (ms) => new Promise((done) => setTimeout(done, ms));\nawait wait({n});",
    "const page = await fetch('/api/v2/posts?limit={n}').then((answer) => answer.json());",
];
