//! What is stored of an account's password, and the check of a password against it.
//!
//! Two columns are kept, both made from the same password:
//! - `argon2`, a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$...`), is authoritative for a password in clear;
//! - `scram`, the SCRAM-SHA-256 keys (see [`ScramVerifier`]), serves the SCRAM exchange and is a fast path: its
//!   `verify` costs one PBKDF2 (a few milliseconds) instead of 19 MiB and 27 to 100 ms. A `true` of the fast path
//!   may be trusted, since the keys can only come from the password; on a `false` that matters, ask `argon2`.
//!   Further lines of the column are optional: the SCRAM-SHA-1 keys, which older accounts get when their password is next
//!   seen, and `PASSWORD$` with the password itself in base64, kept for CRAM-MD5 where somebody turned that on. The latter
//!   is not encrypted: whoever can read it has the password.

use crate::error::{BadVerifier, SystemRandomFailed, random};
use crate::keys::{KeyKind, Keys};
use crate::password::Password;
use crate::scram::{ScramHash, ScramVerifier};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use zeroize::Zeroizing;

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
    scram_sha1: Option<ScramVerifier>,
    password: Option<Zeroizing<String>>,
}

/// What the line of a kept password begins with.
const PASSWORD: &str = "PASSWORD$";

impl Verifier {
    /// Makes the verifier of a new password. Slow (27 to 100 ms, 19 MiB): not for the runtime's threads.
    pub fn new(password: &Password, salts: Salts) -> Self {
        let scram = ScramVerifier::derive(password, &salts.scram);
        Self { argon2: hash(password, &salts.argon2), scram, scram_sha1: None, password: None }
            .with_scram_sha1(password)
    }

    /// The same with SCRAM-SHA-1 keys, for an older one whose password is at hand. The salt is that of the other keys: what
    /// is drawn from it has nothing in common.
    #[must_use]
    pub fn with_scram_sha1(self, password: &Password) -> Self {
        let keys = ScramVerifier::derive_with(ScramHash::Sha1, password, &self.scram.salt);
        Self { scram_sha1: Some(keys), ..self }
    }

    /// The same with the password itself, readable, for CRAM-MD5.
    #[must_use]
    pub fn keeping(self, password: &Password) -> Self {
        let text = String::from_utf8_lossy(password.as_bytes()).into_owned();
        Self { password: Some(Zeroizing::new(text)), ..self }
    }

    /// Reads the two stored columns.
    pub fn from_columns(argon2: &str, scram: &str) -> Result<Self, BadVerifier> {
        let argon2 = PasswordHash::new(argon2).map_err(|_| BadVerifier::Argon2)?;
        let complete = argon2.salt.is_some() && argon2.hash.is_some();
        if argon2.algorithm.as_str() != "argon2id" || !complete || Params::try_from(&argon2).is_err() {
            return Err(BadVerifier::Argon2);
        }
        let mut lines = scram.lines();
        let scram: ScramVerifier = lines.next().unwrap_or_default().parse()?;
        let mut verifier = Self { argon2, scram, scram_sha1: None, password: None };
        for line in lines {
            match line.strip_prefix(PASSWORD) {
                Some(base64) => verifier.password = Some(read_password(base64).ok_or(BadVerifier::Scram)?),
                None => verifier.scram_sha1 = Some(line.parse()?),
            }
        }
        let hashes = (verifier.scram.hash(), verifier.scram_sha1.as_ref().map(ScramVerifier::hash));
        match hashes {
            (ScramHash::Sha256, None | Some(ScramHash::Sha1)) => Ok(verifier),
            _ => Err(BadVerifier::Scram),
        }
    }

    /// The `argon2` column, a PHC string.
    pub fn argon2_column(&self) -> String {
        self.argon2.to_string()
    }

    /// The `scram` column.
    pub fn scram_column(&self) -> Zeroizing<String> {
        let mut column = Zeroizing::new(self.scram.to_column());
        if let Some(keys) = &self.scram_sha1 {
            column.push('\n');
            column.push_str(&keys.to_column());
        }
        if let Some(password) = &self.password {
            column.push('\n');
            column.push_str(PASSWORD);
            column.push_str(&Zeroizing::new(STANDARD.encode(password.as_bytes())));
        }
        column
    }

    /// What changes with the password, and with nothing else.
    pub fn fingerprint(&self) -> String {
        self.scram.to_column()
    }

    /// The keys of a kind, if there are any.
    pub fn keys(&self, kind: KeyKind) -> Option<Keys> {
        match kind {
            KeyKind::Scram(ScramHash::Sha256) => Some(Keys::Scram(self.scram.clone())),
            KeyKind::Scram(ScramHash::Sha1) => self.scram_sha1.clone().map(Keys::Scram),
            KeyKind::Password => {
                let password = self.password.as_ref()?;
                Password::prepare(password).ok().map(Keys::Password)
            }
        }
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

fn read_password(base64: &str) -> Option<Zeroizing<String>> {
    let octets = STANDARD.decode(base64).ok()?;
    String::from_utf8(octets).ok().map(Zeroizing::new)
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
    fn optional_lines_are_read_back_and_do_not_change_what_it_is() {
        let full = Verifier::new(&password("x y"), Salts { argon2: [1; 16], scram: [2; 16] });
        let old = Verifier { scram_sha1: None, ..full.clone() };
        assert_eq!(*old.scram_column(), old.scram().to_column(), "as it was before there were other lines");
        for verifier in [
            old.clone(),
            full.clone(),
            full.clone().keeping(&password("x y")),
            old.clone().keeping(&password("x")),
        ] {
            let read = Verifier::from_columns(&verifier.argon2_column(), &verifier.scram_column());
            assert_eq!(read.as_ref(), Ok(&verifier));
            assert_eq!(verifier.fingerprint(), full.fingerprint());
        }
        assert!(
            old.keys(KeyKind::Scram(ScramHash::Sha1)).is_none() && full.keys(KeyKind::Password).is_none()
        );
        let Some(Keys::Scram(sha1)) =
            old.with_scram_sha1(&password("x y")).keys(KeyKind::Scram(ScramHash::Sha1))
        else {
            panic!("no keys");
        };
        assert!(sha1.verify(&password("x y")) && !sha1.verify(&password("x")));
        let (argon2, scram) = (full.argon2_column(), full.scram().to_column());
        for bad in [
            format!("{scram}\n{scram}"),
            format!("{scram}\nx"),
            format!("{scram}\nPASSWORD$*"),
            format!("\n{scram}"),
        ] {
            assert_eq!(Verifier::from_columns(&argon2, &bad), Err(BadVerifier::Scram), "{bad}");
        }
    }

    #[test]
    fn equal_passwords_have_different_verifiers() {
        let one = Verifier::new(&password("x"), Salts::random().unwrap());
        let two = Verifier::new(&password("x"), Salts::random().unwrap());
        assert_ne!(one.argon2_column(), two.argon2_column());
        assert_ne!(one.scram_column(), two.scram_column());
    }
}
