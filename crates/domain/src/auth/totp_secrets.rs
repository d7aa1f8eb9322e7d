//! The secrets of second factors at rest: sealed under a key that follows from `SECRET_KEY`, each
//! for its own account.

use model::{Secret, UserId};
use zeroize::Zeroizing;

use super::derived_key::Purpose;
use super::sealed::SealingKey;

/// Seals and opens secrets: the first key seals, all open.
pub(crate) struct TotpSecrets(Vec<SealingKey>);

impl TotpSecrets {
    /// Keys that follow from these secrets.
    pub(crate) fn new(current: &Secret<Vec<u8>>, previous: &[Secret<Vec<u8>>]) -> Option<Self> {
        let key =
            |secret: &Secret<Vec<u8>>| SealingKey::new(secret.reveal(), Purpose::SecondFactors);
        let keys = std::iter::once(current).chain(previous).map(key);
        keys.collect::<Option<_>>().map(Self)
    }

    /// Seals the secret of an account; `nonce` must be random.
    pub(crate) fn seal(&self, secret: &[u8], owner: UserId, nonce: [u8; 12]) -> Option<Vec<u8>> {
        self.0.first()?.seal(secret, &name(owner), nonce)
    }

    /// Opens the secret of an account; `None` if it is another's, or was sealed under no key of ours.
    pub(crate) fn open(&self, sealed: &[u8], owner: UserId) -> Option<Zeroizing<Vec<u8>>> {
        let name = name(owner);
        self.0.iter().find_map(|key| key.open(sealed, &name))
    }

    /// The same secret under today's key, if it is sealed under one of before.
    pub(crate) fn reseal(&self, sealed: &[u8], owner: UserId, nonce: [u8; 12]) -> Option<Vec<u8>> {
        if self.0.first()?.open(sealed, &name(owner)).is_some() {
            return None;
        }
        self.seal(&self.open(sealed, owner)?, owner, nonce)
    }
}

fn name(owner: UserId) -> String {
    format!("user {owner}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(current: &str, previous: &[&str]) -> TotpSecrets {
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
        let previous: Vec<_> = previous.iter().copied().map(secret).collect();
        TotpSecrets::new(&secret(current), &previous).unwrap()
    }

    #[test]
    fn a_secret_opens_for_its_account_alone() {
        let sealed = secrets("a", &[]).seal(b"secret", UserId(1), [7; 12]);
        let sealed = sealed.unwrap();

        let open = |keys: TotpSecrets, owner| keys.open(&sealed, owner);

        assert_eq!(
            open(secrets("a", &[]), UserId(1)).unwrap().as_slice(),
            b"secret"
        );
        assert!(open(secrets("b", &["a"]), UserId(1)).is_some());
        assert!(open(secrets("a", &[]), UserId(2)).is_none());
        assert!(open(secrets("b", &[]), UserId(1)).is_none());
    }

    #[test]
    fn what_a_key_of_before_has_sealed_is_sealed_anew_once() {
        let old = secrets("a", &[])
            .seal(b"secret", UserId(1), [7; 12])
            .unwrap();
        let both = secrets("b", &["a"]);

        let new = both.reseal(&old, UserId(1), [8; 12]).unwrap();

        assert!(secrets("b", &[]).open(&new, UserId(1)).is_some());
        assert!(both.reseal(&new, UserId(1), [9; 12]).is_none());
        assert!(secrets("c", &[]).reseal(&old, UserId(1), [9; 12]).is_none());
    }
}
