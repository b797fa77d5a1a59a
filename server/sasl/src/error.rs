//! What can go wrong outside of an exchange. A failed log-in is no error: it is [`Failure`](crate::Failure).

use thiserror::Error;

/// Why a text cannot be a password here. The text is safe to show to the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnusablePassword {
    /// Nothing is left after preparation.
    #[error("the password is empty")]
    Empty,
    /// Longer than [`MAX_PASSWORD_OCTETS`](crate::MAX_PASSWORD_OCTETS).
    #[error("the password is longer than {} octets", crate::MAX_PASSWORD_OCTETS)]
    TooLong,
    /// Holds a character that RFC 4013 forbids, so that mail programs would not agree on its spelling.
    #[error(
        "the password holds a character that mail programs do not agree on (a control character, an emoji or the like)"
    )]
    ForbiddenCharacter,
}

/// A stored verifier that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadVerifier {
    /// The Argon2 column is no PHC string of Argon2id.
    #[error("the stored Argon2id hash is malformed")]
    Argon2,
    /// The SCRAM column is not in the form of RFC 5803.
    #[error("the stored SCRAM-SHA-256 verifier is malformed")]
    Scram,
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the operating system's random generator failed")]
pub struct SystemRandomFailed;

/// Fills an array from the operating system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], SystemRandomFailed> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SystemRandomFailed)?;
    Ok(bytes)
}
