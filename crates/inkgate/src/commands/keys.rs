//! `inkgate keys`: the keys that sign v2 tokens, also while the server runs.

use domain::Domain;

use super::{open, print};
use crate::cli::KeysCommand;
use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};

pub(super) async fn run(
    options: &Options,
    environment: Environment,
    command: &KeysCommand,
) -> Result<()> {
    let domain = open(options, environment).await?;
    let done = apply(&domain, command).await;
    domain.close();
    done
}

async fn apply(domain: &Domain, command: &KeysCommand) -> Result<()> {
    match command {
        KeysCommand::List => list(domain).await,
        KeysCommand::Rotate => {
            domain.rotate_signing_keys().await?;
            list(domain).await
        }
        KeysCommand::Revoke { kid } => {
            let revoked = domain.revoke_signing_key(kid).await;
            revoked.map_err(|error| match error {
                domain::Error::NotFound(_) => {
                    Failure::refused(format!("there is no key {kid:?}: see `inkgate keys list`"))
                }
                error => error.into(),
            })?;
            print(&format!(
                "{kid} is gone, and every token that it has signed"
            ))
        }
    }
}

async fn list(domain: &Domain) -> Result<()> {
    for key in domain.list_signing_keys().await? {
        let (kid, state, created) = (&key.kid, key.state.as_str(), key.created_at);
        let since = match (key.activated_at, key.retired_at) {
            (_, Some(retired)) => format!("\tretired {retired}"),
            (Some(activated), None) => format!("\tsigns since {activated}"),
            (None, None) => String::new(),
        };
        print(&format!("{kid}\t{state}\tmade {created}{since}"))?;
    }
    Ok(())
}
