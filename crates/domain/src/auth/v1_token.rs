//! What stands in a v1 token, and when it counts.

use std::time::Duration;

use model::{Secret, SessionId, Timestamp, UserId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::jws::{self, Hs256Key};
use super::strict_object;

/// How long a token is good.
const LIFE: Duration = Duration::from_hours(24);
/// How far ahead of ours the clock may be that made a token, in seconds.
const CLOCK_SKEW: i64 = 60;

/// The keys for v1 tokens: the first signs, all verify.
pub(crate) struct V1Keys(Vec<Hs256Key>);

/// A token that is good by itself; whether what it stands for is alive must be asked.
#[derive(Debug)]
pub(super) struct V1Token {
    pub(super) claims: V1Claims,
    pub(super) signed_by_current: bool,
}

/// What a token claims.
#[derive(Debug)]
pub(super) struct V1Claims {
    pub(super) user_id: UserId,
    /// Seconds since 1970.
    pub(super) expires_at: i64,
    /// The session and the account's generation; the seed's own tokens have neither.
    pub(super) session: Option<(SessionId, i64)>,
}

/// Why a token does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenError {
    /// It did until now, and all else is right.
    Expired,
    /// It never did; why, for the log.
    Invalid(&'static str),
}

#[derive(Serialize)]
struct Minted<'a> {
    user_id: i64,
    exp: i64,
    iat: i64,
    jti: &'a str,
    sid: String,
    r#gen: i64,
}

#[derive(Deserialize)]
struct Payload {
    user_id: i64,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    sid: Option<String>,
    r#gen: Option<i64>,
    #[expect(
        dead_code,
        reason = "nobody reads it; a string is demanded all the same"
    )]
    sub: Option<String>,
    #[expect(
        dead_code,
        reason = "nobody reads it; a string is demanded all the same"
    )]
    jti: Option<String>,
    aud: Option<IgnoredAny>,
    iss: Option<IgnoredAny>,
}

impl V1Keys {
    /// Keys of these secrets; `None` if one is empty.
    pub(crate) fn new(current: &Secret<Vec<u8>>, previous: &[Secret<Vec<u8>>]) -> Option<Self> {
        let secrets = std::iter::once(current).chain(previous);
        secrets
            .map(|secret| Hs256Key::new(secret.reveal()))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Makes a token.
    pub(super) fn mint(
        &self,
        user_id: UserId,
        session: (SessionId, i64),
        jti: &str,
        now: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Minted {
            user_id: user_id.0,
            exp: now.after(LIFE).as_seconds(),
            iat: now.as_seconds(),
            jti,
            sid: session.0.to_string(),
            r#gen: session.1,
        };
        self.0[0].sign(&serde_json::to_vec(&claims)?)
    }

    /// Reads a token.
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Result<V1Token, TokenError> {
        let verified = jws::Parts::of(token)
            .and_then(|token| jws::verify(&token, &self.0))
            .map_err(|jws::Refused(why)| TokenError::Invalid(why))?;
        let payload: Payload = strict_object(&verified.payload)
            .ok_or(TokenError::Invalid("the claims are none of ours"))?;
        let claims = check(&payload, now.as_seconds()).map_err(TokenError::Invalid)?;
        // Last, so that only a token that is right in all else is told that it is too old.
        if claims.expires_at <= now.as_seconds() {
            return Err(TokenError::Expired);
        }
        Ok(V1Token {
            claims,
            signed_by_current: verified.key_index == 0,
        })
    }
}

/// The rules of RFC 7519, section 4.1, and ours. Times are whole seconds; no leeway but for a
/// clock that is a little ahead.
fn check(payload: &Payload, now: i64) -> Result<V1Claims, &'static str> {
    if payload.user_id <= 0 {
        return Err("no user");
    }
    if payload.exp < 0 {
        return Err("an expiry before time");
    }
    if payload.nbf.is_some_and(|nbf| !(0..=now).contains(&nbf)) {
        return Err("not valid yet, or a start before time");
    }
    if payload
        .iat
        .is_some_and(|iat| iat > now.saturating_add(CLOCK_SKEW))
    {
        return Err("made in the future");
    }
    if payload.aud.is_some() || payload.iss.is_some() {
        return Err("for or by somebody else");
    }
    let session = match (&payload.sid, payload.r#gen) {
        (None, None) => None,
        (Some(sid), Some(generation)) if generation >= 0 => {
            let id = sid.parse().map_err(|_| "no session id")?;
            Some((id, generation))
        }
        _ => return Err("half a session"),
    };
    Ok(V1Claims {
        user_id: UserId(payload.user_id),
        expires_at: payload.exp,
        session,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
    const SECONDS: i64 = 1_800_000_000;

    fn keys() -> V1Keys {
        V1Keys::new(
            &Secret::new(b"the current key".to_vec()),
            &[Secret::new(b"old".to_vec())],
        )
        .unwrap()
    }

    fn session() -> (SessionId, i64) {
        (SessionId::new(NOW, [7; 10]), 3)
    }

    fn minted() -> String {
        keys().mint(UserId(5), session(), "jti", NOW).unwrap()
    }

    fn verdict(claims: &str) -> Option<TokenError> {
        let token = keys().0[0].sign(claims.as_bytes()).unwrap();
        keys().verify(&token, NOW).err()
    }

    #[test]
    fn a_minted_token_says_what_went_in() {
        let token = keys().verify(&minted(), NOW).unwrap();

        assert_eq!(token.claims.user_id, UserId(5));
        assert_eq!(token.claims.session, Some(session()));
        assert!(token.signed_by_current);
    }

    #[test]
    fn a_key_of_before_verifies_and_is_told_apart() {
        let claims = format!(r#"{{"user_id":5,"exp":{}}}"#, SECONDS + 1);
        let token = keys().0[1].sign(claims.as_bytes()).unwrap();

        assert!(!keys().verify(&token, NOW).unwrap().signed_by_current);
    }

    #[test]
    fn a_token_ends_at_its_very_second() {
        let expiring = |exp: i64| verdict(&format!(r#"{{"user_id":5,"exp":{exp}}}"#));

        assert_eq!(expiring(SECONDS + 1), None);
        for exp in [SECONDS, SECONDS - 1, SECONDS - 59, SECONDS - 61, 0] {
            assert_eq!(expiring(exp), Some(TokenError::Expired), "{exp}");
        }
    }

    #[test]
    fn claims_of_a_wrong_type_or_time_are_invalid() {
        let exp = SECONDS + 60;
        let sid = session().0;
        let upper = sid.to_string().to_uppercase();
        let wrong = [
            format!(r#"{{"user_id":5,"exp":{exp}.0}}"#),
            r#"{"user_id":5,"exp":1e19}"#.to_owned(),
            r#"{"user_id":5,"exp":1e400}"#.to_owned(),
            r#"{"user_id":5,"exp":-1}"#.to_owned(),
            r#"{"user_id":5,"exp":"soon"}"#.to_owned(),
            r#"{"user_id":5,"exp":null}"#.to_owned(),
            r#"{"user_id":5,"exp":{"exp":1}}"#.to_owned(),
            r#"{"user_id":5}"#.to_owned(),
            format!(r#"{{"user_id":"5","exp":{exp}}}"#),
            format!(r#"{{"user_id":5.0,"exp":{exp}}}"#),
            format!(r#"{{"user_id":[5],"exp":{exp}}}"#),
            format!(r#"{{"user_id":true,"exp":{exp}}}"#),
            format!(r#"{{"user_id":-1,"exp":{exp}}}"#),
            format!(r#"{{"user_id":0,"exp":{exp}}}"#),
            format!(r#"{{"user_id":9223372036854775808,"exp":{exp}}}"#),
            format!(r#"{{"user_id":5,"user_id":5,"exp":{exp}}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"x":1,"x":1}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"nbf":{}}}"#, SECONDS + 50),
            format!(r#"{{"user_id":5,"exp":{exp},"nbf":-1}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"nbf":"x"}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"iat":{}}}"#, SECONDS + 61),
            format!(r#"{{"user_id":5,"exp":{exp},"aud":5}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"aud":null}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"iss":["us","evil"]}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"sub":5}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"sid":"{sid}"}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"gen":0}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"sid":"{sid}","gen":-1}}"#),
            format!(r#"{{"user_id":5,"exp":{exp},"sid":"{upper}","gen":0}}"#),
            format!(r#"{{"user_id":5,"exp":{exp}}} "#) + "x",
            format!(r#"[5,{exp}]"#),
            "[".repeat(2000),
        ];
        for claims in &wrong {
            let found = verdict(claims);
            assert!(
                matches!(found, Some(TokenError::Invalid(_))),
                "{claims}: {found:?}"
            );
        }
        let skewed = format!(r#"{{"user_id":5,"exp":{exp},"iat":{}}}"#, SECONDS + 60);
        assert_eq!(verdict(&skewed), None);
    }

    proptest! {
        #[test]
        fn any_change_of_a_character_is_refused(at in 0usize..300, to in "[A-Za-z0-9_.=+/ -]") {
            let token = minted();
            let at = at % token.len();
            let mut changed = token.clone();
            changed.replace_range(at..=at, &to);

            prop_assume!(changed != token);
            prop_assert!(keys().verify(&changed, NOW).is_err());
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,200}") {
            prop_assert!(keys().verify(&text, NOW).is_err());
        }
    }
}
