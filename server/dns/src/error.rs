//! What can go wrong with the choice of servers, with zones and with their files, for the operator. A lookup's failure is none of these:
//! it is an [`Outcome`](crate::Outcome).

use std::error::Error as StdError;
use std::fmt;

/// What failed. Each has a fixed identifier, see [`Code::id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// No name server is named. Fault: the configuration, the user's or the system's.
    NoServers,
    /// The object is not `ADDRESS` or `ADDRESS:PORT`. Fault: the configuration.
    BadServer,
    /// The system does not tell its name servers. Fault: the system.
    SystemUnreadable,
    /// The address cannot be listened on. Fault: the configuration or the system.
    CannotListen,
    /// The object is a zone that does not hold together; the cause lists the first fault. Fault: the configuration.
    BadZone,
    /// Two zones have the same name. Fault: the configuration.
    ZoneTwice,
    /// The zone's name cannot be the name of a file. Fault: the user's input.
    BadZoneName,
    /// There is no such zone.
    ZoneUnknown,
    /// A file or folder cannot be read. Fault: the system.
    Unreadable,
    /// A file or folder cannot be written. Fault: the system.
    Unwritable,
}

impl Code {
    /// The key under which faces translate this error. Never renamed.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NoServers => "dns.no_servers",
            Self::BadServer => "dns.bad_server",
            Self::SystemUnreadable => "dns.system_unreadable",
            Self::CannotListen => "dns.cannot_listen",
            Self::BadZone => "dns.bad_zone",
            Self::ZoneTwice => "dns.zone_twice",
            Self::BadZoneName => "dns.bad_zone_name",
            Self::ZoneUnknown => "dns.zone_unknown",
            Self::Unreadable => "dns.unreadable",
            Self::Unwritable => "dns.unwritable",
        }
    }
}

/// A failure with the object it is about (an address, a zone or a file). The cause stays for the log.
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

    /// The address, zone or file it failed on.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match self.code {
            Code::NoServers => write!(f, "no name server is named"),
            Code::BadServer => write!(f, "{object} is not the address of a name server"),
            Code::SystemUnreadable => write!(f, "the system does not tell its name servers"),
            Code::CannotListen => write!(f, "the name server cannot listen on {object}"),
            Code::BadZone => write!(f, "the zone {object} has faults"),
            Code::ZoneTwice => write!(f, "the zone {object} is there twice"),
            Code::BadZoneName => write!(f, "{object} cannot be the name of a zone here"),
            Code::ZoneUnknown => write!(f, "there is no zone {object}"),
            Code::Unreadable => write!(f, "{object} cannot be read"),
            Code::Unwritable => write!(f, "{object} cannot be written"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
