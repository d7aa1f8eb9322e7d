//! Who somebody is: log-in, tokens, passwords, permissions.

mod authenticate;
pub(crate) mod comment_policy;
mod counting;
pub(crate) mod derived_key;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod hash_threads;
mod jws;
mod jws_provider;
mod key_ring;
mod live_sessions;
mod login;
mod mfa_token;
mod one_time_token;
mod password;
mod password_policy;
mod personal_token;
pub(crate) mod policy;
mod recovery_code;
mod refresh_token;
pub(crate) mod sealed;
mod second_factor_code;
mod signing_keys;
mod strict_names;
pub(crate) mod totp;
mod totp_secrets;
mod v1_token;
mod v2_token;

use std::net::IpAddr;

use model::{Role, Scopes, SessionId, UserId};
use strict_names::StrictNames;

pub(crate) use authenticate::{actor_of, token_refused};
pub(crate) use counting::{MailFor, limit_mac};
pub(crate) use hash_threads::HashThreads;
pub(crate) use live_sessions::LiveSessions;
pub(crate) use mfa_token::MfaToken;
pub(crate) use one_time_token::OneTimeTokenText;
pub(crate) use password_policy::refuse_weak;
pub(crate) use personal_token::PersonalTokenText;
pub use policy::{Action, may};
pub(crate) use recovery_code::{COUNT as RECOVERY_CODES, RecoveryCode};
pub(crate) use refresh_token::{RefreshKeys, RefreshToken};
pub(crate) use second_factor_code::Kind as CodeKind;
pub use second_factor_code::SecondFactorCode;
pub(crate) use signing_keys::SigningKeys;
pub(crate) use totp_secrets::TotpSecrets;
pub(crate) use v1_token::V1Keys;
pub(crate) use v2_token::{LIFE as ACCESS_TOKEN_LIFE, V2Claims, mint as mint_v2};

/// Somebody who was recognised.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user's number.
    pub id: UserId,
    /// The name as typed at registration.
    pub username: String,
    /// What the account may do now.
    pub role: Role,
}

/// Somebody who was recognised, and by what.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// By what.
    pub credential: Credential,
}

/// Somebody who was recognised by the access token of a session.
#[derive(Clone, Debug)]
pub struct SessionActor {
    /// Who.
    pub actor: Actor,
    /// The session.
    pub session: SessionId,
}

/// What somebody was recognised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A v1 token.
    V1Token,
    /// An access token of this session.
    Session(SessionId),
    /// A personal access token with these scopes, as far as the role of now allows them.
    Personal(Scopes),
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What counts as one address: of IPv6 the first 64 bits, which is what one customer gets.
    pub(crate) fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

/// Who sends a request, as far as that can be seen.
#[derive(Clone, Debug)]
pub struct Client {
    /// From where.
    pub address: ClientAddress,
    /// With which program: what it says of itself.
    pub user_agent: String,
}

impl Client {
    /// How much of a program's name is kept.
    const USER_AGENT_CHARS: usize = 200;

    /// The program's name as it is kept and shown.
    pub(crate) fn shown_user_agent(&self) -> String {
        let printable = self.user_agent.chars().filter(|char| !char.is_control());
        printable.take(Self::USER_AGENT_CHARS).collect()
    }
}

/// By what somebody logs in.
#[derive(Clone, Debug)]
pub enum LoginName {
    /// The name, in any case.
    Username(model::Username),
    /// An address that is known to be the account's own, in any case.
    Email(model::Email),
}

/// A log-in as it was asked for.
#[derive(Debug)]
pub struct Login {
    /// Who is to be logged in.
    pub name: LoginName,
    /// The password.
    pub password: model::Password,
    /// Who sends it.
    pub client: Client,
}

/// Reads a JSON object into `T`. No name may stand twice, at the top or below, and nulls are
/// values: what is null is present, which `Option` alone would not tell.
fn strict_object<T: serde::de::DeserializeOwned>(json: &[u8]) -> Option<T> {
    let names: StrictNames = serde_json::from_slice(json).ok()?;
    (!names.has_null).then(|| serde_json::from_slice(json).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        ClientAddress(address.parse().unwrap()).network()
    }

    #[test]
    fn an_ipv6_customer_is_one_address() {
        assert_eq!(
            network("2001:db8:1:2:3::4"),
            network("2001:db8:1:2:ffff::9")
        );
        assert_ne!(network("2001:db8:1:2::4"), network("2001:db8:1:3::4"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
