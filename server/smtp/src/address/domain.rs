//! The part after the `@`.

use crate::error::BadAddress;
use crate::limits::DOMAIN_OCTETS;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest label of a domain name, in octets (RFC 1035 §2.3.4).
const LABEL_OCTETS: usize = 63;

/// `Domain / address-literal`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Domain {
    /// A domain name, in the case in which it was written.
    Name(String),
    /// `[192.0.2.1]`
    Ipv4(Ipv4Addr),
    /// `[IPv6:2001:db8::1]`
    Ipv6(Ipv6Addr),
    /// `[tag:content]`, of a kind that we do not know; kept with its brackets.
    OtherLiteral(String),
}

impl Domain {
    /// Reads a whole text.
    pub fn parse(text: &[u8]) -> Result<Self, BadAddress> {
        if text.is_ascii() { Self::parse_utf8(text) } else { Err(BadAddress::NonAscii) }
    }

    /// Reads a whole text; the labels of a name may be U-labels (RFC 6531 §3.3).
    pub fn parse_utf8(text: &[u8]) -> Result<Self, BadAddress> {
        let text = std::str::from_utf8(text).map_err(|_| BadAddress::Syntax)?;
        match text {
            _ if text.len() > DOMAIN_OCTETS => Err(BadAddress::TooLong),
            _ if text.starts_with('[') => parse_literal(text).ok_or(BadAddress::Syntax),
            _ => parse_name(text),
        }
    }

    /// The name, if it is not an address literal.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Ipv4(_) | Self::Ipv6(_) | Self::OtherLiteral(_) => None,
        }
    }

    /// Whether all of its characters are ASCII.
    pub fn is_ascii(&self) -> bool {
        self.name().is_none_or(str::is_ascii)
    }

    /// The same domain in A-labels; `None` if it has none.
    pub fn to_ascii(&self) -> Option<Self> {
        match self {
            Self::Name(name) if !name.is_ascii() => idna::domain_to_ascii_strict(name).ok().map(Self::Name),
            _ => Some(self.clone()),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(text) | Self::OtherLiteral(text) => f.write_str(text),
            Self::Ipv4(address) => write!(f, "[{address}]"),
            Self::Ipv6(address) => write!(f, "[IPv6:{address}]"),
        }
    }
}

/// `Domain = sub-domain *("." sub-domain)`. The underscore is in no standard, but in names that send mail.
fn parse_name(text: &str) -> Result<Domain, BadAddress> {
    for label in text.split('.') {
        let ldh =
            label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | 0x80..));
        if label.is_empty() || !ldh || label.starts_with('-') || label.ends_with('-') {
            return Err(BadAddress::Syntax);
        }
        if label.len() > LABEL_OCTETS {
            return Err(BadAddress::TooLong);
        }
    }
    // What cannot be looked up is no domain; this also keeps out other dots than the full stop and control characters.
    if !text.is_ascii()
        && idna::domain_to_ascii_strict(text)
            .map_or(true, |name| name.split('.').count() != text.split('.').count())
    {
        return Err(BadAddress::Syntax);
    }
    Ok(Domain::Name(text.to_owned()))
}

/// `address-literal` (RFC 5321 §4.1.3).
fn parse_literal(text: &str) -> Option<Domain> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if let Ok(address) = inner.parse() {
        return Some(Domain::Ipv4(address));
    }
    let (tag, content) = inner.split_once(':')?;
    if tag.eq_ignore_ascii_case("IPv6") {
        return content.parse().ok().map(Domain::Ipv6);
    }
    let is_tag = tag.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        && tag.as_bytes().last().is_some_and(u8::is_ascii_alphanumeric);
    // dcontent = %d33-90 / %d94-126
    let is_content = !content.is_empty() && content.bytes().all(|octet| matches!(octet, 33..=90 | 94..=126));
    (is_tag && is_content).then(|| Domain::OtherLiteral(text.to_owned()))
}
