//! Signed tokens in compact form (RFC 7515, section 3.1), read strictly.
//!
//! jsonwebtoken computes and compares the signature. What it would let pass by default is refused
//! here first: other algorithms, headers that change what a signature means, and any second
//! spelling of the same token. What stands in the payload is for others to judge.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::jws_provider;

/// The most bytes of a token: ours have some 350.
const MAX_TOKEN_BYTES: usize = 4096;

/// A secret for HS256.
pub(super) struct Hs256Key {
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// A token whose signature is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) payload: Vec<u8>,
    /// Which of the keys had signed it.
    pub(super) key_index: usize,
}

/// Why a token was refused: for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) &'static str);

impl Hs256Key {
    /// A key of these bytes; an empty one would be everybody's.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        jws_provider::install();
        (!secret.is_empty()).then(|| Self {
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
        })
    }

    /// Signs claims.
    ///
    /// # Errors
    /// None that could happen: the provider signs with HS256 whatever it gets.
    pub(super) fn sign(&self, claims: &[u8]) -> Result<String, jsonwebtoken::errors::Error> {
        let header = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let message = format!("{header}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let signature = self.signature(&message)?;
        Ok(format!("{message}.{signature}"))
    }

    /// The signature of a header and a payload, encoded; with the errors of [`Self::sign`].
    pub(super) fn signature(&self, message: &str) -> Result<String, jsonwebtoken::errors::Error> {
        crypto::sign(message.as_bytes(), &self.signing, Algorithm::HS256)
    }
}

/// A token, taken apart and not judged yet.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    /// All of it.
    pub(super) whole: &'a str,
    /// The header as it stands in the token: base64url.
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// What is signed: the header, a dot, the payload.
    pub(super) message: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    pub(super) fn of(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refused("too long"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refused("not three parts"))?;
        let (header, payload) = message.split_once('.').ok_or(Refused("not three parts"))?;
        if payload.contains('.') {
            return Err(Refused("not three parts"));
        }
        if header.is_empty() || payload.is_empty() || signature.is_empty() {
            return Err(Refused("an empty part"));
        }
        Ok(Self {
            whole: token,
            header,
            payload,
            signature,
            message,
        })
    }
}

/// Gives the payload of a token that one of `keys` has signed with HS256.
pub(super) fn verify(token: &Parts<'_>, keys: &[Hs256Key]) -> Result<Verified, Refused> {
    check_header(&decode(token.header)?)?;
    let payload = decode(token.payload)?;
    // Decoding strictly leaves one spelling of each signature: whatever is keyed by a token's
    // text holds for the token.
    decode(token.signature)?;
    let signed_by = |key: &Hs256Key| {
        let (verifying, message) = (&key.verifying, token.message.as_bytes());
        crypto::verify(token.signature, message, verifying, Algorithm::HS256).unwrap_or(false)
    };
    let key_index = keys
        .iter()
        .position(signed_by)
        .ok_or(Refused("the signature is wrong"))?;
    Ok(Verified { payload, key_index })
}

/// The parameters of RFC 7515, section 4.1, and of RFC 8555, section 6; of those that are named here with [`IgnoredAny`] the
/// mere presence is refused. Names that stand twice are an error of the parser.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    #[expect(dead_code, reason = "nobody reads it; it is a string all the same")]
    cty: Option<String>,
    #[expect(dead_code, reason = "nobody reads it; it is a string all the same")]
    x5t: Option<String>,
    #[expect(dead_code, reason = "nobody reads it; it is a string all the same")]
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
    #[expect(dead_code, reason = "nobody reads it; it is a string all the same")]
    url: Option<String>,
    #[expect(dead_code, reason = "nobody reads it; it is a string all the same")]
    nonce: Option<String>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
    jwk: Option<IgnoredAny>,
    jku: Option<IgnoredAny>,
    x5u: Option<IgnoredAny>,
    x5c: Option<IgnoredAny>,
    zip: Option<IgnoredAny>,
    enc: Option<IgnoredAny>,
}

fn check_header(json: &[u8]) -> Result<(), Refused> {
    // A token of ours needs no more work than this.
    if json == br#"{"alg":"HS256","typ":"JWT"}"# {
        return Ok(());
    }
    let header: Header = super::strict_object(json).ok_or(Refused("the header is no header"))?;
    if header.alg != "HS256" {
        return Err(Refused("another algorithm"));
    }
    if header
        .typ
        .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"))
    {
        return Err(Refused("another type"));
    }
    // One key serves all, so that its name is not used; but what is no name is no token of ours.
    if header.kid.is_some_and(|kid| kid.contains(char::is_control)) {
        return Err(Refused("no key id"));
    }
    let Header {
        crit,
        b64,
        jwk,
        jku,
        x5u,
        x5c,
        zip,
        enc,
        ..
    } = header;
    if [crit, b64, jwk, jku, x5u, x5c, zip, enc]
        .iter()
        .any(Option::is_some)
    {
        return Err(Refused("a header that changes what is signed, or by whom"));
    }
    Ok(())
}

pub(super) fn decode(part: &str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Refused("not base64url"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SIGNATURES: &str =
        include_str!("../../tests/fixtures/wycheproof/json_web_signature_test.json");
    const KEYS: &str = include_str!("../../tests/fixtures/wycheproof/json_web_key_test.json");

    fn key(secret: &[u8]) -> Hs256Key {
        Hs256Key::new(secret).unwrap()
    }

    fn verified(token: &str, keys: &[Hs256Key]) -> bool {
        Parts::of(token).is_ok_and(|token| verify(&token, keys).is_ok())
    }

    fn groups(file: &str) -> Vec<Value> {
        let file: Value = serde_json::from_str(file).unwrap();
        file["testGroups"].as_array().unwrap().clone()
    }

    /// Everything of a group's key that somebody could take for an HMAC secret.
    fn secrets(group: &Value) -> Vec<Hs256Key> {
        let mut secrets = Vec::new();
        for place in ["private", "public"] {
            let jwk = &group[place];
            secrets.push(key(jwk.to_string().as_bytes()));
            for value in jwk
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::values)
            {
                let text = value.as_str().unwrap_or("-");
                secrets.push(key(text.as_bytes()));
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
                secrets.extend(Hs256Key::new(&bytes));
            }
        }
        secrets
    }

    fn verdicts(group: &Value, keys: &[Hs256Key]) -> Vec<(i64, bool, bool)> {
        let tests = group["tests"].as_array().unwrap();
        let verdict = |test: &Value| {
            let token = test["jws"]
                .as_str()
                .map_or_else(|| test["jws"].to_string(), str::to_owned);
            let wanted = test["result"] == "valid";
            (
                test["tcId"].as_i64().unwrap(),
                wanted,
                verified(&token, keys),
            )
        };
        tests.iter().map(verdict).collect()
    }

    #[test]
    fn wycheproof_agrees_but_for_four_vectors() {
        let (mut seen, mut others) = (0, Vec::new());
        for group in groups(SIGNATURES) {
            let oct = group["private"]["kty"] == "oct";
            let keys = if oct {
                let secret = group["private"]["k"].as_str().unwrap();
                vec![key(&BASE64_URL_SAFE_NO_PAD.decode(secret).unwrap())]
            } else {
                secrets(&group)
            };
            for (id, wanted, found) in verdicts(&group, &keys) {
                seen += 1;
                // What another algorithm signed is refused whatever its verdict is.
                if found != (wanted && oct) {
                    others.push((id, wanted));
                }
            }
        }

        assert_eq!(seen, 401);
        // 367 and 370 claim to show bad padding, but their text holds none. 372 and 373 have a
        // question mark inside base64url, which must not be skipped (RFC 7515, section 2).
        assert_eq!(
            others,
            [(367, false), (370, false), (372, true), (373, true)]
        );
    }

    #[test]
    fn no_key_of_another_kind_verifies_anything() {
        let mut seen = 0;
        for group in groups(KEYS) {
            let is_plain_hs256 = group["private"]["alg"] == "HS256";
            for (_, _, found) in verdicts(&group, &secrets(&group)) {
                seen += 1;
                assert!(!found || is_plain_hs256, "{group}");
            }
        }

        assert_eq!(seen, 26);
    }

    #[test]
    fn headers_that_change_the_meaning_are_refused() {
        let key = key(b"a secret that nobody else has got");
        let signed = |header: &str| {
            let header = BASE64_URL_SAFE_NO_PAD.encode(header);
            let message = format!("{header}.e30");
            let signature = crypto::sign(message.as_bytes(), &key.signing, Algorithm::HS256);
            format!("{message}.{}", signature.unwrap())
        };
        let verified = |header: &str| verified(&signed(header), std::slice::from_ref(&key));

        for header in [
            r#"{"alg":"HS256"}"#,
            r#"{"typ":"jwt","alg":"HS256","kid":"../x","y":1}"#,
        ] {
            assert!(verified(header), "{header}");
        }
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","x":1,"x":2}"#,
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":5}"#,
            r#"{"alg":"HS256","kid":5}"#,
            r#"{"alg":"HS256","kid":["a"]}"#,
            r#"{"alg":"HS256","kid":"a\u0000b"}"#,
            r#"{"alg":"HS256","cty":true}"#,
            r#"{"alg":"HS256","x5t":["a"]}"#,
            r#"{"alg":"HS256","x5t#S256":1}"#,
            r#"{"alg":"HS256","url":{}}"#,
            r#"{"alg":"HS256","nonce":1}"#,
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"HS256","crit":["exp"]}"#,
            r#"{"alg":"HS256","b64":true}"#,
            r#"{"alg":"HS256","jwk":{}}"#,
            r#"{"alg":"HS256","jku":"http://127.0.0.1"}"#,
            r#"{"alg":"HS256","x5u":"x"}"#,
            r#"{"alg":"HS256","x5c":[]}"#,
            r#"{"alg":"HS256","zip":"DEF"}"#,
            r#"{"alg":"HS256","crit":null}"#,
            r#"["HS256"]"#,
            "{}",
            "",
        ] {
            assert!(!verified(header), "{header}");
        }
    }
}
