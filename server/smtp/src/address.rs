//! Addresses and paths (RFC 5321 §4.1.2, §4.1.3).
//!
//! Those of commands may hold characters outside of ASCII (RFC 6531 §3.3); whether the client had asked for that is the
//! session's to judge. [`Address::parse`] is for where only ASCII can be.

mod domain;
mod local_part;

pub use domain::Domain;
use local_part::LocalPart;

use crate::error::BadAddress;
use crate::limits::PATH_OCTETS;
use std::fmt;

/// `Mailbox = Local-part "@" ( Domain / address-literal )`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    local_part: LocalPart,
    domain: Domain,
}

impl Address {
    /// Reads a whole text, without angle brackets or source route.
    pub fn parse(text: &[u8]) -> Result<Self, BadAddress> {
        if text.is_ascii() { Self::parse_utf8(text) } else { Err(BadAddress::NonAscii) }
    }

    /// Reads a whole text, as [`parse`](Self::parse), that may hold characters outside of ASCII.
    pub fn parse_utf8(text: &[u8]) -> Result<Self, BadAddress> {
        if std::str::from_utf8(text).is_err() {
            return Err(BadAddress::Syntax);
        }
        let (local_part, rest) = LocalPart::parse_prefix(text)?;
        match rest {
            [] => Err(BadAddress::NoDomain),
            [b'@', domain @ ..] => {
                let domain = Domain::parse_utf8(domain)?;
                let address = Self { local_part, domain };
                // Two octets of the path are its brackets.
                if text.len() > PATH_OCTETS - 2 { Err(BadAddress::TooLong) } else { Ok(address) }
            }
            _ => Err(BadAddress::Syntax),
        }
    }

    /// The part before the `@`, without the quotes it may have been written with.
    pub fn local_part(&self) -> &str {
        self.local_part.as_str()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Whether it is ASCII in both parts.
    pub fn is_ascii(&self) -> bool {
        self.local_part.as_str().is_ascii() && self.domain.is_ascii()
    }

    /// The same address for a server without SMTPUTF8: its domain as A-labels (RFC 5891 §4.4). `None` if the local part
    /// is not ASCII, which nothing can replace.
    pub fn to_ascii(&self) -> Option<Self> {
        let local_part = self.local_part.as_str().is_ascii().then(|| self.local_part.clone())?;
        Some(Self { local_part, domain: self.domain.to_ascii()? })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

/// Where bounces go: `Reverse-path = Path / "<>"`. Its text has no angle brackets; that of the null path is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: a bounce or another message that must not be answered (RFC 5321 §4.5.5).
    Null,
    /// A sender.
    Address(Address),
}

impl ReversePath {
    /// Reads what stands between the angle brackets.
    pub(crate) fn parse(inner: &[u8]) -> Result<Self, BadAddress> {
        if inner.is_empty() {
            return Ok(Self::Null);
        }
        Address::parse_utf8(without_source_route(inner)?).map(Self::Address)
    }

    /// The address, if it is not the null path.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Null => None,
            Self::Address(address) => Some(address),
        }
    }
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Whom the message is for: `Forward-path`, or `<Postmaster>` without a domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// The postmaster of this server, written without a domain in any case (RFC 5321 §4.1.1.3).
    Postmaster,
    /// An address.
    Address(Address),
}

impl Recipient {
    /// Reads what stands between the angle brackets.
    pub(crate) fn parse(inner: &[u8]) -> Result<Self, BadAddress> {
        if inner.eq_ignore_ascii_case(b"postmaster") {
            return Ok(Self::Postmaster);
        }
        Address::parse_utf8(without_source_route(inner)?).map(Self::Address)
    }

    /// The address, if it is not `<Postmaster>`.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Postmaster => None,
            Self::Address(address) => Some(address),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("Postmaster"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Drops `A-d-l = At-domain *( "," At-domain ) ":"`. Source routes must be accepted and should be ignored
/// (RFC 5321 §4.1.1.3, appendix C).
fn without_source_route(inner: &[u8]) -> Result<&[u8], BadAddress> {
    if !inner.starts_with(b"@") {
        return Ok(inner);
    }
    let colon = memchr::memchr(b':', inner).ok_or(BadAddress::Syntax)?;
    for hop in inner[..colon].split(|&octet| octet == b',') {
        let domain = hop.strip_prefix(b"@").ok_or(BadAddress::Syntax)?;
        Domain::parse_utf8(domain)?;
    }
    Ok(&inner[colon + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<String, BadAddress> {
        Address::parse(text.as_bytes()).map(|address| address.to_string())
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        for text in [
            "ana@lab.test",
            "a.b+c=d/e@lab",
            "!#$%&'*+-/=?^_`{|}~@x.test",
            "\"ana maria\"@lab.test",
            "\"a@b\"@lab.test",
            "\"\"@lab.test",
            "\"a\\\"b\\\\c\"@lab.test",
            "ana@[192.0.2.1]",
            "ana@[IPv6:2001:db8::1]",
            "ana@[tag:some.thing]",
            "ana@under_score.test",
        ] {
            assert_eq!(written(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn quotes_that_are_not_needed_are_dropped() {
        assert_eq!(written("\"ana\"@lab.test").as_deref(), Ok("ana@lab.test"));
        assert_eq!(written("\"a\\na\"@lab.test").as_deref(), Ok("ana@lab.test"));
        assert_eq!(Address::parse(b"\"ana\"@lab.test"), Address::parse(b"ana@lab.test"));
    }

    #[test]
    fn an_address_with_a_fault_is_refused() {
        for text in [
            "@lab.test",
            "ana@",
            "a b@lab.test",
            ".a@lab.test",
            "a.@lab.test",
            "a..b@lab.test",
            "a<b@lab.test",
            "\"ana@lab.test",
            "\"a\"b@lab.test",
            "ana@lab..test",
            "ana@-lab.test",
            "ana@lab-.test",
            "ana@lab.test.",
            "ana@lab test",
            "ana@[192.0.2]",
            "ana@[IPv6:1]",
            "ana@[x",
            "ana@[x:]",
            "ana@@lab.test",
            "ana@a@b",
            "\"a\0\"@lab.test",
            "ana@lab.test>",
            "ana@[tag:a]b]",
        ] {
            assert_eq!(written(text), Err(BadAddress::Syntax), "{text}");
        }
        assert_eq!(written("ana"), Err(BadAddress::NoDomain));
        assert_eq!(written("josé@lab.test"), Err(BadAddress::NonAscii));
        assert_eq!(written("ana@español.test"), Err(BadAddress::NonAscii));
    }

    /// RFC 6531 §3.3 and §3.2: only a domain has an ASCII form.
    #[test]
    fn an_internationalised_address_is_read_and_its_domain_has_an_ascii_form() {
        let ascii = |text: &str| {
            let address = Address::parse_utf8(text.as_bytes()).unwrap();
            assert_eq!(address.to_string(), text);
            address.to_ascii().map(|address| address.to_string())
        };
        assert_eq!(ascii("josé@lab.test"), None);
        assert_eq!(ascii("\"josé maría\"@español.test"), None);
        assert_eq!(ascii("ana@español.test").as_deref(), Some("ana@xn--espaol-zwa.test"));
        assert_eq!(ascii("ana@lab.test").as_deref(), Some("ana@lab.test"));
        for fault in ["ana@es pañol.test", "josé", "jo\u{80}sé@lab.test", "ana@a。test"] {
            assert!(Address::parse_utf8(fault.as_bytes()).is_err(), "{fault}");
        }
        assert!(Address::parse_utf8(b"\xff@lab.test").is_err());
    }

    /// RFC 5321 §4.5.3.1.1 to §4.5.3.1.3.
    #[test]
    fn the_parts_of_an_address_have_limits() {
        let local = |octets| "a".repeat(octets);
        let domain = |labels: usize| vec!["b".repeat(49); labels].join(".");
        assert!(written(&format!("{}@lab.test", local(64))).is_ok());
        assert_eq!(written(&format!("{}@lab.test", local(65))), Err(BadAddress::TooLong));
        assert!(written(&format!("a@{}.{}", "b".repeat(63), "c")).is_ok());
        assert_eq!(written(&format!("a@{}.c", "b".repeat(64))), Err(BadAddress::TooLong));
        assert!(written(&format!("aaaa@{}", domain(5))).is_ok(), "254 octets");
        assert_eq!(written(&format!("aaaaaa@{}", domain(5))), Err(BadAddress::TooLong), "255 octets");
        assert_eq!(written(&format!("a@{}", domain(6))), Err(BadAddress::TooLong));
    }

    #[test]
    fn a_source_route_is_accepted_and_ignored() {
        let recipient = Recipient::parse(b"@a.test,@b.test:luis@c.test").unwrap();
        assert_eq!(recipient.to_string(), "luis@c.test");
        assert_eq!(ReversePath::parse(b"@a.test:luis@c.test").unwrap().to_string(), "luis@c.test");
        for fault in [&b"@a.test"[..], b"@a.test,:x@y", b"@a.test,b.test:x@y", b"@:x@y", b"@a.test:"] {
            assert!(Recipient::parse(fault).is_err(), "{fault:?}");
        }
    }

    #[test]
    fn null_path_and_postmaster_are_no_addresses() {
        assert_eq!(ReversePath::parse(b""), Ok(ReversePath::Null));
        assert_eq!(Recipient::parse(b"pOSTmaster"), Ok(Recipient::Postmaster));
        assert!(Recipient::parse(b"postmaster@lab.test").unwrap().address().is_some());
        assert_eq!(Recipient::parse(b""), Err(BadAddress::Syntax));
        assert_eq!(ReversePath::parse(b"postmaster"), Err(BadAddress::NoDomain));
    }
}
