//! URLs as settings: read strictly, since they stand in tokens and in links that are mailed.

use std::str::FromStr;

use url::{Host, Url};
use web::CorsOrigins;

/// Where clients reach the server: a scheme, a host, and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    is_plain: bool,
    is_local: bool,
}

impl PublicUrl {
    /// The URL without a slash at its end, as a browser writes an origin (RFC 6454).
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it leaves this machine without encryption.
    pub const fn is_plain_and_public(&self) -> bool {
        self.is_plain && !self.is_local
    }

    /// Whether it is spoken without encryption, and stays on this machine.
    pub const fn is_plain_and_local(&self) -> bool {
        self.is_plain && self.is_local
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "write a scheme and a host alone, such as https://blog.example";
        let url = web_url(text).ok_or(wrong)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong.to_owned());
        }
        Ok(Self {
            text: url.origin().ascii_serialization(),
            is_plain: url.scheme() == "http",
            is_local: is_loopback(&url),
        })
    }
}

/// Whose pages may use the API from another origin: `none`, `*` for everybody's, or some origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(CorsOrigins);

impl Origins {
    /// The origins.
    pub const fn as_cors(&self) -> &CorsOrigins {
        &self.0
    }
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text.trim() {
            "" | "none" => CorsOrigins::None,
            "*" => CorsOrigins::Any,
            list => {
                let origins = list.split(',').map(|text| text.trim().parse::<PublicUrl>());
                let origins = origins.map(|origin| origin.map(|origin| origin.text));
                let wrong = "write none, *, or origins such as https://blog.example, with commas \
                             between them";
                CorsOrigins::These(origins.collect::<Result<_, _>>().map_err(|_| wrong)?)
            }
        }))
    }
}

/// A page that a link in a mail leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageUrl(String);

impl PageUrl {
    /// The URL, to which `#` and a token are added.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PageUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = web_url(text).filter(|url| url.fragment().is_none());
        let url = url.ok_or("write a URL without #, such as https://blog.example/reset")?;
        Ok(Self(url.into()))
    }
}

/// A URL of the web that names a host and nobody's password.
fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_open = url.username().is_empty() && url.password().is_none();
    (is_web && is_open).then_some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> Option<String> {
        let url: Result<PublicUrl, _> = text.parse();
        url.ok().map(|url| url.as_str().to_owned())
    }

    #[test]
    fn a_public_url_is_an_origin_in_one_spelling() {
        for (text, wanted) in [
            ("https://blog.example", "https://blog.example"),
            ("https://blog.example/", "https://blog.example"),
            ("HTTPS://Blog.Example:443/", "https://blog.example"),
            ("http://[::1]:5000", "http://[::1]:5000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(public(text).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "blog.example",
            "ftp://blog.example",
            "https://",
            "https://user:password@blog.example",
            "https://blog.example/blog",
            "https://blog.example/?a",
            "https://blog.example/#a",
            "javascript:alert(1)",
        ] {
            assert_eq!(public(text), None, "{text}");
        }
    }

    #[test]
    fn origins_are_none_all_or_a_list() {
        let these = |origins: &[&str]| {
            CorsOrigins::These(origins.iter().map(|&origin| origin.to_owned()).collect())
        };
        for (text, wanted) in [
            ("", CorsOrigins::None),
            ("none", CorsOrigins::None),
            ("*", CorsOrigins::Any),
            ("https://A.example/", these(&["https://a.example"])),
            (
                "https://a.example:443, http://localhost:3000",
                these(&["https://a.example", "http://localhost:3000"]),
            ),
        ] {
            let origins: Origins = text.parse().unwrap();
            assert_eq!(origins.as_cors(), &wanted, "{text}");
        }
        for text in [
            "a.example",
            "https://a.example/b",
            "https://a.example,",
            "*,*",
            "null",
        ] {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_is_any_url_of_the_web_to_which_a_token_can_be_added() {
        let page: PageUrl = "https://blog.example/a?b=c".parse().unwrap();
        assert_eq!(page.as_str(), "https://blog.example/a?b=c");
        for text in [
            "/reset",
            "https://blog.example/#a",
            "https://a:b@blog.example",
            "data:,",
        ] {
            assert!(text.parse::<PageUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_leaves_the_machine_unencrypted_is_known() {
        for (text, public, local) in [
            ("https://blog.example", false, false),
            ("https://localhost", false, false),
            ("http://blog.example", true, false),
            ("http://localhost:5000", false, true),
            ("http://127.0.0.1", false, true),
            ("http://[::1]", false, true),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.is_plain_and_public(), public, "{text}");
            assert_eq!(url.is_plain_and_local(), local, "{text}");
        }
    }
}
