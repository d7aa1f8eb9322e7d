//! What stands in a v2 access token (RFC 9068), and when it counts.

use std::time::Duration;

use model::{AuthMethods, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::jws::{self, Refused};
use super::key_ring::KeyRing;
use super::strict_object;

/// How long a token is good.
pub(crate) const LIFE: Duration = Duration::from_mins(10);
/// How far ahead of ours the clock of another node may be, in seconds.
const CLOCK_SKEW: i64 = 60;
/// For whom tokens are made, and the one client that gets them.
const AUDIENCE: &str = "inkgate";
/// A session may do what its user may; what that is, no token says.
const SCOPE: &str = "all";

/// What a token claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct V2Claims {
    pub(crate) user_id: UserId,
    pub(crate) session: SessionId,
    pub(crate) generation: i64,
    /// When the session was opened.
    pub(crate) authenticated_at: Timestamp,
    /// How.
    pub(crate) methods: AuthMethods,
}

/// The claims as they are written; a name more or less is none of ours.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    aud: String,
    client_id: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    r#gen: i64,
    scope: String,
    auth_time: i64,
    amr: Vec<String>,
}

/// Makes a token. `None`: no key signs.
pub(crate) fn mint(
    ring: &KeyRing,
    issuer: &str,
    claims: &V2Claims,
    jti: String,
    now: Timestamp,
) -> Option<String> {
    let methods = claims.methods.as_str().split(' ');
    let payload = Payload {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        client_id: AUDIENCE.to_owned(),
        sub: claims.user_id.to_string(),
        iat: now.as_seconds(),
        exp: now.after(LIFE).as_seconds(),
        jti,
        sid: claims.session.to_string(),
        r#gen: claims.generation,
        scope: SCOPE.to_owned(),
        auth_time: claims.authenticated_at.as_seconds(),
        amr: methods.map(str::to_owned).collect(),
    };
    ring.sign(&serde_json::to_vec(&payload).ok()?)
}

/// What a token claims whose signature is right, and from when to when it counts, in seconds.
pub(super) struct Verified {
    claims: V2Claims,
    issued_at: i64,
    expires_at: i64,
}

/// Reads a token; whether what it stands for is alive must be asked.
pub(super) fn verify(
    ring: &KeyRing,
    issuer: &str,
    token: &jws::Parts<'_>,
    now: Timestamp,
) -> Result<V2Claims, Refused> {
    let verified = ring.remember(token, || {
        let payload = ring.verify(token)?;
        let payload: Payload =
            strict_object(&payload).ok_or(Refused("the claims are none of ours"))?;
        check(&payload, issuer).map_err(Refused)
    })?;
    // Each time: what is remembered grows old, and clocks are set.
    verified.check_times(now.as_seconds()).map_err(Refused)?;
    Ok(verified.claims.clone())
}

impl Verified {
    #[cfg(test)]
    pub(super) fn for_test() -> Self {
        Self {
            claims: V2Claims {
                user_id: UserId(1),
                session: SessionId::new(Timestamp::from_micros(0), [1; 10]),
                generation: 0,
                authenticated_at: Timestamp::from_micros(0),
                methods: AuthMethods::Password,
            },
            issued_at: 0,
            expires_at: 600,
        }
    }

    /// Times are whole seconds; no leeway but for a clock that is a little ahead.
    fn check_times(&self, now: i64) -> Result<(), &'static str> {
        if self.expires_at <= now {
            return Err("expired");
        }
        if self.issued_at > now.saturating_add(CLOCK_SKEW) {
            return Err("made in the future");
        }
        Ok(())
    }
}

/// The rules of RFC 9068, section 4, and ours, but for those that depend on the time of now.
fn check(payload: &Payload, issuer: &str) -> Result<Verified, &'static str> {
    if payload.iss != issuer {
        return Err("made by somebody else");
    }
    if payload.aud != AUDIENCE || payload.client_id != AUDIENCE || payload.scope != SCOPE {
        return Err("made for something else");
    }
    let life = payload.exp.saturating_sub(payload.iat);
    if !(0..=LIFE.as_secs().cast_signed()).contains(&life) {
        return Err("runs too long");
    }
    let user: i64 = payload.sub.parse().map_err(|_| "no user")?;
    if user <= 0 || user.to_string() != payload.sub {
        return Err("no user");
    }
    if payload.r#gen < 0 {
        return Err("no generation");
    }
    let claims = V2Claims {
        user_id: UserId(user),
        session: payload.sid.parse().map_err(|_| "no session id")?,
        generation: payload.r#gen,
        authenticated_at: Timestamp::from_micros(payload.auth_time.saturating_mul(1_000_000)),
        methods: payload.amr.join(" ").parse().map_err(|_| "no methods")?,
    };
    Ok(Verified {
        claims,
        issued_at: payload.iat,
        expires_at: payload.exp,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://blog.example";

    fn claims() -> Value {
        json!({
            "iss": ISSUER, "aud": "inkgate", "client_id": "inkgate", "sub": "1", "iat": 1000,
            "exp": 1600, "jti": "j", "sid": "0193e1a0-5b7c-7000-8000-000000000000", "gen": 0,
            "scope": "all", "auth_time": 900, "amr": ["pwd"],
        })
    }

    fn verdict(claims: Value) -> Result<(), &'static str> {
        let payload = serde_json::from_value(claims).map_err(|_| "no claims")?;
        check(&payload, ISSUER).map(drop)
    }

    /// Each is refused here already: no session is looked for that cannot be.
    #[test]
    fn claims_that_no_token_of_ours_has_are_refused_before_a_session_is_asked_for() {
        assert_eq!(verdict(claims()), Ok(()));
        for (name, value, reason) in [
            (
                "iss",
                json!("https://blog.example/"),
                "made by somebody else",
            ),
            ("aud", json!("other"), "made for something else"),
            ("client_id", json!("other"), "made for something else"),
            ("scope", json!("posts:read"), "made for something else"),
            ("exp", json!(1601), "runs too long"),
            ("exp", json!(999), "runs too long"),
            ("iat", json!(i64::MIN), "runs too long"),
            ("sub", json!("0"), "no user"),
            ("sub", json!("-1"), "no user"),
            ("sub", json!("01"), "no user"),
            ("gen", json!(-1), "no generation"),
            ("sid", json!("1"), "no session id"),
            ("amr", json!([]), "no methods"),
            ("admin", json!(true), "no claims"),
        ] {
            let mut changed = claims();
            changed[name] = value;
            assert_eq!(verdict(changed.clone()), Err(reason), "{changed}");
        }
    }
}
