//! What a server looks up of a user to check a client that does not send its password.

use crate::password::Password;
use crate::scram::{ScramHash, ScramVerifier};

/// What is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// The SCRAM keys for this hash.
    Scram(ScramHash),
    /// The password itself, for CRAM-MD5.
    Password,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum Keys {
    /// SCRAM keys; their hash has to be the one that was asked for.
    Scram(ScramVerifier),
    /// The password.
    Password(Password),
}

impl From<ScramVerifier> for Keys {
    fn from(keys: ScramVerifier) -> Self {
        Self::Scram(keys)
    }
}
