//! The tokens of a browser's session, in cookies that no script can read.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use cookie::time::Duration;
use cookie::{Cookie, CookieBuilder, SameSite};
use domain::TokenPair;
use model::SessionKind;

/// Where the refresh token is sent to, and nowhere else.
const REFRESH_PATH: &str = "/api/v2/auth";

/// Which cookies there are.
///
/// The prefixes make a browser demand `Secure` (and `__Host-` that no other host of the domain has
/// set the cookie): RFC 6265bis, section 4.1.3. A browser takes neither from plain HTTP, so that on
/// one's own machine there are none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    access: &'static str,
    refresh: &'static str,
    secure: bool,
}

impl Cookies {
    /// `plain` is for HTTP on one's own machine.
    pub(crate) const fn new(plain: bool) -> Self {
        if plain {
            Self {
                access: "inkgate_at",
                refresh: "inkgate_rt",
                secure: false,
            }
        } else {
            Self {
                access: "__Host-inkgate_at",
                refresh: "__Secure-inkgate_rt",
                secure: true,
            }
        }
    }

    /// The access token of a request, if it has one.
    pub(crate) fn access_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        value(headers, self.access)
    }

    /// The refresh token of a request, if it has one.
    pub(crate) fn refresh_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        value(headers, self.refresh)
    }

    /// Gives a browser its session's tokens; what is no browser's gets no cookie.
    pub(crate) fn give(&self, response: &mut Response, pair: &TokenPair) {
        if pair.kind != SessionKind::Cookie {
            return;
        }
        let access = self.access(pair.access_token.reveal().as_str());
        let refresh = self.refresh(pair.refresh_token.reveal().as_str());
        let lives = |duration: std::time::Duration| {
            Duration::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
        };
        set(response, access.max_age(lives(pair.expires_in)));
        set(response, refresh.max_age(lives(pair.refresh_expires_in)));
    }

    /// Takes from a browser the cookies that it has sent.
    pub(crate) fn take(&self, headers: &HeaderMap, response: &mut Response) {
        for cookie in [self.access(""), self.refresh("")] {
            let cookie = cookie.max_age(Duration::ZERO);
            if value(headers, cookie.inner().name()).is_some() {
                set(response, cookie);
            }
        }
    }

    fn access<'a>(&self, token: &'a str) -> CookieBuilder<'a> {
        let cookie = Cookie::build((self.access, token)).path("/");
        self.guarded(cookie.same_site(SameSite::Lax))
    }

    fn refresh<'a>(&self, token: &'a str) -> CookieBuilder<'a> {
        let cookie = Cookie::build((self.refresh, token)).path(REFRESH_PATH);
        self.guarded(cookie.same_site(SameSite::Strict))
    }

    fn guarded<'a>(&self, cookie: CookieBuilder<'a>) -> CookieBuilder<'a> {
        cookie.http_only(true).secure(self.secure)
    }
}

fn set(response: &mut Response, cookie: CookieBuilder<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.build().to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// The value of a cookie. One that comes twice is an empty one, which is no token: somebody has put
/// another in front of ours, and nobody can tell which is which.
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let cookies = lines.flat_map(Cookie::split_parse).flatten();
    let mut values = cookies
        .filter(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value_raw().unwrap_or_default());
    let first = values.next()?;
    Some(if values.next().is_some() { "" } else { first })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        let token = Cookies::new(false).access_token(&headers);
        token.map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        assert_eq!(read(&[]), None);
        assert_eq!(
            read(&["a=b; __Host-inkgate_at=T; c=d"]).as_deref(),
            Some("T")
        );
        assert_eq!(read(&["a=b", "__Host-inkgate_at=T"]).as_deref(), Some("T"));
        assert_eq!(read(&["inkgate_at=T; X__Host-inkgate_at=T"]), None);
        assert_eq!(read(&["__host-inkgate_at=T"]), None);
        assert_eq!(read(&["__Host-inkgate_at"]), None);
    }

    #[test]
    fn a_cookie_that_comes_twice_is_no_token() {
        let both = "__Host-inkgate_at=T; __Host-inkgate_at=U";
        assert_eq!(read(&[both]).as_deref(), Some(""));
        let lines = ["__Host-inkgate_at=T", "__Host-inkgate_at=T"];
        assert_eq!(read(&lines).as_deref(), Some(""));
    }
}
