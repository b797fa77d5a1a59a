//! The keys of SCRAM (RFC 5802 §3) for both hashes, and their stored form (RFC 5803).

use crate::error::BadVerifier;
use crate::password::Password;
use aws_lc_rs::{constant_time, digest, hmac, pbkdf2};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Iterations of new keys. RFC 7677 §4 asks for at least 4096 and gives 15,000 as the number that takes a tenth of
/// a second on a machine of its day. The keys are the cheapest thing to attack if the store leaks, so the larger
/// one is taken; a client pays it once for each log-in.
pub(crate) const ITERATIONS: NonZeroU32 = NonZeroU32::new(15_000).unwrap();

/// Bounds for stored keys that were made elsewhere, and for those of other servers: RFC 7677's minimum, and what a
/// phone bears.
pub(crate) const ACCEPTED_ITERATIONS: std::ops::RangeInclusive<u32> = 4096..=1_000_000;
const MAX_SALT_OCTETS: usize = 64;

/// The hash of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScramHash {
    /// RFC 5802. Old, but nothing that SCRAM needs of it is broken; some clients know nothing newer.
    Sha1,
    /// RFC 7677.
    Sha256,
}

impl ScramHash {
    /// The name of the mechanism, which the stored form begins with.
    const fn scheme(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
        }
    }

    /// Octets of a value.
    pub(crate) const fn octets(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    pub(crate) fn salted_password(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: NonZeroU32,
    ) -> Zeroizing<Vec<u8>> {
        let algorithm = match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        };
        let mut salted = Zeroizing::new(vec![0; self.octets()]);
        pbkdf2::derive(algorithm, iterations, salt, password, &mut salted);
        salted
    }

    /// HMAC over the parts one after another.
    pub(crate) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        };
        let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
        parts.iter().for_each(|part| context.update(part));
        Zeroizing::new(context.sign().as_ref().to_vec())
    }

    pub(crate) fn digest(self, message: &[u8]) -> Zeroizing<Vec<u8>> {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        };
        Zeroizing::new(digest::digest(algorithm, message).as_ref().to_vec())
    }
}

/// What a server keeps of a password for SCRAM: it can check a client with it, but not pose as one.
///
/// As text: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, the last three in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    pub(crate) hash: ScramHash,
    pub(crate) iterations: NonZeroU32,
    pub(crate) salt: Vec<u8>,
    pub(crate) stored_key: Vec<u8>,
    pub(crate) server_key: Zeroizing<Vec<u8>>,
}

impl ScramVerifier {
    /// Makes the SCRAM-SHA-256 keys of a new password. Costs one PBKDF2 (a few milliseconds).
    pub fn derive(password: &Password, salt: &[u8]) -> Self {
        Self::derive_with(ScramHash::Sha256, password, salt)
    }

    /// The same for either hash.
    pub fn derive_with(hash: ScramHash, password: &Password, salt: &[u8]) -> Self {
        let salted = hash.salted_password(password.as_bytes(), salt, ITERATIONS);
        let client_key = hash.hmac(&salted, &[b"Client Key"]);
        Self {
            hash,
            iterations: ITERATIONS,
            salt: salt.to_vec(),
            stored_key: hash.digest(&client_key).to_vec(),
            server_key: hash.hmac(&salted, &[b"Server Key"]),
        }
    }

    /// For which hash they are.
    pub fn hash(&self) -> ScramHash {
        self.hash
    }

    /// Whether this is the password. Costs one PBKDF2 (a few milliseconds).
    pub fn verify(&self, password: &Password) -> bool {
        let salted = self.hash.salted_password(password.as_bytes(), &self.salt, self.iterations);
        self.accepts_client_key(&self.hash.hmac(&salted, &[b"Client Key"]))
    }

    /// The stored form.
    pub fn to_column(&self) -> String {
        format!(
            "{}${}:{}${}:{}",
            self.hash.scheme(),
            self.iterations,
            STANDARD.encode(&self.salt),
            STANDARD.encode(&self.stored_key),
            STANDARD.encode(&*self.server_key)
        )
    }

    pub(crate) fn accepts_client_key(&self, client_key: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.hash.digest(client_key), &self.stored_key).is_ok()
    }
}

impl FromStr for ScramVerifier {
    type Err = BadVerifier;

    fn from_str(text: &str) -> Result<Self, BadVerifier> {
        parse_stored(text).ok_or(BadVerifier::Scram)
    }
}

fn parse_stored(text: &str) -> Option<ScramVerifier> {
    let [scheme, parameters, keys] = text.split('$').collect::<Vec<_>>()[..] else { return None };
    let hash = [ScramHash::Sha256, ScramHash::Sha1].into_iter().find(|hash| hash.scheme() == scheme)?;
    let (iterations, salt) = parameters.split_once(':')?;
    let (stored_key, server_key) = keys.split_once(':')?;
    let iterations: NonZeroU32 = iterations.parse().ok()?;
    let salt = STANDARD.decode(salt).ok()?;
    if !ACCEPTED_ITERATIONS.contains(&iterations.get()) || salt.is_empty() || salt.len() > MAX_SALT_OCTETS {
        return None;
    }
    let key = |base64| STANDARD.decode(base64).ok().filter(|key| key.len() == hash.octets());
    Some(ScramVerifier {
        hash,
        iterations,
        salt,
        stored_key: key(stored_key)?,
        server_key: Zeroizing::new(key(server_key)?),
    })
}

impl fmt::Debug for ScramVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScramVerifier(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_is_read_back() {
        let keys = ScramVerifier::derive(&Password::prepare("pencil").unwrap(), &[9; 16]);
        let column = keys.to_column();
        assert!(column.starts_with("SCRAM-SHA-256$15000:CQkJCQkJCQkJCQkJCQkJCQ==$"), "{column}");
        assert_eq!(column.parse(), Ok(keys));
        let keys =
            ScramVerifier::derive_with(ScramHash::Sha1, &Password::prepare("pencil").unwrap(), &[9; 16]);
        let column = keys.to_column();
        assert!(column.starts_with("SCRAM-SHA-1$15000:CQkJCQkJCQkJCQkJCQkJCQ==$"), "{column}");
        assert_eq!(column.parse(), Ok(keys));
    }

    #[test]
    fn a_stored_form_with_a_fault_is_refused() {
        let good = ScramVerifier::derive(&Password::prepare("pencil").unwrap(), &[9; 16]).to_column();
        let faults = [
            good.replace("256$", "1$"),
            good.replace("15000", "0"),
            good.replace("15000", "4095"),
            good.replace("15000", "1000001"),
            good.replace("15000", "x"),
            good.replace("CQkJCQkJCQkJCQkJCQkJCQ==", ""),
            good.replace('=', ""),
            format!("{good}$"),
            good[..good.len() - 8].to_owned(),
        ];
        for fault in faults {
            assert_eq!(fault.parse::<ScramVerifier>(), Err(BadVerifier::Scram), "{fault}");
        }
    }
}
