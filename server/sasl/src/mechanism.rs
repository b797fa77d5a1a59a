//! The mechanisms this crate speaks, and their registered names.

use std::fmt;

/// A SASL mechanism, server side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// SCRAM-SHA-256 without channel binding (RFC 7677).
    ScramSha256,
    /// PLAIN (RFC 4616).
    Plain,
    /// LOGIN (draft-murchison-sasl-login-00, never standardised, still the only one some clients know).
    Login,
}

impl Mechanism {
    /// All mechanisms, in the order in which a server should offer them: the safest first.
    pub const ALL: [Self; 3] = [Self::ScramSha256, Self::Plain, Self::Login];

    /// The registered name, in capitals.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256 => "SCRAM-SHA-256",
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
        match self {
            Self::Plain | Self::Login => true,
            Self::ScramSha256 => false,
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
        assert_eq!(Mechanism::from_name(b"SCRAM-SHA-256-PLUS"), None);
        assert_eq!(Mechanism::from_name(b""), None);
    }
}
