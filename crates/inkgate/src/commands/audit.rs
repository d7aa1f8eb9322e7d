//! `inkgate audit`: proving the audit log, also while the server runs.

use domain::{AuditReport, Domain, KeptSeal};

use super::{open, print};
use crate::cli::AuditCommand;
use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};

pub(super) async fn run(
    options: &Options,
    environment: Environment,
    command: &AuditCommand,
) -> Result<()> {
    let AuditCommand::Verify { kept } = command;
    let domain = open(options, environment).await?;
    let done = verify(&domain, kept.as_ref()).await;
    domain.close();
    done
}

async fn verify(domain: &Domain, kept: Option<&KeptSeal>) -> Result<()> {
    let verdict = domain.verify_audit_log(kept).await?;
    let AuditReport {
        events,
        seals,
        waiting,
        last,
    } = verdict.map_err(Failure::refused)?;
    print(&format!(
        "OK: {events} events under {seals} seals, and {waiting} that wait for theirs"
    ))?;
    match last {
        Some(last) => print(&format!("last seal {last}")),
        None => Ok(()),
    }
}
