//! `inkgate doctor`: what is unsafe before going public.

use model::{Role, UserId};
use store::DatabaseUrl;

use super::{open, print};
use crate::config::{Environment, Options, Registration, Synchronous};
use crate::config_secrets;
use crate::config_urls::PublicUrl;
use crate::failure::{Failure, Result};

pub(super) async fn run(options: &Options, environment: Environment) -> Result<()> {
    let mut findings = of_settings(options, environment)?;
    findings.extend(of_files(environment)?);
    findings.extend(of_accounts(options, environment).await?);
    for finding in &findings {
        print(&format!("- {finding}"))?;
    }
    if findings.is_empty() {
        return print("nothing unsafe was found");
    }
    Err(Failure::refused(format!(
        "{} things to look at before going public",
        findings.len()
    )))
}

fn of_settings(options: &Options, environment: Environment) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let mut check = |unsafe_: bool, finding: &str| {
        if unsafe_ {
            findings.push(finding.to_owned());
        }
    };
    let production = environment == Environment::Production;
    check(
        !production,
        "INKGATE_ENV is not production: weak passwords and keys are taken",
    );
    let secrets = config_secrets::read(environment)?;
    let weakness = config_secrets::weakness(&String::from_utf8_lossy(secrets.key.reveal()));
    if let Some(weakness) = weakness {
        check(
            true,
            &format!("SECRET_KEY {weakness}: `inkgate secret generate` makes a good one"),
        );
    }
    let open = options.registration == Some(Registration::Open)
        || (options.registration.is_none() && !production);
    check(
        open,
        "INKGATE_REGISTRATION is open: anybody can make an account",
    );
    let seed_tokens = options.accept_seed_tokens.unwrap_or(!production);
    check(
        seed_tokens,
        "INKGATE_ACCEPT_SEED_TOKENS: those tokens cannot be ended one by one",
    );
    check(
        options.quotas(environment).is_none(),
        "INKGATE_LIMITS is off: passwords can be guessed",
    );
    let behind_proxy = options.trusted_proxies != web::TrustedProxies::default();
    let public = !options.address().ip().is_loopback();
    check(
        public && !behind_proxy,
        "INKGATE_LISTEN is public and INKGATE_TRUSTED_PROXIES empty: without a proxy in front \
         nothing is encrypted, with one all clients share its address in the limits",
    );
    let plain = |url: &PublicUrl| url.is_plain_and_public();
    check(
        options.public_url.as_ref().is_none_or(plain),
        "INKGATE_PUBLIC_URL is not set to an https URL: tokens and links name one that nobody may \
         reach, or that others can read along",
    );
    check(
        secrets.smtp.is_none(),
        "INKGATE_SMTP_URL is not set: nobody can confirm an e-mail address or set a new password",
    );
    let normal = options.sqlite_synchronous == Synchronous::Normal;
    check(
        normal,
        "INKGATE_SQLITE_SYNCHRONOUS is normal: a power cut may undo the last writes",
    );
    Ok(findings)
}

fn of_files(environment: Environment) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    #[cfg(unix)]
    if let DatabaseUrl::Sqlite(path) = config_secrets::database(environment)? {
        use std::os::unix::fs::PermissionsExt;
        if let Ok(metadata) = std::fs::metadata(&path)
            && metadata.permissions().mode() & 0o077 != 0
        {
            let path = path.display();
            findings.push(format!(
                "{path} can be read by others on this machine: chmod 600 {path}"
            ));
        }
    }
    Ok(findings)
}

async fn of_accounts(options: &Options, environment: Environment) -> Result<Vec<String>> {
    let domain = open(options, environment).await?;
    let (mut after, mut admins) = (UserId(0), 0);
    loop {
        let users = domain.users_after(after, 500).await?;
        let Some(last) = users.last() else { break };
        after = last.id;
        admins += users.iter().filter(|user| user.role == Role::Admin).count();
    }
    domain.close();
    let hint = "`inkgate user create --role admin --username NAME` makes one";
    Ok(if admins == 0 {
        vec![format!("there is no admin: {hint}")]
    } else {
        Vec::new()
    })
}
