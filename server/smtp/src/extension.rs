//! The service extensions of the EHLO reply.

use jiff::Timestamp;
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
    /// RFC 3461.
    Dsn,
    /// RFC 6531.
    SmtpUtf8,
    /// RFC 3030.
    Chunking,
    /// RFC 3030.
    BinaryMime,
    /// RFC 8689.
    RequireTls,
    /// RFC 4865.
    FutureRelease {
        /// Seconds from now.
        longest: u32,
        /// The latest time.
        latest: Timestamp,
    },
    /// RFC 1985.
    Etrn,
    /// Postfix's XCLIENT_README.
    Xclient,
    /// RFC 9422. RCPTDOMAINMAX is not said: there is no limit of domains.
    Limits {
        /// Transactions in a session.
        mail_max: u32,
        /// Recipients in a transaction.
        rcpt_max: usize,
    },
}

/// The largest value of a limit: it has six digits (RFC 9422 §3.3).
const LARGEST_LIMIT: usize = 999_999;

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
            Self::Dsn => f.write_str("DSN"),
            Self::SmtpUtf8 => f.write_str("SMTPUTF8"),
            Self::Chunking => f.write_str("CHUNKING"),
            Self::BinaryMime => f.write_str("BINARYMIME"),
            Self::RequireTls => f.write_str("REQUIRETLS"),
            Self::FutureRelease { longest, latest } => write!(f, "FUTURERELEASE {longest} {latest}"),
            Self::Etrn => f.write_str("ETRN"),
            Self::Xclient => f.write_str("XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"),
            Self::Limits { mail_max, rcpt_max } => {
                let mail_max = usize::try_from(*mail_max).unwrap_or(usize::MAX).min(LARGEST_LIMIT);
                write!(f, "LIMITS MAILMAX={mail_max} RCPTMAX={}", rcpt_max.min(&LARGEST_LIMIT))
            }
        }
    }
}
