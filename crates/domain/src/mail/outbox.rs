//! How a message leaves: to a mail server, or into a folder.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::OnceCell;

use super::smtp_url::Encryption;
use super::{MailTransport, SmtpUrl};

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// How long the mail server may take for each answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where messages are handed in.
pub(crate) struct Outbox {
    transport: MailTransport,
    /// As whom we greet the mail server.
    host: String,
    /// Made at the first mail: it reads the certificates of the system.
    smtp: OnceCell<Smtp>,
}

impl Outbox {
    pub(crate) fn new(transport: MailTransport, host: String) -> Self {
        Self {
            transport,
            host,
            smtp: OnceCell::new(),
        }
    }

    /// Hands a message in; `name` is what its file is called.
    ///
    /// # Errors
    /// What the other side said.
    pub(super) async fn send(&self, message: Message, name: &str) -> Result<(), String> {
        match &self.transport {
            MailTransport::Off => Err("no mail is set up: set INKGATE_SMTP_URL".to_owned()),
            MailTransport::Folder(folder) => write(folder, name, &message.formatted())
                .map_err(|error| format!("{}: {error}", folder.display())),
            MailTransport::Smtp(url) => {
                let smtp = self
                    .smtp
                    .get_or_try_init(async || self.connect(url))
                    .await?;
                let sent = smtp.send(message).await;
                sent.map(drop).map_err(|error| error.to_string())
            }
        }
    }

    fn connect(&self, url: &SmtpUrl) -> Result<Smtp, String> {
        let tls = || TlsParameters::new(url.host.clone()).map_err(|error| error.to_string());
        let tls = match url.encryption {
            Encryption::Wrapped => Tls::Wrapper(tls()?),
            Encryption::StartTls => Tls::Required(tls()?),
            Encryption::None => Tls::None,
        };
        let builder: AsyncSmtpTransportBuilder = Smtp::builder_dangerous(&url.host)
            .port(url.port)
            .tls(tls)
            .hello_name(ClientId::Domain(self.host.clone()))
            .timeout(Some(PATIENCE));
        Ok(match &url.credentials {
            Some((user, password)) => {
                let password = password.reveal().clone();
                builder.credentials(Credentials::new(user.clone(), password))
            }
            None => builder,
        }
        .build())
    }
}

/// Writes a file that its owner alone may read, whole or not at all.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{name}.draft"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&draft)?.write_all(bytes)?;
    fs::rename(draft, folder.join(name))
}
