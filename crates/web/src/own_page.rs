//! Whether a request that cookies speak for comes from a page of one's own: a browser sends them
//! along whoever has made the page (cross-site request forgery).

use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use domain::Denial;

use crate::app::App;
use crate::body::is_json;
use crate::error::{Error, Result};

/// A page of somebody else cannot send it without asking first (CORS), and nobody gives leave.
const PROOF: &str = "x-inkgate-csrf";

/// Whether the request comes from a page of the public URL, or from no page at all.
pub(crate) struct OwnPage(bool);

impl OwnPage {
    pub(crate) fn of(headers: &HeaderMap, public_url: &str) -> Self {
        let proof = the_only(headers, PROOF).is_some_and(|proof| proof == "1");
        let site = the_only(headers, "sec-fetch-site").and_then(|site| site.to_str().ok());
        let origin = the_only(headers, ORIGIN.as_str()).and_then(|origin| origin.to_str().ok());
        let from_here = match site {
            // No page can set or change this header.
            Some("same-origin") => true,
            Some("none") => origin.is_none_or(|origin| origin == public_url),
            Some(_) => false,
            None => origin.is_some_and(|origin| origin == public_url),
        };
        Self(proof && from_here)
    }

    pub(crate) const fn is_own(&self) -> bool {
        self.0
    }

    /// Refuses what may come from a page of somebody else.
    pub(crate) fn demand(&self) -> Result<()> {
        if self.0 {
            return Ok(());
        }
        let denied = domain::Error::Forbidden(Denial::ForeignPage);
        Err(Error::Domain(denied))
    }
}

impl FromRequestParts<App> for OwnPage {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self::of(&parts.headers, &app.settings.public_url))
    }
}

/// Refuses a body that a form can send: forms ask nobody before they send one.
pub(crate) fn refuse_forms(headers: &HeaderMap) -> Result<()> {
    if headers.contains_key(CONTENT_TYPE) && !is_json(headers) {
        return Err(Error::UnsupportedMediaType);
    }
    Ok(())
}

/// A header that stands in one line only.
fn the_only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn is_own(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        OwnPage::of(&map, "https://blog.test").0
    }

    #[test]
    fn a_page_is_known_by_what_the_browser_says_and_by_what_only_it_can_send() {
        let proof = (PROOF, "1");
        let origin = |origin| ("origin", origin);
        let site = |site| ("sec-fetch-site", site);
        for (headers, wanted) in [
            (vec![proof, site("same-origin")], true),
            (vec![proof, site("none")], true),
            (vec![proof, origin("https://blog.test")], true),
            (
                vec![proof, site("same-origin"), origin("http://localhost")],
                true,
            ),
            (vec![proof], false),
            (vec![site("same-origin")], false),
            (vec![(PROOF, "0"), site("same-origin")], false),
            (vec![proof, proof, site("same-origin")], false),
            (vec![proof, site("same-site")], false),
            (vec![proof, site("cross-site")], false),
            (
                vec![proof, site("cross-site"), origin("https://blog.test")],
                false,
            ),
            (
                vec![proof, site("none"), origin("https://evil.test")],
                false,
            ),
            (vec![proof, origin("https://evil.test")], false),
            (vec![proof, origin("null")], false),
            (vec![proof, origin("https://blog.test.evil.test")], false),
            (vec![proof, origin("http://blog.test")], false),
            (
                vec![
                    proof,
                    origin("https://blog.test"),
                    origin("https://evil.test"),
                ],
                false,
            ),
            (vec![proof, site("same-origin"), site("cross-site")], false),
        ] {
            assert_eq!(is_own(&headers), wanted, "{headers:?}");
        }
    }
}
