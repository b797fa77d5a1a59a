//! The service extensions of the EHLO reply.

use postigo_sasl::Mechanism;
use std::fmt;

/// One line of the EHLO reply (RFC 5321 §4.1.1.1, `ehlo-line`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extension {
    /// RFC 2920.
    Pipelining,
    /// RFC 1870, with the limit in octets.
    Size(u64),
    /// RFC 3207.
    StartTls,
    /// RFC 4954.
    Auth(Vec<Mechanism>),
    /// RFC 2034.
    EnhancedStatusCodes,
    /// RFC 6152.
    EightBitMime,
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipelining => f.write_str("PIPELINING"),
            Self::Size(octets) => write!(f, "SIZE {octets}"),
            Self::StartTls => f.write_str("STARTTLS"),
            Self::Auth(mechanisms) => {
                f.write_str("AUTH")?;
                mechanisms.iter().try_for_each(|mechanism| write!(f, " {mechanism}"))
            }
            Self::EnhancedStatusCodes => f.write_str("ENHANCEDSTATUSCODES"),
            Self::EightBitMime => f.write_str("8BITMIME"),
        }
    }
}
