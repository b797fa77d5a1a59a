//! Records as plain data.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::Name;

/// The longest TTL, in seconds (RFC 2181 §8).
pub(crate) const MAX_TTL: u32 = i32::MAX as u32;

/// The most octets that one string of a TXT record holds (RFC 1035 §3.3.14).
pub(crate) const MAX_STRING: usize = 255;

/// A record's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// IPv4 address.
    A,
    /// Name server.
    Ns,
    /// Alias.
    Cname,
    /// Start of authority.
    Soa,
    /// Name of an address.
    Ptr,
    /// Mail host.
    Mx,
    /// Text.
    Txt,
    /// IPv6 address (RFC 3596).
    Aaaa,
    /// Host and port of a service (RFC 2782).
    Srv,
    /// Certificate of a service (RFC 6698).
    Tlsa,
    /// Who may issue certificates (RFC 8659).
    Caa,
    /// Any other, by its number.
    Other(u16),
}

impl Kind {
    const NAMED: [(Self, u16, &'static str); 11] = [
        (Self::A, 1, "A"),
        (Self::Ns, 2, "NS"),
        (Self::Cname, 5, "CNAME"),
        (Self::Soa, 6, "SOA"),
        (Self::Ptr, 12, "PTR"),
        (Self::Mx, 15, "MX"),
        (Self::Txt, 16, "TXT"),
        (Self::Aaaa, 28, "AAAA"),
        (Self::Srv, 33, "SRV"),
        (Self::Tlsa, 52, "TLSA"),
        (Self::Caa, 257, "CAA"),
    ];

    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Other(code) => code,
            named => Self::NAMED.iter().find(|(kind, ..)| *kind == named).map_or(0, |(_, code, _)| *code),
        }
    }

    /// The type with this number.
    #[must_use]
    pub fn from_code(code: u16) -> Self {
        Self::NAMED
            .iter()
            .find(|(_, number, _)| *number == code)
            .map_or(Self::Other(code), |(kind, ..)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMED.iter().find(|(kind, ..)| kind == self) {
            Some((.., text)) => f.write_str(text),
            // RFC 3597 §5.
            None => write!(f, "TYPE{}", self.code()),
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    /// Reads a mnemonic in any case, or `TYPE` and a number.
    fn from_str(text: &str) -> Result<Self, ()> {
        let upper = text.to_ascii_uppercase();
        if let Some((kind, ..)) = Self::NAMED.iter().find(|(.., mnemonic)| *mnemonic == upper) {
            return Ok(*kind);
        }
        upper.strip_prefix("TYPE").and_then(|number| number.parse().ok()).map(Self::from_code).ok_or(())
    }
}

/// A record. Its class is IN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// Whose record it is.
    pub name: Name,
    /// Seconds that others may keep it, at most 2³¹-1 (RFC 2181 §8).
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

impl Record {
    /// A record.
    #[must_use]
    pub fn new(name: Name, ttl: u32, data: Data) -> Self {
        Self { name, ttl, data }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.data.kind()
    }
}

/// As `dig` shows it: `lab.test. 300 IN MX 10 mail.lab.test.`
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = self.name.relative_to(&Name::root());
        write!(f, "{owner} {} IN {} {}", self.ttl, self.kind(), self.data)
    }
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Data {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Name server of the zone.
    Ns(Name),
    /// The name that this name is an alias of.
    Cname(Name),
    /// Name of an address.
    Ptr(Name),
    /// Mail host.
    Mx {
        /// The lower, the sooner it is tried.
        preference: u16,
        /// The host; the root says that there is none (RFC 7505).
        exchange: Name,
    },
    /// Strings of at most 255 octets each; readers join them. [`Data::text`] cuts a long text.
    Txt(Vec<Vec<u8>>),
    /// Start of authority.
    Soa(Soa),
    /// Host and port of a service.
    Srv(Srv),
    /// Certificate of a service.
    Tlsa(Tlsa),
    /// Who may issue certificates.
    Caa {
        /// 128: issuers that do not know the tag must not issue.
        flags: u8,
        /// `issue`, `issuewild`, `iodef`: letters and digits, in lower case.
        tag: String,
        /// The value.
        value: Vec<u8>,
    },
    /// A type that this crate does not know, only ever from an answer.
    Other {
        /// The type.
        kind: Kind,
        /// The data, for people.
        text: String,
    },
}

/// Start of authority (RFC 1035 §3.3.13). Times are seconds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Soa {
    /// The primary name server.
    pub primary: Name,
    /// The mailbox of who is responsible, its first label the local part.
    pub contact: Name,
    /// The version of the zone (RFC 1982).
    pub serial: u32,
    /// How often secondaries ask for a new version.
    pub refresh: u32,
    /// How soon they ask again after a failure.
    pub retry: u32,
    /// How long they answer without having reached the primary.
    pub expire: u32,
    /// How long others keep that a name or record is not there (RFC 2308 §4).
    pub minimum: u32,
}

/// Host and port of a service (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Srv {
    /// The lower, the sooner it is tried.
    pub priority: u16,
    /// Share among those of one priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host; the root says that the service is not offered.
    pub target: Name,
}

/// Certificate of a service (RFC 6698 §2.1), names of the numbers in RFC 7218.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tlsa {
    /// 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
    pub usage: u8,
    /// 0 the whole certificate, 1 its public key.
    pub selector: u8,
    /// 0 the octets themselves, 1 their SHA-256, 2 their SHA-512.
    pub matching: u8,
    /// The octets or their digest.
    pub data: Vec<u8>,
}

impl Data {
    /// A TXT of any text, cut into strings of 255 octets.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut strings: Vec<_> = text.as_bytes().chunks(MAX_STRING).map(<[u8]>::to_vec).collect();
        if strings.is_empty() {
            strings.push(Vec::new());
        }
        Self::Txt(strings)
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::A(_) => Kind::A,
            Self::Aaaa(_) => Kind::Aaaa,
            Self::Ns(_) => Kind::Ns,
            Self::Cname(_) => Kind::Cname,
            Self::Ptr(_) => Kind::Ptr,
            Self::Mx { .. } => Kind::Mx,
            Self::Txt(_) => Kind::Txt,
            Self::Soa(_) => Kind::Soa,
            Self::Srv(_) => Kind::Srv,
            Self::Tlsa(_) => Kind::Tlsa,
            Self::Caa { .. } => Kind::Caa,
            Self::Other { kind, .. } => *kind,
        }
    }

    /// The host that it points to, for the types whose target must have addresses of its own (RFC 2181 §10.3, RFC 2782).
    pub(crate) fn host(&self) -> Option<&Name> {
        match self {
            Self::Ns(host) | Self::Mx { exchange: host, .. } | Self::Srv(Srv { target: host, .. }) => {
                Some(host)
            }
            _ => None,
        }
    }

    /// As zone files write it (RFC 1035 §5.1), names relative to the origin.
    pub(crate) fn to_text(&self, origin: &Name) -> String {
        let name = |name: &Name| name.relative_to(origin);
        match self {
            Self::A(address) => address.to_string(),
            Self::Aaaa(address) => address.to_string(),
            Self::Ns(host) | Self::Cname(host) | Self::Ptr(host) => name(host),
            Self::Mx { preference, exchange } => format!("{preference} {}", name(exchange)),
            Self::Txt(strings) => strings.iter().map(|string| quoted(string)).collect::<Vec<_>>().join(" "),
            Self::Soa(Soa { primary, contact, serial, refresh, retry, expire, minimum }) => {
                format!("{} {} {serial} {refresh} {retry} {expire} {minimum}", name(primary), name(contact))
            }
            Self::Srv(Srv { priority, weight, port, target }) => {
                format!("{priority} {weight} {port} {}", name(target))
            }
            Self::Tlsa(Tlsa { usage, selector, matching, data }) => {
                let hex: String = data.iter().map(|octet| format!("{octet:02x}")).collect();
                format!("{usage} {selector} {matching} {hex}")
            }
            Self::Caa { flags, tag, value } => format!("{flags} {tag} {}", quoted(value)),
            Self::Other { text, .. } => text.clone(),
        }
    }
}

/// In zone-file form, with absolute names.
impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(&Name::root()))
    }
}

fn quoted(string: &[u8]) -> String {
    let mut text = String::from("\"");
    for &octet in string {
        match octet {
            b'"' | b'\\' => text.extend(['\\', char::from(octet)]),
            b' '..=b'~' => text.push(char::from(octet)),
            _ => text.push_str(&format!("\\{octet:03}")),
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_numbers_and_mnemonics() {
        for (kind, code, text) in Kind::NAMED {
            assert_eq!((kind.code(), Kind::from_code(code)), (code, kind));
            assert_eq!((kind.to_string().as_str(), text.to_lowercase().parse()), (text, Ok(kind)));
        }
        assert_eq!(Kind::Other(65).to_string(), "TYPE65");
        assert_eq!("type15".parse(), Ok(Kind::Mx));
        assert_eq!("MXX".parse::<Kind>(), Err(()));
    }

    #[test]
    fn a_long_text_is_cut_at_255_octets() {
        let Data::Txt(strings) = Data::text(&"x".repeat(600)) else { panic!() };
        assert_eq!(strings.iter().map(Vec::len).collect::<Vec<_>>(), [255, 255, 90]);
        assert_eq!(Data::text(""), Data::Txt(vec![vec![]]));
    }

    #[test]
    fn a_record_is_shown_as_dig_shows_it() {
        let name = Name::parse("lab.test").unwrap();
        let mx = Data::Mx { preference: 10, exchange: Name::parse("mail.lab.test").unwrap() };
        assert_eq!(Record::new(name.clone(), 300, mx).to_string(), "lab.test. 300 IN MX 10 mail.lab.test.");
        let txt = Data::Txt(vec![b"a \"b\" \\ \xc3".to_vec()]);
        assert_eq!(Record::new(name, 0, txt).to_string(), r#"lab.test. 0 IN TXT "a \"b\" \\ \195""#);
    }
}
