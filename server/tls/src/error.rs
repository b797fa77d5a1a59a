//! What can go wrong with keys and certificates, for the operator.

use std::error::Error as StdError;
use std::fmt;

/// What failed. Each has a fixed identifier, see [`Code::id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// A file or folder cannot be read. Fault: the system or our configuration.
    Unreadable,
    /// A file or folder cannot be written. Fault: the system.
    Unwritable,
    /// The file holds no certificate that can be understood. Fault: the configuration.
    NoCertificate,
    /// The file holds no private key that can be used; an encrypted key is such a one. Fault: the configuration.
    NoKey,
    /// The private key belongs to another certificate. Fault: the configuration.
    KeyMismatch,
    /// The certificate's time is over. Fault: the configuration.
    Expired,
    /// The certificate's time has not begun: the certificate or this machine's clock is wrong.
    NotYetValid,
    /// A host or domain name cannot stand in a certificate. Fault: the configuration.
    BadName,
    /// The TLS library refused what we gave it.
    Unusable,
    /// A certificate could not be made. Fault: this program.
    Internal,
}

impl Code {
    /// The key under which faces translate this error. Never renamed.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unreadable => "tls.unreadable",
            Self::Unwritable => "tls.unwritable",
            Self::NoCertificate => "tls.no_certificate",
            Self::NoKey => "tls.no_key",
            Self::KeyMismatch => "tls.key_mismatch",
            Self::Expired => "tls.expired",
            Self::NotYetValid => "tls.not_yet_valid",
            Self::BadName => "tls.bad_name",
            Self::Unusable => "tls.unusable",
            Self::Internal => "tls.internal",
        }
    }
}

/// A failure with the object it is about (a file or a name). The cause stays for the log.
#[derive(Debug)]
pub struct Error {
    code: Code,
    object: String,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(code: Code, object: impl fmt::Display) -> Self {
        Self { code, object: object.to_string(), cause: None }
    }

    pub(crate) fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What failed.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The file or name it failed on, as the user knows it.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match self.code {
            Code::Unreadable => write!(f, "{object} cannot be read"),
            Code::Unwritable => write!(f, "{object} cannot be written"),
            Code::NoCertificate => write!(f, "{object} holds no usable certificate in PEM form"),
            Code::NoKey => write!(f, "{object} holds no usable private key in PEM form without a passphrase"),
            Code::KeyMismatch => write!(f, "the private key in {object} belongs to another certificate"),
            Code::Expired => write!(f, "the certificate in {object} has expired"),
            Code::NotYetValid => {
                write!(f, "the certificate in {object} is not valid yet; check this machine's clock")
            }
            Code::BadName => write!(f, "\"{object}\" is not a host or domain name"),
            Code::Unusable => write!(f, "TLS cannot be set up with {object}"),
            Code::Internal => write!(f, "a certificate for {object} could not be made"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}
