//! `inkgate user`: accounts, also while the server runs.

use std::io::{BufRead, IsTerminal};

use domain::Domain;
use model::{Password, User, UserId, Username};

use super::{open, print};
use crate::cli::UserCommand;
use crate::config::{Environment, Options};
use crate::failure::{Failure, Result};

/// How many accounts are read at a time.
const BATCH: u32 = 500;

pub(super) async fn run(
    options: &Options,
    environment: Environment,
    command: &UserCommand,
) -> Result<()> {
    let domain = open(options, environment).await?;
    let done = apply(&domain, command).await;
    domain.close();
    done
}

async fn apply(domain: &Domain, command: &UserCommand) -> Result<()> {
    match command {
        UserCommand::Create {
            username,
            role,
            password_stdin,
        } => {
            let name = username_of(username)?;
            let user = domain
                .create_user(name, read_password(*password_stdin)?, *role)
                .await?;
            print(&format!(
                "created {} ({}, {})",
                user.username, user.id, user.role
            ))
        }
        UserCommand::List => list(domain).await,
        UserCommand::SetRole { name, role } => {
            let user = find(domain, name).await?;
            domain.set_role(user.id, *role).await?;
            print(&format!("{} is {role} now", user.username))
        }
        UserCommand::SetPassword {
            name,
            password_stdin,
        } => {
            let user = find(domain, name).await?;
            domain
                .set_password(&user, read_password(*password_stdin)?)
                .await?;
            print(&format!(
                "{} has another password now, and every session is over",
                user.username
            ))
        }
        UserCommand::RemoveSecondFactor { name } => {
            let user = find(domain, name).await?;
            domain.remove_second_factor(user.id).await?;
            print(&format!(
                "{} logs in with the password alone now",
                user.username
            ))
        }
        UserCommand::Suspend { name } => {
            let user = find(domain, name).await?;
            domain.suspend_user(user.id).await?;
            print(&format!(
                "{} is suspended, and every session is over",
                user.username
            ))
        }
        UserCommand::Restore { name } => {
            let user = find(domain, name).await?;
            domain.unsuspend_user(user.id).await?;
            print(&format!("{} may log in again", user.username))
        }
    }
}

async fn list(domain: &Domain) -> Result<()> {
    let mut after = UserId(0);
    loop {
        let users = domain.users_after(after, BATCH).await?;
        let Some(last) = users.last() else {
            return Ok(());
        };
        after = last.id;
        for User {
            id,
            username,
            role,
            suspended_at,
            created_at,
            ..
        } in &users
        {
            let suspended = suspended_at
                .map(|at| format!("\tsuspended {at}"))
                .unwrap_or_default();
            print(&format!(
                "{id}\t{username}\t{role}\t{created_at}{suspended}"
            ))?;
        }
    }
}

async fn find(domain: &Domain, name: &str) -> Result<User> {
    let user = domain.user_by_name(&username_of(name)?).await;
    user.map_err(|error| match error {
        domain::Error::NotFound(_) => Failure::refused(format!("there is no user {name:?}")),
        error => error.into(),
    })
}

fn username_of(text: &str) -> Result<Username> {
    Username::parse(text)
        .map_err(|invalid| Failure::refused(format!("username {}", invalid.message)))
}

/// From a prompt, or from standard input: an argument could be read by anybody on the machine.
pub(super) fn read_password(from_stdin: bool) -> Result<Password> {
    let text = if from_stdin {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(Failure::refused)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else if std::io::stdin().is_terminal() {
        rpassword::prompt_password("Password: ").map_err(Failure::refused)?
    } else {
        return Err(Failure::refused(
            "nobody can be asked for the password: use --password-stdin",
        ));
    };
    Password::parse(&text)
        .map_err(|invalid| Failure::refused(format!("password {}", invalid.message)))
}
