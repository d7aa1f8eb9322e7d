//! The keys that sign and verify v2 tokens, as they are held in memory, and the tokens that they
//! have verified already.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::sync::Arc;

use bytes::Bytes;
use model::{KeyState, SigningKey, Timestamp};
use quick_cache::sync::Cache;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::jws::{Parts, Refused};
use super::sealed::SealingKey;
use super::v2_token::Verified;

/// How many verified tokens are remembered; beyond that those go that are used least.
const VERIFIED: usize = 65_536;

/// One key that signs, and all that verify.
pub(crate) struct KeyRing {
    signing: Option<Signing>,
    verifying: Vec<VerifyingKey>,
    jwks: Bytes,
    /// By the hash of the whole token, so that another spelling is another token. With the keys the
    /// memory goes: what a revoked key has verified is not known any more.
    verified: Cache<[u8; 32], Arc<Verified>>,
}

/// The key that signs.
#[derive(Clone)]
struct Signing {
    pair: Arc<Ed25519KeyPair>,
    header: String,
}

struct VerifyingKey {
    /// The one header that a token of this key has, as it stands in the token.
    header: String,
    key: UnparsedPublicKey<Vec<u8>>,
}

impl KeyRing {
    /// A ring of stored keys. The active one signs if it opens under one of `seals`, or was open in
    /// the ring `before`: another server may have sealed it under a newer secret.
    pub(super) fn new(keys: &[SigningKey], seals: &[SealingKey], before: Option<&Self>) -> Self {
        let active = keys.iter().find(|key| key.state == KeyState::Active);
        let signing = active.and_then(|key| {
            let header = header(&key.kid);
            let opened = || Ed25519KeyPair::from_pkcs8(&open(key, seals)?).ok();
            if let Some(pair) = opened() {
                let pair = Arc::new(pair);
                return Some(Signing { pair, header });
            }
            let signing = before?.signing.clone()?;
            (signing.header == header).then_some(signing)
        });
        let verifying = keys.iter().map(|key| VerifyingKey {
            header: header(&key.kid),
            key: UnparsedPublicKey::new(&ED25519, key.public_key.clone()),
        });
        let public = keys.iter().map(|key| {
            let x = BASE64_URL_SAFE_NO_PAD.encode(&key.public_key);
            json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.kid, "x": x})
        });
        let jwks = json!({"keys": public.collect::<Vec<_>>()}).to_string() + "\n";
        Self {
            signing,
            verifying: verifying.collect(),
            jwks: jwks.into(),
            verified: Cache::new(VERIFIED),
        }
    }

    /// Signs claims with the active key. `None`: there is none, or it does not open.
    pub(super) fn sign(&self, claims: &[u8]) -> Option<String> {
        let Signing { pair, header } = self.signing.as_ref()?;
        let message = format!("{header}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
        Some(format!("{message}.{signature}"))
    }

    /// Gives the payload of a token that a key of this ring has signed (RFC 8037, section 3.1).
    ///
    /// The header is not read but compared: nobody else makes our tokens, and what is not read
    /// cannot be misread.
    pub(super) fn verify(&self, token: &Parts<'_>) -> Result<Vec<u8>, Refused> {
        let key = self
            .find(token)
            .ok_or(Refused("signed by no key of ours"))?;
        let signature = super::jws::decode(token.signature)?;
        key.key
            .verify(token.message.as_bytes(), &signature)
            .map_err(|_| Refused("the signature is wrong"))?;
        super::jws::decode(token.payload)
    }

    /// What a token claims, from memory or else from `verify`, which costs a hundred times as much.
    pub(super) fn remember(
        &self,
        token: &Parts<'_>,
        verify: impl FnOnce() -> Result<Verified, Refused>,
    ) -> Result<Arc<Verified>, Refused> {
        let hash = digest(&SHA256, token.whole.as_bytes());
        let hash: [u8; 32] = hash.as_ref().try_into().map_err(|_| Refused("no hash"))?;
        if let Some(known) = self.verified.get(&hash) {
            return Ok(known);
        }
        let verified = Arc::new(verify()?);
        self.verified.insert(hash, Arc::clone(&verified));
        Ok(verified)
    }

    /// Whether a token says that it was signed by a key of this ring.
    pub(super) fn knows(&self, token: &Parts<'_>) -> bool {
        self.find(token).is_some()
    }

    fn find(&self, token: &Parts<'_>) -> Option<&VerifyingKey> {
        self.verifying.iter().find(|key| key.header == token.header)
    }

    /// The public halves as a JWK set (RFC 7517, section 5).
    pub(crate) fn jwks(&self) -> Bytes {
        self.jwks.clone()
    }
}

/// The header of a token (RFC 9068, section 2.1), encoded.
fn header(kid: &str) -> String {
    let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(header)
}

/// The private half, if one of `seals` opens it.
pub(super) fn open(key: &SigningKey, seals: &[SealingKey]) -> Option<Zeroizing<Vec<u8>>> {
    seals
        .iter()
        .find_map(|seal| seal.open(&key.sealed_private_key, &key.kid))
}

/// Makes a key. `None`: the system gives no random numbers.
pub(super) fn generate(
    state: KeyState,
    seal: &SealingKey,
    nonce: [u8; 12],
    now: Timestamp,
) -> Option<SigningKey> {
    let private = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).ok()?;
    let public_key = pair.public_key().as_ref().to_vec();
    let kid = thumbprint(&public_key);
    Some(SigningKey {
        sealed_private_key: seal.seal(private.as_ref(), &kid, nonce)?,
        kid,
        state,
        public_key,
        created_at: now,
        activated_at: (state == KeyState::Active).then_some(now),
        retired_at: None,
    })
}

/// The name of a key: its JWK thumbprint (RFC 7638).
fn thumbprint(public_key: &[u8]) -> String {
    let x = BASE64_URL_SAFE_NO_PAD.encode(public_key);
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> KeyRing {
        KeyRing::new(&[], &[], None)
    }

    fn verified() -> Result<Verified, Refused> {
        Ok(Verified::for_test())
    }

    #[test]
    fn a_token_is_verified_once() {
        let ring = ring();
        let token = Parts::of("a.b.c").unwrap();

        ring.remember(&token, verified).unwrap();

        let again = ring.remember(&token, || panic!("verified twice"));
        assert!(again.is_ok());
        let other = Parts::of("a.b.d").unwrap();
        assert!(ring.remember(&other, || Err(Refused("forged"))).is_err());
        assert!(
            ring.remember(&other, verified).is_ok(),
            "a refusal is not remembered"
        );
    }

    #[test]
    fn no_more_tokens_are_remembered_than_there_is_room_for() {
        let ring = ring();
        for number in 0..2 * VERIFIED {
            let token = format!("a.b.{number}");
            ring.remember(&Parts::of(&token).unwrap(), verified)
                .unwrap();
        }

        assert!(ring.verified.len() <= VERIFIED);
    }

    #[test]
    fn the_name_is_the_thumbprint_of_the_key() {
        // RFC 8037, appendix A.3.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let public_key = BASE64_URL_SAFE_NO_PAD.decode(x).unwrap();

        assert_eq!(
            thumbprint(&public_key),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
