//! Our verifiers of JWTs against jsonwebtoken's own, on the same tokens.
//!
//! Whatever ours accept, jsonwebtoken accepts with every validation that it has. Where it accepts
//! and ours refuse, the reason is one of those for which `docs/SECURITY.md` has a row.

use std::sync::OnceLock;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use model::{Clock, KeyState, Secret};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use signature::{Error, Verifier};

use crate::auth::derived_key::Purpose;
use crate::auth::jws::{Hs256Key, Parts, Refused};
use crate::auth::key_ring::{self, KeyRing};
use crate::auth::sealed::SealingKey;
use crate::auth::v1_token::{TokenError, V1Keys};
use crate::auth::v2_token;

const SECRET: &[u8] = b"a key for fuzzing that has more than 32 bytes";
const ISSUER: &str = "https://blog.example";
/// An object whose names stand once is read alike by everybody; of others the last one counts for
/// jsonwebtoken.
const STRICTER_IN_BOTH: [&str; 2] = ["too long", "the claims are none of ours"];
const STRICTER_IN_V1: [&str; 9] = [
    "the header is no header",
    "another type",
    "no key id",
    "a header that changes what is signed, or by whom",
    "no user",
    "made in the future",
    "for or by somebody else",
    "no session id",
    "half a session",
];
const STRICTER_IN_V2: [&str; 8] = [
    "signed by no key of ours",
    "made for something else",
    "runs too long",
    "no user",
    "no generation",
    "no session id",
    "no methods",
    "made in the future",
];

/// A v1 token as it came.
pub fn v1_token(text: &str) {
    static KEYS: OnceLock<V1Keys> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        V1Keys::new(&Secret::new(SECRET.to_vec()), &[]).expect("the key is not empty")
    });
    let ours = match keys.verify(text, Clock::system().now()) {
        Ok(_) => Ok(()),
        Err(TokenError::Expired) => Err("expired"),
        Err(TokenError::Invalid(reason)) => Err(reason),
    };
    let mut validation = strict(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp"]);
    let theirs = theirs(text, &DecodingKey::from_secret(SECRET), &validation);
    compare(text, ours, theirs, &STRICTER_IN_V1);
}

/// A v1 token of this header and payload whose signature is right.
pub fn v1_signed(header: &[u8], payload: &[u8]) {
    let key = Hs256Key::new(SECRET).expect("the key is not empty");
    let message = message(header, payload);
    let signature = key.signature(&message).expect("HS256 signs anything");
    v1_token(&format!("{message}.{signature}"));
}

/// A v2 token as it came.
pub fn v2_token(text: &str) {
    let keys = V2Keys::shared();
    let now = Clock::system().now();
    let ours = Parts::of(text)
        .and_then(|token| v2_token::verify(&keys.ring, ISSUER, &token, now))
        .map(drop)
        .map_err(|Refused(reason)| reason);
    let mut validation = strict(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&["inkgate"]);
    let theirs = theirs(text, &DecodingKey::from_ed_der(&keys.public), &validation);
    compare(text, ours, theirs, &STRICTER_IN_V2);
}

/// A v2 token of this payload, under our header or `header`, whose signature is right.
pub fn v2_signed(header: Option<&[u8]>, payload: &[u8]) {
    let keys = V2Keys::shared();
    let ours = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}}"#, keys.kid);
    let message = message(header.unwrap_or(ours.as_bytes()), payload);
    let signature = keys.pair.sign(message.as_bytes());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
    v2_token(&format!("{message}.{signature}"));
}

struct V2Keys {
    ring: KeyRing,
    pair: Ed25519KeyPair,
    kid: String,
    public: Vec<u8>,
}

impl V2Keys {
    fn shared() -> &'static Self {
        static KEYS: OnceLock<V2Keys> = OnceLock::new();
        KEYS.get_or_init(|| Self::new().expect("random numbers"))
    }

    fn new() -> Option<Self> {
        // Makes jsonwebtoken use our provider.
        Hs256Key::new(SECRET)?;
        let seal = [SealingKey::new(SECRET, Purpose::SigningKeys)?];
        let now = Clock::system().now();
        let key = key_ring::generate(KeyState::Active, &seal[0], [1; 12], now)?;
        let private = key_ring::open(&key, &seal)?;
        Some(Self {
            pair: Ed25519KeyPair::from_pkcs8(&private).ok()?,
            kid: key.kid.clone(),
            public: key.public_key.clone(),
            ring: KeyRing::new(&[key], &seal, None),
        })
    }
}

fn message(header: &[u8], payload: &[u8]) -> String {
    let encode = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}", encode(header), encode(payload))
}

/// Everything that jsonwebtoken can check, without leeway.
fn strict(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation
}

fn theirs(token: &str, key: &DecodingKey, validation: &Validation) -> Result<(), String> {
    let read = decode::<serde_json::Value>(token, key, validation);
    read.map(drop).map_err(|error| error.to_string())
}

fn compare(
    token: &str,
    ours: Result<(), &'static str>,
    theirs: Result<(), String>,
    stricter: &[&str],
) {
    match (ours, theirs) {
        (Ok(()), Err(theirs)) => panic!("only jsonwebtoken refuses {token}: {theirs}"),
        (Err(ours), Ok(())) => {
            let known = stricter.contains(&ours) || STRICTER_IN_BOTH.contains(&ours);
            assert!(known, "only we refuse {token}: {ours}");
        }
        (Ok(()), Ok(())) | (Err(_), Err(_)) => {}
    }
}

/// Ed25519 for jsonwebtoken, which the program gives it not: there our own code asks `ring`.
pub(in crate::auth) fn ed25519(
    key: &DecodingKey,
) -> jsonwebtoken::errors::Result<Box<dyn JwtVerifier>> {
    Ok(Box::new(Ed25519(key.try_get_as_bytes()?.to_vec())))
}

struct Ed25519(Vec<u8>);

impl Verifier<Vec<u8>> for Ed25519 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .map_err(|_| Error::new())
    }
}

impl JwtVerifier for Ed25519 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests;
