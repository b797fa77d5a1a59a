//! The name server of this server, and questions to any.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Micros;

/// A zone in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ZoneRow {
    /// Its origin, without the last dot: `lab.test`, `2.0.192.in-addr.arpa`.
    pub origin: String,
    /// The serial number of its SOA.
    pub serial: u32,
    /// How many records it has.
    pub records: u32,
}

/// Names a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZoneRef {
    /// Its origin.
    pub origin: String,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Zone {
    /// As in the list.
    pub row: ZoneRow,
    /// Its records but for the SOA, in the order of the file.
    pub records: Vec<ZoneRecord>,
    /// The same as a zone file (RFC 1035 §5).
    pub text: String,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZoneRecord {
    /// Relative to the origin, `@` for the origin itself.
    pub name: String,
    /// Seconds; none: the zone's default.
    pub ttl: Option<u32>,
    /// `A`, `MX`, `TXT`.
    pub kind: String,
    /// As a zone file writes it: `10 mail.lab.test.`
    pub value: String,
}

/// Replaces a zone, or makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZoneText {
    /// Its origin.
    pub origin: String,
    /// A zone file.
    pub text: String,
}

/// Adds a record, or takes one away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ZoneEdit {
    /// The zone.
    pub origin: String,
    /// The record; to take one away, exactly as it is, the TTL aside.
    pub record: ZoneRecord,
}

/// A question to the resolver of this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DnsQuestion {
    /// A name, or an address for `PTR`.
    pub name: String,
    /// `A`, `MX`, `TXT`.
    pub kind: String,
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DnsAnswer {
    /// The name that was asked for.
    pub name: String,
    /// The type of record.
    pub kind: String,
    /// What came of it.
    pub outcome: DnsOutcome,
    /// Records as a zone file writes them, with the name they were found under: `lab.test. 3600 MX 10 mail.lab.test.`
    pub records: Vec<String>,
    /// Who answered; none when nobody did, or when the answer was still known.
    pub server: Option<String>,
    /// How long it took, microseconds.
    pub took: Micros,
    /// Whether the answer was still known.
    pub from_cache: bool,
    /// Whether the server says that it checked the signatures (AD).
    pub authenticated: bool,
}

/// What can come of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DnsOutcome {
    /// There are records.
    Found,
    /// The name exists, and has no such record.
    NoData,
    /// The name does not exist (NXDOMAIN).
    NoDomain,
    /// The server could not find out (SERVFAIL).
    ServerFailure,
    /// The server will not answer (REFUSED).
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// The answer came cut off, by TCP too.
    Truncated,
    /// No server could be reached.
    Unreachable,
    /// The answer makes no sense.
    Malformed,
}
