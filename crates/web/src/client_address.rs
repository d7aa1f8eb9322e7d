//! Where a request comes from, behind proxies that one trusts.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use domain::ClientAddress;
use ipnet::IpNet;

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl FromStr for TrustedProxies {
    type Err = String;

    /// Reads addresses and networks, separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let parse = |part: &str| {
            part.parse::<IpNet>()
                .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| format!("{part:?} is no address such as 10.0.0.1 or 10.0.0.0/8"))
        };
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(parse).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    /// The socket's address, unless a trusted proxy is there: then the rightmost address of
    /// `X-Forwarded-For` that is none. What stands left of that, anybody may have written.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> ClientAddress {
        let peer = peer.ip().to_canonical();
        if !self.trusts(peer) {
            return ClientAddress(peer);
        }
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        let hops = lines
            .iter()
            .rev()
            .flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        let mut nearest = peer;
        for hop in hops {
            let Ok(hop) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            nearest = hop.to_canonical();
            if !self.trusts(nearest) {
                break;
            }
        }
        ClientAddress(nearest)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, lines: &[&'static str]) -> String {
        let trusted: TrustedProxies = trusted.parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        trusted
            .client(SocketAddr::new(peer.parse().unwrap(), 1), &headers)
            .0
            .to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(
            client("10.0.0.0/8", "192.0.2.1", &["198.51.100.7"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn behind_a_proxy_the_rightmost_stranger_counts() {
        let lines = &["203.0.113.9, 198.51.100.7, 10.0.0.3"];
        assert_eq!(client("10.0.0.0/8", "10.0.0.2", lines), "198.51.100.7");

        let lines = &["198.51.100.7", "203.0.113.9"];
        assert_eq!(client("10.0.0.2", "10.0.0.2", lines), "203.0.113.9");
    }

    #[test]
    fn nonsense_is_where_believing_ends() {
        assert_eq!(
            client("10.0.0.0/8", "10.0.0.2", &["198.51.100.7, fake, 10.0.0.3"]),
            "10.0.0.3"
        );
        assert_eq!(client("10.0.0.0/8", "10.0.0.2", &[]), "10.0.0.2");
        assert!("10.0.0".parse::<TrustedProxies>().is_err());
    }
}
