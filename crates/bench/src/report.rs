//! The table, on the screen and in `docs/benchmarks.md`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::measure::Plan;

/// What must hold.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    None,
    AtLeast(f64),
    AtMost(f64),
}

/// One number.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) bar: Bar,
}

impl Line {
    pub(crate) fn new(what: &'static str, value: f64, unit: &'static str, bar: Bar) -> Self {
        Self {
            what,
            value,
            unit,
            bar,
        }
    }
}

/// The numbers of one database.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

/// Where what `--growth` measured begins; it is kept until that is measured again.
const GROWTH: &str = "<!-- below: measured with --growth, kept -->";
/// Where what people write about the numbers begins; it is kept.
const NOTES: &str = "<!-- below: written by hand, kept -->";

/// Prints the tables and writes them to `file`.
pub(crate) fn write(file: &Path, plan: &Plan, tables: &[Table]) -> Result<()> {
    let mut text = String::from("# Benchmarks\n\n");
    writeln!(
        text,
        "Written by `./scripts/bench`; medians of {} rounds of {} s, interleaved.",
        plan.rounds, plan.seconds
    )?;
    text.push_str(
        "10,000 posts of 1 KB, wrk with 32 connections and one thread on the same machine.\n\n",
    );
    writeln!(text, "- machine: {}", machine())?;
    for (program, argument) in [
        ("rustc", "--version"),
        ("wrk", "--version"),
        ("uname", "-sr"),
    ] {
        writeln!(text, "- {}", first_line(program, argument))?;
    }
    writeln!(
        text,
        "- {}",
        first_line(&plan.inkgate.display().to_string(), "--version")
    )?;
    for table in tables {
        write_table(&mut text, table)?;
    }
    print_out(&text);
    let before = fs::read_to_string(file).unwrap_or_default();
    let (rest, notes) = before.split_once(NOTES).unwrap_or((&before, "\n"));
    let growth = rest.split_once(GROWTH).map_or("\n\n", |(_, growth)| growth);
    fs::write(file, format!("{text}\n{GROWTH}{growth}{NOTES}{notes}"))?;
    Ok(())
}

/// Writes a table of how cost grows into `file`, and leaves the rest of it.
pub(crate) fn write_growth(file: &Path, plan: &Plan, table: &str) -> Result<()> {
    let seconds = plan.seconds;
    let text = format!(
        "## How cost grows, on SQLite\n\nOf one run of {seconds} s each, cache off.\n\n{table}"
    );
    print_out(&text);
    let before = fs::read_to_string(file).unwrap_or_default();
    let (rest, notes) = before.split_once(NOTES).unwrap_or((&before, "\n"));
    let tables = rest.split_once(GROWTH).map_or(rest, |(tables, _)| tables);
    let tables = tables.trim_end();
    fs::write(
        file,
        format!("{tables}\n\n{GROWTH}\n\n{text}\n{NOTES}{notes}"),
    )?;
    Ok(())
}

fn write_table(text: &mut String, Table { title, lines }: &Table) -> Result<()> {
    write!(
        text,
        "\n## {title}\n\n| what | measured | wanted |\n| --- | ---: | --- |\n"
    )?;
    for Line {
        what,
        value,
        unit,
        bar,
    } in lines
    {
        let number = |value: &f64| {
            if *value >= 100.0 {
                format!("{value:.0} {unit}")
            } else {
                format!("{value:.2} {unit}")
            }
        };
        let verdict = |met: bool| if met { "reached" } else { "**not reached**" };
        let wanted = match bar {
            Bar::None => String::new(),
            Bar::AtLeast(bar) => format!("at least {}: {}", number(bar), verdict(value >= bar)),
            Bar::AtMost(bar) => format!("at most {}: {}", number(bar), verdict(value <= bar)),
        };
        writeln!(text, "| {what} | {} | {wanted} |", number(value))?;
    }
    Ok(())
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", model.unwrap_or("unknown"))
}

fn first_line(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let output = output
        .map(|output| [output.stdout, output.stderr].concat())
        .unwrap_or_default();
    String::from_utf8_lossy(&output)
        .lines()
        .next()
        .unwrap_or(program)
        .to_owned()
}

#[expect(clippy::print_stdout, reason = "the answer of this program")]
fn print_out(text: &str) {
    println!("{text}");
}
