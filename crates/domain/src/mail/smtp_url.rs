//! Where mail is handed in: `smtps://user:password@host` or `smtp://host?tls=none`.

use std::fmt;
use std::net::IpAddr;

use model::Secret;
use percent_encoding::percent_decode_str;
use url::Url;

/// A mail server, how it is talked to, and as whom.
#[derive(Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) credentials: Option<(String, Secret<String>)>,
}

/// How the connection is encrypted. The certificate is always checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// From the start (RFC 8314).
    Wrapped,
    /// From STARTTLS on (RFC 3207); a server that offers none gets nothing.
    StartTls,
    /// Not at all.
    None,
}

impl SmtpUrl {
    /// Reads the URL of a mail server.
    ///
    /// # Errors
    /// Says what is wrong with it, without repeating it: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let hint = "must look like smtps://user:password@mail.example.org";
        let url = Url::parse(text).map_err(|_| hint.to_owned())?;
        let is_bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
        let host = url.host_str().filter(|host| is_bare && !host.is_empty());
        let host = host.ok_or(hint)?.trim_matches(['[', ']']).to_owned();
        let (encryption, port) = match (url.scheme(), url.query()) {
            ("smtps", None | Some("tls=required")) => (Encryption::Wrapped, 465),
            ("smtp", None | Some("tls=required")) => (Encryption::StartTls, 587),
            ("smtp", Some("tls=none")) => (Encryption::None, 25),
            ("smtp" | "smtps", _) => return Err("takes ?tls=required or ?tls=none".to_owned()),
            _ => return Err("must begin with smtp:// or smtps://".to_owned()),
        };
        let credentials = credentials(&url)?;
        if credentials.is_some() && encryption == Encryption::None && !is_loopback(&host) {
            return Err("would send the password unencrypted: leave ?tls=none out".to_owned());
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(port),
            encryption,
            credentials,
        })
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port, encryption) = (&self.host, self.port, self.encryption);
        write!(f, "{host}:{port} {encryption:?}")
    }
}

fn credentials(url: &Url) -> Result<Option<(String, Secret<String>)>, String> {
    let decode = |text| {
        let decoded = percent_decode_str(text).decode_utf8();
        let decoded = decoded.map_err(|_| "holds a user or a password that is no text");
        decoded.map(std::borrow::Cow::into_owned)
    };
    let user = decode(url.username())?;
    match (user.is_empty(), url.password()) {
        (true, None) => Ok(None),
        (false, Some(password)) => Ok(Some((user, Secret::new(decode(password)?)))),
        _ => Err("must name a user and a password, or neither".to_owned()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_server_and_how_to_talk_to_it() {
        for (text, shown, user) in [
            (
                "smtps://a:b@mail.example.org",
                "mail.example.org:465 Wrapped",
                Some("a"),
            ),
            (
                "smtp://a%40b:c%2Fd@mail.example.org",
                "mail.example.org:587 StartTls",
                Some("a@b"),
            ),
            ("smtp://relay:2525?tls=none", "relay:2525 None", None),
            (
                "smtp://a:b@127.0.0.1?tls=none",
                "127.0.0.1:25 None",
                Some("a"),
            ),
            (
                "smtp://a:b@[::1]:1025/?tls=none",
                "::1:1025 None",
                Some("a"),
            ),
            ("smtp://relay?tls=required", "relay:587 StartTls", None),
        ] {
            let url = SmtpUrl::parse(text).unwrap();
            assert_eq!(format!("{url:?}"), shown, "{text}");
            assert_eq!(url.credentials.map(|(user, _)| user).as_deref(), user);
        }
    }

    #[test]
    fn what_is_no_such_url_is_refused_and_not_repeated() {
        for text in [
            "",
            "mail.example.org",
            "http://a:hunter2@mail.example.org",
            "smtps://",
            "smtp://a:hunter2@mail.example.org?tls=none",
            "smtp://a:hunter2@mail.example.org?tls=maybe",
            "smtps://a:hunter2@mail.example.org?tls=none",
            "smtps://a@mail.example.org",
            "smtps://:hunter2@mail.example.org",
            "smtps://a:hunter2@mail.example.org/path",
            "smtps://a:hunter2%ff@mail.example.org",
            "smtps://a:hunter2@mail.example.org:port",
        ] {
            let error = SmtpUrl::parse(text).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
