//! What was asked and what came of it, as values that can be recorded.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::{Kind, Name, Record};

/// A question to name servers. The class is IN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// The name.
    pub name: Name,
    /// The type of the records.
    pub kind: Kind,
}

impl Question {
    /// A question.
    #[must_use]
    pub fn new(name: Name, kind: Kind) -> Self {
        Self { name, kind }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.kind)
    }
}

/// A lookup: the question, how it ended, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// What was asked.
    pub question: Question,
    /// How it ended.
    pub outcome: Outcome,
    /// The CNAME records that led from the question's name to the one the outcome is about, in order.
    pub aliases: Vec<Record>,
    /// The server whose word the outcome is, a refusal or failure too; none if no server said anything. Kept when the answer comes from
    /// the cache.
    pub server: Option<SocketAddr>,
    /// Each message sent and what came of it, in order; empty when the answer came from the cache.
    pub attempts: Vec<Attempt>,
    /// From the call to the answer.
    pub took: Duration,
    /// Whether the answer was known from before.
    pub from_cache: bool,
    /// The AD bit: the server says that it has verified the answer with DNSSEC (RFC 6840 §5.8). That is worth what the way to the
    /// server is worth: forged answers can have it too, unless the server is on this machine.
    pub authenticated: bool,
    /// The AA bit: the server answered for its own zone.
    pub authoritative: bool,
    /// Seconds for which the outcome may be kept: the least TTL of its records, or the one for negative answers (RFC 2308 §5). None
    /// where nobody said.
    pub ttl: Option<u32>,
}

impl Lookup {
    /// One that nobody has answered yet.
    pub(crate) fn new(question: Question) -> Self {
        Self {
            question,
            outcome: Outcome::Timeout,
            aliases: Vec::new(),
            server: None,
            attempts: Vec::new(),
            took: Duration::ZERO,
            from_cache: false,
            authenticated: false,
            authoritative: false,
            ttl: None,
        }
    }
}

/// How a lookup ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These records of the type asked for, as the server ordered them; never empty.
    Found(Vec<Record>),
    /// The name exists and has no such record (NODATA, RFC 2308 §2.2).
    NoData,
    /// The name does not exist (NXDOMAIN).
    NoDomain,
    /// The server will not answer us (REFUSED).
    Refused,
    /// The server failed; the code by its usual name: `SERVFAIL`, `NOTIMP`, …
    ServerFailure(String),
    /// The server knows only whom else to ask: it does not resolve for others.
    Referral,
    /// The answer was cut, and asking over TCP brought no whole one.
    Truncated,
    /// No server answered in time.
    Timeout,
    /// No server could be reached; the system's words.
    Unreachable(String),
    /// The answer cannot be understood.
    Malformed,
    /// Aliases lead in a circle, or through more than eight names.
    AliasLoop,
}

impl Outcome {
    /// Stable identifier.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Found(_) => "dns.found",
            Self::NoData => "dns.no_data",
            Self::NoDomain => "dns.no_domain",
            Self::Refused => "dns.refused",
            Self::ServerFailure(_) => "dns.server_failure",
            Self::Referral => "dns.referral",
            Self::Truncated => "dns.truncated",
            Self::Timeout => "dns.timeout",
            Self::Unreachable(_) => "dns.unreachable",
            Self::Malformed => "dns.malformed",
            Self::AliasLoop => "dns.alias_loop",
        }
    }

    /// The records, where there are some.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        match self {
            Self::Found(records) => records,
            _ => &[],
        }
    }

    /// Whether it says nothing about the name, so that asking later may bring an answer.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        !matches!(self, Self::Found(_) | Self::NoData | Self::NoDomain)
    }

    /// Of several servers' failures the one that says most is told: a refusal is more than silence.
    pub(crate) const fn weight(&self) -> u8 {
        match self {
            Self::Found(_) | Self::NoData | Self::NoDomain | Self::AliasLoop => 7,
            Self::ServerFailure(_) => 6,
            Self::Truncated => 5,
            Self::Refused => 4,
            Self::Referral => 3,
            Self::Malformed => 2,
            Self::Timeout => 1,
            Self::Unreachable(_) => 0,
        }
    }
}

/// For people, in English: `2 records`, `no such name`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(records) if records.len() == 1 => f.write_str("1 record"),
            Self::Found(records) => write!(f, "{} records", records.len()),
            Self::NoData => f.write_str("no such record"),
            Self::NoDomain => f.write_str("no such name"),
            Self::Refused => f.write_str("the name server refused"),
            Self::ServerFailure(code) => write!(f, "the name server failed ({code})"),
            Self::Referral => f.write_str("the name server does not resolve for others"),
            Self::Truncated => f.write_str("the answer was cut and could not be had over TCP"),
            Self::Timeout => f.write_str("no name server answered in time"),
            Self::Unreachable(reason) => write!(f, "no name server could be reached ({reason})"),
            Self::Malformed => f.write_str("the answer could not be understood"),
            Self::AliasLoop => f.write_str("the aliases lead in a circle"),
        }
    }
}

/// How a message travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One datagram each way.
    Udp,
    /// A connection for this one question.
    Tcp,
}

/// One message to one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Whom it went to.
    pub server: SocketAddr,
    /// How.
    pub transport: Transport,
    /// The name it asked for: the question's, or what an alias led to.
    pub name: Name,
    /// What came back.
    pub reaction: Reaction,
    /// From sending to the reaction.
    pub took: Duration,
    /// Datagrams that came from the server's address and belong to another question: strays, or somebody guessing (RFC 5452 §9.1).
    pub ignored: u32,
}

/// What a server did with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// It answered, with this code: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, …
    Answered(String),
    /// It answered that the answer does not fit.
    Truncated,
    /// It answered something that cannot be understood.
    Malformed,
    /// It did not answer in time.
    Timeout,
    /// It could not be reached; the system's words.
    Unreachable(String),
}
