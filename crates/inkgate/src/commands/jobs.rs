//! `inkgate jobs`: what waits to be done and what could not be, also while the server runs.

use domain::Domain;
use model::{Job, JobId};

use super::{open, print};
use crate::cli::JobsCommand;
use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};

pub(super) async fn run(
    options: &Options,
    environment: Environment,
    command: &JobsCommand,
) -> Result<()> {
    let domain = open(options, environment).await?;
    let done = apply(&domain, command).await;
    domain.close();
    done
}

async fn apply(domain: &Domain, command: &JobsCommand) -> Result<()> {
    match command {
        JobsCommand::List { dead } => list(domain, *dead).await,
        JobsCommand::Retry { id: Some(id), .. } => retry(domain, *id).await,
        JobsCommand::Retry { id: None, .. } => {
            let count = domain.retry_dead_jobs().await?;
            print(&format!("{count} jobs run again"))
        }
    }
}

async fn list(domain: &Domain, dead: bool) -> Result<()> {
    let mut after = JobId::FIRST;
    loop {
        let jobs = domain.jobs_after(after, dead).await?;
        let Some(last) = jobs.last() else {
            return Ok(());
        };
        after = last.id;
        for job in &jobs {
            print(&line(domain, job))?;
        }
    }
}

fn line(domain: &Domain, job: &Job) -> String {
    let (id, kind, attempts) = (job.id, &job.kind, job.attempts);
    let state = match (job.dead_at, job.leased_until) {
        (Some(dead), _) => format!("dead since {dead}"),
        (None, Some(until)) if until > domain.clock().now() => "runs".to_owned(),
        (None, _) => format!("runs at {}", job.run_at),
    };
    let error = job.last_error.as_deref().unwrap_or_default();
    let line = format!("{id}\t{kind}\t{state}\t{attempts} attempts\t{error}");
    line.trim_end().to_owned()
}

async fn retry(domain: &Domain, id: JobId) -> Result<()> {
    let retried = domain.retry_job(id).await;
    retried.map_err(|error| match error {
        domain::Error::NotFound(_) => {
            let hint = "see `inkgate jobs list`";
            Failure::refused(format!("no job {id} waits or is dead: {hint}"))
        }
        error => error.into(),
    })?;
    print(&format!("{id} runs again"))
}
