//! Password hashes: Argon2id (RFC 9106) in PHC form, with the parameters beside the hash.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;

use crate::PasswordProfile;

const SALT_BYTES: usize = 16;
/// Hashes that cost more than this many KiB, or passes, are not ours, and could stop the server.
const MAX_MEMORY: u32 = 256 * 1024;
const MAX_PASSES: u32 = 10;

/// How passwords are hashed here.
pub(super) struct Hasher {
    params: Params,
    pepper: Option<Vec<u8>>,
}

/// Memory to hash in, kept between two hashes: getting it anew would double the time.
pub(super) type Memory = Vec<Block>;

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum HashError {
    #[error("the hash is malformed, or costs too much")]
    Malformed,
    #[error("argon2: {0}")]
    Argon2(argon2::Error),
    #[error("no random numbers: {0}")]
    Random(getrandom::Error),
}

impl Hasher {
    pub(super) fn new(
        profile: PasswordProfile,
        pepper: Option<Vec<u8>>,
    ) -> Result<Self, HashError> {
        let (memory, passes) = match profile {
            PasswordProfile::Standard => (19 * 1024, 2),
            PasswordProfile::Hardened => (46 * 1024, 1),
        };
        let params = Params::new(memory, passes, 1, None).map_err(HashError::Argon2)?;
        Ok(Self { params, pepper })
    }

    /// Hashes a password with a new salt.
    pub(super) fn hash(&self, password: &[u8], memory: &mut Memory) -> Result<String, HashError> {
        let salt = random::<SALT_BYTES>()?;
        let output = self.compute(password, &salt, &self.params, memory)?;
        self.phc(&salt, &output)
    }

    /// What looks like a hash and is none: comparing with it costs what any comparison does.
    pub(super) fn nobodys_hash(&self) -> Result<String, HashError> {
        self.phc(
            &random::<SALT_BYTES>()?,
            &random::<{ Params::DEFAULT_OUTPUT_LEN }>()?,
        )
    }

    fn phc(&self, salt: &[u8], output: &[u8]) -> Result<String, HashError> {
        let malformed = |_| HashError::Malformed;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params).map_err(|_| HashError::Malformed)?,
            salt: Some(Salt::new(salt).map_err(malformed)?),
            hash: Some(Output::new(output).map_err(malformed)?),
        };
        Ok(hash.to_string())
    }

    /// Whether `hash` is one of `password`; compared in constant time.
    pub(super) fn matches(
        &self,
        password: &[u8],
        hash: &str,
        memory: &mut Memory,
    ) -> Result<bool, HashError> {
        let hash = PasswordHash::new(hash).map_err(|_| HashError::Malformed)?;
        let params = Self::params_of(&hash)?;
        let salt = hash.salt.as_ref().ok_or(HashError::Malformed)?;
        let wanted = hash.hash.as_ref().ok_or(HashError::Malformed)?;
        let found = self.compute(password, salt.as_ref(), &params, memory)?;
        Ok(found.ct_eq(wanted.as_bytes()).into())
    }

    /// Whether a hash was made with other parameters than those of today.
    pub(super) fn is_outdated(&self, hash: &str) -> bool {
        let params = PasswordHash::new(hash)
            .ok()
            .and_then(|hash| Self::params_of(&hash).ok());
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        params.is_none_or(|params| cost(&params) != cost(&self.params))
    }

    fn params_of(hash: &PasswordHash) -> Result<Params, HashError> {
        let params = Params::try_from(hash).map_err(|_| HashError::Malformed)?;
        let ours = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && params.m_cost() <= MAX_MEMORY
            && params.t_cost() <= MAX_PASSES;
        if ours {
            Ok(params)
        } else {
            Err(HashError::Malformed)
        }
    }

    fn compute(
        &self,
        password: &[u8],
        salt: &[u8],
        params: &Params,
        memory: &mut Memory,
    ) -> Result<Vec<u8>, HashError> {
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        let argon2 = match &self.pepper {
            Some(pepper) => Argon2::new_with_secret(pepper, algorithm, version, params.clone())
                .map_err(HashError::Argon2)?,
            None => Argon2::new(algorithm, version, params.clone()),
        };
        if memory.len() < params.block_count() {
            memory.resize(params.block_count(), Block::default());
        }
        let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        argon2
            .hash_password_into_with_memory(password, salt, &mut output, &mut **memory)
            .map_err(HashError::Argon2)?;
        Ok(output)
    }
}

fn random<const N: usize>() -> Result<[u8; N], HashError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(HashError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(profile: PasswordProfile, pepper: Option<&[u8]>) -> Hasher {
        Hasher::new(profile, pepper.map(<[u8]>::to_vec)).unwrap()
    }

    #[test]
    fn a_hash_fits_its_password_alone() {
        let (hasher, mut memory) = (hasher(PasswordProfile::Standard, None), Memory::new());

        let hash = hasher.hash(b"correct horse", &mut memory).unwrap();

        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            hasher
                .matches(b"correct horse", &hash, &mut memory)
                .unwrap()
        );
        for other in [
            &b"correct hors"[..],
            b"correct horse\0",
            b"",
            b"Correct horse",
        ] {
            assert!(!hasher.matches(other, &hash, &mut memory).unwrap());
        }
        assert_ne!(hasher.hash(b"correct horse", &mut memory).unwrap(), hash);
    }

    #[test]
    fn nobody_s_hash_differs_from_others_in_its_random_parts_alone() {
        let (hasher, mut memory) = (hasher(PasswordProfile::Standard, None), Memory::new());
        let parts = |hash: &str| {
            let parts: Vec<_> = hash.split('$').map(str::to_owned).collect();
            (parts[..4].to_vec(), parts[4].len(), parts[5].len())
        };

        let (hash, nobodys) = (
            hasher.hash(b"x", &mut memory).unwrap(),
            hasher.nobodys_hash().unwrap(),
        );

        assert_eq!(parts(&hash), parts(&nobodys));
        assert_ne!(nobodys, hasher.nobodys_hash().unwrap());
        assert!(!hasher.matches(b"x", &nobodys, &mut memory).unwrap());
    }

    #[test]
    fn parameters_go_with_the_hash() {
        let standard = hasher(PasswordProfile::Standard, None);
        let hardened = hasher(PasswordProfile::Hardened, None);
        let mut memory = Memory::new();

        let hash = hardened.hash(b"x", &mut memory).unwrap();

        assert!(standard.matches(b"x", &hash, &mut memory).unwrap());
        assert!(standard.is_outdated(&hash));
        assert!(!hardened.is_outdated(&hash));
    }

    #[test]
    fn without_its_pepper_a_hash_fits_nothing() {
        let mut memory = Memory::new();
        let hash = hasher(PasswordProfile::Standard, Some(b"p"))
            .hash(b"x", &mut memory)
            .unwrap();

        let plain = hasher(PasswordProfile::Standard, None);
        assert!(!plain.matches(b"x", &hash, &mut memory).unwrap());
    }

    #[test]
    fn a_hash_that_is_none_is_an_error() {
        let (hasher, mut memory) = (hasher(PasswordProfile::Standard, None), Memory::new());
        for hash in [
            "",
            "1234",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
            "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$MTIzNDU2Nzg5MDEyMzQ1Ng",
            "$argon2id$v=19$m=4000000,t=2,p=1$c2FsdHNhbHRzYWx0$MTIzNDU2Nzg5MDEyMzQ1Ng",
            "$argon2id$v=19$m=19456,t=99,p=1$c2FsdHNhbHRzYWx0$MTIzNDU2Nzg5MDEyMzQ1Ng",
        ] {
            assert!(hasher.matches(b"x", hash, &mut memory).is_err(), "{hash}");
        }
    }
}
