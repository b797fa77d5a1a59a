//! Keys for users that do not exist.

use super::keys::{ITERATIONS, ScramHash, ScramVerifier};
use crate::error::{SystemRandomFailed, random};
use std::fmt;
use zeroize::Zeroizing;

/// A secret of the server from which the salts of unknown users are derived: whoever asks twice gets the same salt
/// twice, as for a real user, and so cannot tell the two apart (RFC 5802 §9 leaves this to the server).
///
/// Keep it with the configuration: a secret that changes at each start would give the unknown users away.
#[derive(Clone)]
pub struct DecoySecret(Zeroizing<[u8; 32]>);

impl DecoySecret {
    /// A new secret from the operating system's generator.
    pub fn random() -> Result<Self, SystemRandomFailed> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// The secret that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The octets to keep.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Keys that no password fits: they are not derived from one. Names that differ in case only are one user for
    /// the server, so they have one salt here too.
    ///
    /// An exchange that is answered with `None` takes those of the name as the client wrote it. Where one account has
    /// several log-in names (`ana` and `ana@lab.test`), answer instead with the keys of the full name that an unknown
    /// one would stand for: two spellings with two salts would show that there is no such account.
    ///
    /// The salt is the same for both hashes, as it is in a [`Verifier`](crate::Verifier).
    pub fn verifier(&self, hash: ScramHash, user: &str) -> ScramVerifier {
        let user = user.to_lowercase();
        let derive =
            |hash: ScramHash, purpose: &[u8]| hash.hmac(&*self.0, &[purpose, b"\0", user.as_bytes()]);
        ScramVerifier {
            hash,
            iterations: ITERATIONS,
            salt: derive(ScramHash::Sha256, b"salt")[..16].to_vec(),
            stored_key: derive(hash, b"stored key").to_vec(),
            server_key: derive(hash, b"server key"),
        }
    }
}

impl fmt::Debug for DecoySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecoySecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoy_is_stable_for_a_user_and_a_secret() {
        let secret = DecoySecret::from_bytes([1; 32]);
        let salt = |secret: &DecoySecret, user| secret.verifier(ScramHash::Sha256, user).salt;
        assert_eq!(salt(&secret, "nobody"), salt(&secret, "Nobody"));
        assert_eq!(salt(&secret, "nobody"), secret.verifier(ScramHash::Sha1, "nobody").salt);
        assert_ne!(salt(&secret, "nobody"), salt(&secret, "somebody"));
        assert_ne!(salt(&secret, "nobody"), salt(&DecoySecret::from_bytes([2; 32]), "nobody"));
    }
}
