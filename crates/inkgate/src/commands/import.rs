//! `inkgate import`: data of other programs.

use std::path::Path;

use domain::{ImportEvent, import_flask};
use indicatif::{ProgressBar, ProgressStyle};
use store::{FlaskFile, FlaskTable};

use super::{open, print};
use crate::cli::ImportCommand;
use crate::config::{Environment, Options};
use crate::failure::Result;

pub(super) async fn run(
    options: &Options,
    environment: Environment,
    command: &ImportCommand,
) -> Result<()> {
    let ImportCommand::Flask { file } = command;
    flask(options, environment, file).await
}

/// How many rows ended how.
#[derive(Default)]
struct Counts {
    stored: u64,
    already_there: u64,
    changed: u64,
    refused: u64,
}

async fn flask(options: &Options, environment: Environment, file: &Path) -> Result<()> {
    let source = FlaskFile::open(file)?;
    let domain = open(options, environment).await?;
    let total = FlaskTable::ALL
        .map(|table| source.count(table))
        .iter()
        .sum();
    let progress = ProgressBar::new(total).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let (mut counts, mut lines) = (Counts::default(), Vec::new());
    let imported = import_flask(&domain, &source, |table, id, event| {
        progress.inc(1);
        match event {
            ImportEvent::Stored => counts.stored += 1,
            ImportEvent::AlreadyThere => counts.already_there += 1,
            ImportEvent::Changed(_) => counts.changed += 1,
            ImportEvent::Refused(_) => counts.refused += 1,
        }
        if matches!(event, ImportEvent::Changed(_) | ImportEvent::Refused(_)) {
            lines.push(format!("{} {id}: {event}", table.name()));
        }
    });
    let imported = imported.await;
    progress.finish_and_clear();
    let completed = domain.complete_posts(|_, _| {}).await;
    domain.close();
    imported?;
    completed?;
    for line in &lines {
        print(line)?;
    }
    let Counts {
        stored,
        already_there,
        changed,
        refused,
    } = counts;
    print(&format!(
        "{} rows stored ({changed} of them changed), {already_there} already there, {refused} not taken",
        stored + changed
    ))
}
