//! Mail: what is written, and how it leaves. Only jobs send it, never a request.

mod message;
mod outbox;
mod send;
mod smtp_url;

use std::path::PathBuf;
use std::str::FromStr;

use lettre::message::Mailbox;

pub(crate) use outbox::Outbox;
pub(crate) use send::{EmailChangedMail, ResetMail, VerifyMail, host_of};
pub use smtp_url::SmtpUrl;

/// How mail leaves, and what stands in it.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// How it leaves.
    pub transport: MailTransport,
    /// From whom it comes.
    pub from: MailFrom,
    /// The page that sets another password; the token stands behind `#`.
    pub reset_url: String,
    /// The page that confirms an address; the token stands behind `#`.
    pub verify_url: String,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// Not at all: the jobs that want to send it fail.
    Off,
    /// As files in a folder.
    Folder(PathBuf),
    /// Through a mail server.
    Smtp(SmtpUrl),
}

/// From whom mail comes: an address, perhaps with a name.
#[derive(Clone, Debug)]
pub struct MailFrom(pub(crate) Mailbox);

impl FromStr for MailFrom {
    type Err = String;

    /// Reads `name@example.org` or `A name <name@example.org>`.
    fn from_str(text: &str) -> Result<Self, String> {
        let hint = "write an address such as blog@example.org or \"A blog <blog@example.org>\"";
        let mailbox: Mailbox = text.parse().map_err(|_| hint.to_owned())?;
        let is_plain = mailbox.email.to_string().is_ascii();
        let shown = mailbox.name.as_deref().unwrap_or_default();
        if !is_plain || shown.chars().any(char::is_control) {
            return Err(hint.to_owned());
        }
        Ok(Self(mailbox))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_comes_from_an_address_with_or_without_a_name() {
        for text in ["blog@example.org", "A blog <blog@example.org>"] {
            assert!(text.parse::<MailFrom>().is_ok(), "{text}");
        }
        for text in ["", "blog", "A blog", "a@b.org, c@d.org", "a\nb <a@b.org>"] {
            assert!(text.parse::<MailFrom>().is_err(), "{text:?}");
        }
    }
}
