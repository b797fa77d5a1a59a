//! What is stored of an account's password, and the check of a password against it.
//!
//! Two columns are kept, both made from the same password at the same moment:
//! - `argon2`, a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$...`), is authoritative for a password in clear;
//! - `scram`, the SCRAM-SHA-256 keys (see [`ScramVerifier`]), serves the SCRAM exchange and is a fast path: its
//!   `verify` costs one PBKDF2 (a few milliseconds) instead of 19 MiB and 27 to 100 ms. A `true` of the fast path
//!   may be trusted, since the keys can only come from the password; on a `false` that matters, ask `argon2`.

use crate::error::{BadVerifier, SystemRandomFailed, random};
use crate::password::Password;
use crate::scram::ScramVerifier;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::fmt;

/// Memory of one Argon2id hash in KiB: 19 MiB, with two passes and one lane (OWASP's first recommendation).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The salts of a new verifier.
#[derive(Debug, Clone, Copy)]
pub struct Salts {
    /// Salt of the Argon2id hash.
    pub argon2: [u8; 16],
    /// Salt of the SCRAM keys.
    pub scram: [u8; 16],
}

impl Salts {
    /// Fresh salts; each new password needs its own.
    pub fn random() -> Result<Self, SystemRandomFailed> {
        Ok(Self { argon2: random()?, scram: random()? })
    }
}

/// What is stored of one account's password.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    argon2: PasswordHash,
    scram: ScramVerifier,
}

impl Verifier {
    /// Makes the verifier of a new password. Slow (27 to 100 ms, 19 MiB): not for the runtime's threads.
    pub fn new(password: &Password, salts: Salts) -> Self {
        Self { argon2: hash(password, &salts.argon2), scram: ScramVerifier::derive(password, &salts.scram) }
    }

    /// Reads the two stored columns.
    pub fn from_columns(argon2: &str, scram: &str) -> Result<Self, BadVerifier> {
        let argon2 = PasswordHash::new(argon2).map_err(|_| BadVerifier::Argon2)?;
        let complete = argon2.salt.is_some() && argon2.hash.is_some();
        if argon2.algorithm.as_str() != "argon2id" || !complete || Params::try_from(&argon2).is_err() {
            return Err(BadVerifier::Argon2);
        }
        Ok(Self { argon2, scram: scram.parse()? })
    }

    /// The `argon2` column, a PHC string.
    pub fn argon2_column(&self) -> String {
        self.argon2.to_string()
    }

    /// The `scram` column; the same as the text of [`Self::scram`].
    pub fn scram_column(&self) -> String {
        self.scram.to_column()
    }

    /// The SCRAM-SHA-256 keys, for the SCRAM exchange and for the fast path.
    pub fn scram(&self) -> &ScramVerifier {
        &self.scram
    }

    /// Whether this is the password, by Argon2id. Slow (27 to 100 ms, 19 MiB): not for the runtime's threads.
    pub fn verify(&self, password: &Password) -> bool {
        // The parameters are those of the stored hash.
        Argon2::default().verify_password(password.as_bytes(), &self.argon2).is_ok()
    }

    /// Takes as long as [`Self::verify`] and is never true: for an account that does not exist, so that the time of
    /// the answer does not tell that it does not.
    pub fn verify_absent(password: &Password) -> bool {
        std::hint::black_box(hash(password, &[0; 16]));
        false
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(..)")
    }
}

#[expect(clippy::expect_used, reason = "parameters and salt length are constants that Argon2 accepts")]
fn hash(password: &Password, salt: &[u8; 16]) -> PasswordHash {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constant parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), salt)
        .expect("a password within its limit can be hashed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::prepare(text).unwrap()
    }

    #[test]
    fn a_verifier_survives_its_two_columns_and_knows_its_password() {
        let verifier = Verifier::new(&password("correct horse"), Salts::random().unwrap());
        let argon2 = verifier.argon2_column();
        assert!(argon2.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{argon2}");
        let read = Verifier::from_columns(&argon2, &verifier.scram_column()).unwrap();
        assert_eq!(read, verifier);
        assert!(read.verify(&password("correct horse")));
        assert!(!read.verify(&password("wrong horse")));
        assert!(read.scram().verify(&password("correct horse")));
        assert!(!read.scram().verify(&password("wrong horse")));
        assert!(!Verifier::verify_absent(&password("correct horse")));
    }

    #[test]
    fn columns_that_are_not_ours_are_refused() {
        let good = Verifier::new(&password("x"), Salts { argon2: [1; 16], scram: [2; 16] });
        let (argon2, scram) = (good.argon2_column(), good.scram_column());
        let other_algorithm = argon2.replace("argon2id", "argon2i");
        let without_hash = argon2.rsplit_once('$').unwrap().0.to_owned();
        for bad in ["", "plain", "$2b$10$abc", &other_algorithm, &without_hash] {
            assert_eq!(Verifier::from_columns(bad, &scram), Err(BadVerifier::Argon2), "{bad}");
        }
        assert_eq!(Verifier::from_columns(&argon2, ""), Err(BadVerifier::Scram));
    }

    #[test]
    fn equal_passwords_have_different_verifiers() {
        let one = Verifier::new(&password("x"), Salts::random().unwrap());
        let two = Verifier::new(&password("x"), Salts::random().unwrap());
        assert_ne!(one.argon2_column(), two.argon2_column());
        assert_ne!(one.scram_column(), two.scram_column());
    }
}
