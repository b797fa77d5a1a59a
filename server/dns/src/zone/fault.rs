//! What is wrong with a zone or its file.

use std::fmt;

use thiserror::Error;

use crate::{BadName, Kind};

/// One fault, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the file, from 1; none for a zone that came from no file.
    pub line: Option<usize>,
    /// The record, as the zone's file has it; none if there is no record yet, or the fault is in none.
    pub record: Option<String>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// `line 7, www CNAME ftp: an alias cannot stand beside other records of its name`
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, &self.record) {
            (Some(line), Some(record)) => write!(f, "line {line}, {record}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(record)) => write!(f, "{record}: ")?,
            (None, None) => {}
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for Fault {}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The file is too long.
    #[error("the file is longer than 8 MiB")]
    FileTooLong,
    /// The file is not text in UTF-8, such as one in Latin-1.
    #[error("the file is not text in UTF-8")]
    NotUtf8,
    /// A quote has no end.
    #[error("a quoted text has no closing quote on its line")]
    UnclosedQuote,
    /// A parenthesis has no end.
    #[error("a parenthesis is opened and never closed")]
    UnclosedParenthesis,
    /// A parenthesis has no beginning.
    #[error("a parenthesis is closed that was not opened")]
    StrayParenthesis,
    /// `$INCLUDE`, `$GENERATE`, or something unknown.
    #[error("{0} is not supported")]
    Directive(String),
    /// The first record begins with a blank, which stands for the name of the record before.
    #[error("there is no record above whose name it could have")]
    NoOwner,
    /// A relative name before any `$ORIGIN`.
    #[error("the name {0} is relative, and nothing says to what: write its final dot, or $ORIGIN above")]
    NoOrigin(String),
    /// A record without type and data, or no record at all.
    #[error("there is no record")]
    NoRecord,
    /// Another class than IN.
    #[error("the class {0} is not supported, only IN")]
    Class(String),
    /// Not a type of record.
    #[error("{0} is not a type of record")]
    Type(String),
    /// A type that exists and is not served here.
    #[error("records of type {0} are not supported")]
    KindNotSupported(Kind),
    /// A field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// There is more than the record needs.
    #[error("{0} is one too many")]
    Extra(String),
    /// A field cannot be read.
    #[error("{text} is not {what}")]
    Field {
        /// What it should be.
        what: &'static str,
        /// What it is.
        text: String,
    },
    /// A name cannot be read.
    #[error("{text} is not a name: {reason}")]
    Name {
        /// The text.
        text: String,
        /// Why.
        reason: BadName,
    },
    /// The file's zone is not the expected one.
    #[error("the file is of the zone {0}")]
    OtherZone(String),
    /// There is no SOA at the top.
    #[error("the zone has no SOA record at its top")]
    NoSoa,
    /// There are several.
    #[error("the zone has a second SOA record")]
    SecondSoa,
    /// A SOA belongs at the top.
    #[error("a SOA record stands at the top of a zone only")]
    SoaBelow,
    /// There is no NS at the top.
    #[error("the zone has no NS record at its top")]
    NoNs,
    /// The name belongs to another zone.
    #[error("its name is outside of the zone")]
    Outside,
    /// RFC 1034 §3.6.2.
    #[error("an alias cannot stand beside other records of its name")]
    AliasBesideOthers,
    /// MX, NS and SRV name hosts.
    #[error("{0} is an address where the name of a host belongs")]
    AddressForName(String),
    /// RFC 2181 §10.3.
    #[error("{0} is an alias, where a name with addresses belongs")]
    TargetIsAlias(String),
    /// RFC 7505 §3.
    #[error("«no mail» (MX 0 .) cannot stand beside other MX records")]
    NullMxBesideOthers,
    /// RFC 1035 §3.3.14.
    #[error(
        "a text of {0} octets: one piece has at most 255, so write several quoted pieces; readers join them"
    )]
    StringTooLong(usize),
    /// A record holds at most 65,535 octets.
    #[error("the record is longer than 65,535 octets")]
    DataTooLong,
    /// A TXT needs a string.
    #[error("there is no text")]
    NoText,
    /// The same twice.
    #[error("the same record is there twice")]
    Duplicate,
    /// RFC 2181 §5.2.
    #[error("the records of one name and type must have one TTL, and another has {0}")]
    MixedTtl(u32),
    /// RFC 2181 §8.
    #[error("the time is longer than 2147483647 seconds")]
    TtlTooLong,
    /// RFC 6698 §2.1.
    #[error("the digest should have {0} octets")]
    DigestLength(usize),
    /// Numbers without meaning (RFC 7218).
    #[error("{0} has no meaning in this place of a TLSA record")]
    TlsaNumber(u8),
    /// RFC 8659 §4.1.
    #[error("a CAA tag is of 1 to 15 letters and digits")]
    CaaTag,
    /// Too many for one zone.
    #[error("the zone has more than 50,000 records")]
    TooManyRecords,
}

impl FaultKind {
    /// The word, name or number that it is about, for a translated text; none if the text needs none.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Directive(text)
            | Self::NoOrigin(text)
            | Self::Class(text)
            | Self::Type(text)
            | Self::Extra(text)
            | Self::Field { text, .. }
            | Self::Name { text, .. }
            | Self::OtherZone(text)
            | Self::AddressForName(text)
            | Self::TargetIsAlias(text) => Some(text.clone()),
            Self::KindNotSupported(kind) => Some(kind.to_string()),
            Self::Missing(what) => Some((*what).to_owned()),
            Self::StringTooLong(octets) | Self::DigestLength(octets) => Some(octets.to_string()),
            Self::MixedTtl(ttl) => Some(ttl.to_string()),
            Self::TlsaNumber(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The key under which faces translate this fault. Never renamed.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::FileTooLong => "dns.zone.file_too_long",
            Self::NotUtf8 => "dns.zone.not_utf8",
            Self::UnclosedQuote => "dns.zone.unclosed_quote",
            Self::UnclosedParenthesis => "dns.zone.unclosed_parenthesis",
            Self::StrayParenthesis => "dns.zone.stray_parenthesis",
            Self::Directive(_) => "dns.zone.directive",
            Self::NoOwner => "dns.zone.no_owner",
            Self::NoOrigin(_) => "dns.zone.no_origin",
            Self::NoRecord => "dns.zone.no_record",
            Self::Class(_) => "dns.zone.class",
            Self::Type(_) => "dns.zone.type",
            Self::KindNotSupported(_) => "dns.zone.kind_not_supported",
            Self::Missing(_) => "dns.zone.missing",
            Self::Extra(_) => "dns.zone.extra",
            Self::Field { .. } => "dns.zone.field",
            Self::Name { .. } => "dns.zone.name",
            Self::OtherZone(_) => "dns.zone.other_zone",
            Self::NoSoa => "dns.zone.no_soa",
            Self::SecondSoa => "dns.zone.second_soa",
            Self::SoaBelow => "dns.zone.soa_below",
            Self::NoNs => "dns.zone.no_ns",
            Self::Outside => "dns.zone.outside",
            Self::AliasBesideOthers => "dns.zone.alias_beside_others",
            Self::AddressForName(_) => "dns.zone.address_for_name",
            Self::TargetIsAlias(_) => "dns.zone.target_is_alias",
            Self::NullMxBesideOthers => "dns.zone.null_mx_beside_others",
            Self::StringTooLong(_) => "dns.zone.string_too_long",
            Self::DataTooLong => "dns.zone.data_too_long",
            Self::NoText => "dns.zone.no_text",
            Self::Duplicate => "dns.zone.duplicate",
            Self::MixedTtl(_) => "dns.zone.mixed_ttl",
            Self::TtlTooLong => "dns.zone.ttl_too_long",
            Self::DigestLength(_) => "dns.zone.digest_length",
            Self::TlsaNumber(_) => "dns.zone.tlsa_number",
            Self::CaaTag => "dns.zone.caa_tag",
            Self::TooManyRecords => "dns.zone.too_many_records",
        }
    }
}
