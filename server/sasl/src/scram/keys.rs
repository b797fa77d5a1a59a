//! The keys of SCRAM-SHA-256 (RFC 5802 §3) and their stored form (RFC 5803).

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

/// Octets of a SHA-256 value.
pub(crate) const HASH_OCTETS: usize = 32;
pub(crate) type Hash = [u8; HASH_OCTETS];

const SCHEME: &str = "SCRAM-SHA-256";

/// What a server keeps of a password for SCRAM-SHA-256: it can check a client with it, but not pose as one.
///
/// As text: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, the last three in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramVerifier {
    pub(crate) iterations: NonZeroU32,
    pub(crate) salt: Vec<u8>,
    pub(crate) stored_key: Hash,
    pub(crate) server_key: Zeroizing<Hash>,
}

impl ScramVerifier {
    /// Makes the keys of a new password. Costs one PBKDF2 (a few milliseconds).
    pub fn derive(password: &Password, salt: &[u8]) -> Self {
        let salted = salted_password(password, salt, ITERATIONS);
        let client_key = Zeroizing::new(hmac_sha256(&*salted, &[b"Client Key"]));
        Self {
            iterations: ITERATIONS,
            salt: salt.to_vec(),
            stored_key: sha256(&*client_key),
            server_key: Zeroizing::new(hmac_sha256(&*salted, &[b"Server Key"])),
        }
    }

    /// Whether this is the password. Costs one PBKDF2 (a few milliseconds).
    pub fn verify(&self, password: &Password) -> bool {
        let salted = salted_password(password, &self.salt, self.iterations);
        let client_key = Zeroizing::new(hmac_sha256(&*salted, &[b"Client Key"]));
        self.accepts_client_key(&client_key)
    }

    /// The stored form.
    pub fn to_column(&self) -> String {
        format!(
            "{SCHEME}${}:{}${}:{}",
            self.iterations,
            STANDARD.encode(&self.salt),
            STANDARD.encode(self.stored_key),
            STANDARD.encode(*self.server_key)
        )
    }

    pub(crate) fn accepts_client_key(&self, client_key: &Hash) -> bool {
        constant_time::verify_slices_are_equal(&sha256(client_key), &self.stored_key).is_ok()
    }
}

impl FromStr for ScramVerifier {
    type Err = BadVerifier;

    fn from_str(text: &str) -> Result<Self, BadVerifier> {
        parse_stored(text).ok_or(BadVerifier::Scram)
    }
}

fn parse_stored(text: &str) -> Option<ScramVerifier> {
    let [SCHEME, parameters, keys] = text.split('$').collect::<Vec<_>>()[..] else { return None };
    let (iterations, salt) = parameters.split_once(':')?;
    let (stored_key, server_key) = keys.split_once(':')?;
    let iterations: NonZeroU32 = iterations.parse().ok()?;
    let salt = STANDARD.decode(salt).ok()?;
    if !ACCEPTED_ITERATIONS.contains(&iterations.get()) || salt.is_empty() || salt.len() > MAX_SALT_OCTETS {
        return None;
    }
    Some(ScramVerifier {
        iterations,
        salt,
        stored_key: STANDARD.decode(stored_key).ok()?.try_into().ok()?,
        server_key: Zeroizing::new(STANDARD.decode(server_key).ok()?.try_into().ok()?),
    })
}

impl fmt::Debug for ScramVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScramVerifier(..)")
    }
}

fn salted_password(password: &Password, salt: &[u8], iterations: NonZeroU32) -> Zeroizing<Hash> {
    let mut salted = Zeroizing::new([0; HASH_OCTETS]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password.as_bytes(), &mut *salted);
    salted
}

/// HMAC over the parts one after another.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Hash {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    to_hash(context.sign().as_ref())
}

fn sha256(data: &[u8]) -> Hash {
    to_hash(digest::digest(&digest::SHA256, data).as_ref())
}

fn to_hash(octets: &[u8]) -> Hash {
    let mut hash = [0; HASH_OCTETS];
    hash.copy_from_slice(octets);
    hash
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
