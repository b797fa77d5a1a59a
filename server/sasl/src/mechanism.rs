//! The mechanisms this crate speaks, and their registered names.

use crate::keys::KeyKind;
use crate::scram::ScramHash;
use std::fmt;

/// A SASL mechanism, server side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// SCRAM-SHA-256 with channel binding (RFC 7677).
    ScramSha256Plus,
    /// SCRAM-SHA-1 with channel binding (RFC 5802).
    ScramSha1Plus,
    /// SCRAM-SHA-256 without channel binding (RFC 7677).
    ScramSha256,
    /// SCRAM-SHA-1 without channel binding (RFC 5802).
    ScramSha1,
    /// PLAIN (RFC 4616).
    Plain,
    /// LOGIN (draft-murchison-sasl-login-00, never standardised, still the only one some clients know).
    Login,
    /// CRAM-MD5 (RFC 2195): the server has to keep the password itself, so that it is only offered where somebody wants it.
    CramMd5,
}

impl Mechanism {
    /// All mechanisms, in the order in which a server should offer them: the safest first.
    pub const ALL: [Self; 7] = [
        Self::ScramSha256Plus,
        Self::ScramSha1Plus,
        Self::ScramSha256,
        Self::ScramSha1,
        Self::Plain,
        Self::Login,
        Self::CramMd5,
    ];

    /// The registered name, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::CramMd5 => "CRAM-MD5",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }

    /// The mechanism of this name; the case of ASCII letters does not matter.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name().as_bytes().eq_ignore_ascii_case(name))
    }

    /// Whether the client sends the password itself, so that the mechanism needs an encrypted (or loopback) connection.
    pub fn sends_password(self) -> bool {
        matches!(self, Self::Plain | Self::Login)
    }

    /// Whether it binds to the TLS connection below it, so that it can only be offered where there is something to bind to.
    pub fn binds_channel(self) -> bool {
        matches!(self, Self::ScramSha256Plus | Self::ScramSha1Plus)
    }

    /// What the server has to know of the user; `None` if the password itself is sent.
    pub fn key_kind(self) -> Option<KeyKind> {
        match self {
            Self::ScramSha256Plus | Self::ScramSha256 => Some(KeyKind::Scram(ScramHash::Sha256)),
            Self::ScramSha1Plus | Self::ScramSha1 => Some(KeyKind::Scram(ScramHash::Sha1)),
            Self::CramMd5 => Some(KeyKind::Password),
            Self::Plain | Self::Login => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_nothing_else_is() {
        assert_eq!(Mechanism::from_name(b"scram-sha-256"), Some(Mechanism::ScramSha256));
        assert_eq!(Mechanism::from_name(b"Plain"), Some(Mechanism::Plain));
        assert_eq!(Mechanism::from_name(b"SCRAM-SHA-256-PLUS"), Some(Mechanism::ScramSha256Plus));
        assert_eq!(Mechanism::from_name(b"SCRAM-SHA-512"), None);
        assert_eq!(Mechanism::from_name(b""), None);
    }
}
