//! Settings about mail.

use std::path::{Path, PathBuf};

use clap::Args;
use domain::{MailFrom, MailSettings, MailTransport, SmtpUrl};
use store::DatabaseUrl;

use crate::config::{Environment, Options};
use crate::config_secrets::Secrets;
use crate::config_urls::PageUrl;
use crate::failure::{Failure, Result};

/// Where files of mails go in development.
const FOLDER: &str = "mail";

/// What can be set about mail; the mail server is a secret.
#[derive(Args, Clone, Debug)]
pub struct MailOptions {
    /// From whom mail comes, such as `A blog <blog@example.org>`; needed for `INKGATE_SMTP_URL`
    #[arg(long, env = "INKGATE_MAIL_FROM", global = true, value_name = "ADDRESS")]
    pub mail_from: Option<MailFrom>,
    /// A folder for mails as files, where `INKGATE_SMTP_URL` is not set [default: in development the
    /// folder `mail` beside the SQLite file]
    #[arg(
        long,
        env = "INKGATE_MAIL_FOLDER",
        global = true,
        value_name = "FOLDER"
    )]
    pub mail_folder: Option<PathBuf>,
    /// The page that sets a new password; the token stands behind its `#` [default: our own, below
    /// `INKGATE_PUBLIC_URL`]
    #[arg(long, env = "INKGATE_RESET_URL", global = true, value_name = "URL")]
    pub reset_url: Option<PageUrl>,
    /// The page that confirms an e-mail address; the token stands behind its `#` [default: our own,
    /// below `INKGATE_PUBLIC_URL`]
    #[arg(long, env = "INKGATE_VERIFY_URL", global = true, value_name = "URL")]
    pub verify_url: Option<PageUrl>,
}

/// Puts together how mail leaves and what stands in it.
pub(crate) fn settings(
    options: &Options,
    environment: Environment,
    secrets: &Secrets,
) -> Result<MailSettings> {
    let mail = &options.mail;
    let transport = transport(mail, environment, secrets);
    let from = match (&mail.mail_from, &transport) {
        (Some(from), _) => from.clone(),
        (None, MailTransport::Smtp(_)) => {
            let hint = "name the address that mail comes from";
            return Err(Failure::config(format!(
                "INKGATE_SMTP_URL is set and INKGATE_MAIL_FROM is not: {hint}"
            )));
        }
        (None, _) => "inkgate@localhost".parse().map_err(Failure::config)?,
    };
    let page = |url: &Option<PageUrl>, path: &str| match url {
        Some(url) => url.as_str().to_owned(),
        None => format!("{}{path}", options.public_url()),
    };
    Ok(MailSettings {
        transport,
        from,
        reset_url: page(&mail.reset_url, "/account/reset"),
        verify_url: page(&mail.verify_url, "/account/verify"),
    })
}

fn transport(mail: &MailOptions, environment: Environment, secrets: &Secrets) -> MailTransport {
    let smtp: Option<&SmtpUrl> = secrets.smtp.as_ref();
    match (smtp, &mail.mail_folder) {
        (Some(url), _) => MailTransport::Smtp(url.clone()),
        (None, Some(folder)) => MailTransport::Folder(folder.clone()),
        (None, None) if environment == Environment::Development => {
            MailTransport::Folder(beside(&secrets.database))
        }
        (None, None) => MailTransport::Off,
    }
}

/// The folder for mails beside the SQLite file, or in the working directory.
fn beside(database: &DatabaseUrl) -> PathBuf {
    let folder = match database {
        DatabaseUrl::Sqlite(file) => file.parent().unwrap_or(Path::new("")),
        DatabaseUrl::Postgres(_) => Path::new(""),
    };
    folder.join(FOLDER)
}
