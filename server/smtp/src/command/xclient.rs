//! The attributes of XCLIENT, as Postfix's XCLIENT_README has them: what a proxy before this server says of its client.

use super::ClientName;
use crate::dsn::decode_xtext;
use std::net::IpAddr;

/// A value, as far as the proxy knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed<T> {
    /// This one.
    Is(T),
    /// There is none, or it is not known (`[UNAVAILABLE]`, `[TEMPUNAVAIL]`).
    Unknown,
}

impl<T> Claimed<T> {
    /// The value, if it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

/// What a proxy claims; attributes that it does not name stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Xclient {
    /// `NAME=`: the client's name in DNS.
    pub name: Option<Claimed<String>>,
    /// `ADDR=`: its address.
    pub address: Option<Claimed<IpAddr>>,
    /// `PORT=`
    pub port: Option<Claimed<u16>>,
    /// `PROTO=`: whether it said EHLO.
    pub extended: Option<Claimed<bool>>,
    /// `HELO=`: what it called itself.
    pub client_name: Option<Claimed<ClientName>>,
    /// `LOGIN=`: as whom it logged in.
    pub login: Option<Claimed<String>>,
    /// `DESTADDR=`: the address it connected to.
    pub destination_address: Option<Claimed<IpAddr>>,
    /// `DESTPORT=`
    pub destination_port: Option<Claimed<u16>>,
}

impl Xclient {
    /// Reads `attribute=value` pairs; at least one, each once, and no other names.
    pub(super) fn parse(argument: &[u8]) -> Option<Self> {
        let mut claims = Self::default();
        let mut pairs = argument.split(|&octet| octet == b' ').filter(|pair| !pair.is_empty()).peekable();
        pairs.peek()?;
        for pair in pairs {
            let equals = memchr::memchr(b'=', pair)?;
            claims.add(&pair[..equals].to_ascii_uppercase(), &pair[equals + 1..])?;
        }
        Some(claims)
    }

    fn add(&mut self, name: &[u8], value: &[u8]) -> Option<()> {
        let text = String::from_utf8(decode_xtext(value)?).ok()?;
        match name {
            b"NAME" => set(&mut self.name, &text, dns_name),
            b"ADDR" => set(&mut self.address, &text, address),
            b"PORT" => set(&mut self.port, &text, |text| text.parse().ok()),
            b"PROTO" => set(&mut self.extended, &text, |text| match text.to_ascii_uppercase().as_str() {
                "SMTP" => Some(false),
                "ESMTP" => Some(true),
                _ => None,
            }),
            b"HELO" => set(&mut self.client_name, &text, |text| ClientName::parse(text.as_bytes())),
            b"LOGIN" => set(&mut self.login, &text, login),
            b"DESTADDR" => set(&mut self.destination_address, &text, address),
            b"DESTPORT" => set(&mut self.destination_port, &text, |text| text.parse().ok()),
            _ => None,
        }
    }
}

fn set<T>(attribute: &mut Option<Claimed<T>>, text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<()> {
    let is_unknown = ["[UNAVAILABLE]", "[TEMPUNAVAIL]"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let value = if is_unknown { Claimed::Unknown } else { Claimed::Is(parse(text)?) };
    attribute.is_none().then(|| *attribute = Some(value))
}

/// `IPV6:` before an address of that kind.
fn address(text: &str) -> Option<IpAddr> {
    match text.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPV6:") => text[5..].parse().ok().map(IpAddr::V6),
        _ => text.parse().ok().map(IpAddr::V4),
    }
}

fn dns_name(text: &str) -> Option<String> {
    crate::address::Domain::parse(text.as_bytes()).ok()?.name().map(str::to_owned)
}

fn login(text: &str) -> Option<String> {
    let is_good = !text.is_empty()
        && text.len() <= postigo_sasl::MAX_USER_OCTETS
        && !text.chars().any(char::is_control);
    is_good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_attributes_are_read_and_no_others() {
        let claims = Xclient::parse(
            b"NAME=spike.test ADDR=IPV6:2001:db8::1 port=1234 PROTO=ESMTP HELO=a+2Bb LOGIN=ana@lab.test \
              DESTADDR=192.0.2.1 DESTPORT=[UNAVAILABLE]",
        )
        .unwrap();
        assert_eq!(claims.name, Some(Claimed::Is("spike.test".into())));
        assert_eq!(claims.address, Some(Claimed::Is("2001:db8::1".parse().unwrap())));
        assert_eq!((claims.port, claims.extended), (Some(Claimed::Is(1234)), Some(Claimed::Is(true))));
        assert_eq!(claims.client_name, Some(Claimed::Is(ClientName::parse(b"a+b").unwrap())));
        assert_eq!(claims.login, Some(Claimed::Is("ana@lab.test".into())));
        assert_eq!(claims.destination_address, Some(Claimed::Is("192.0.2.1".parse().unwrap())));
        assert_eq!(claims.destination_port, Some(Claimed::Unknown));
        for fault in [
            &b""[..],
            b"ADDR",
            b"ADDR=",
            b"ADDR=2001:db8::1",
            b"ADDR=1.2.3",
            b"PORT=65536",
            b"PROTO=HTTP",
            b"HELO=a+20b",
            b"LOGIN=a+0Ab",
            b"NAME=a+0D+0Ab",
            b"REVERSE_NAME=x",
            b"PORT=1 PORT=2",
        ] {
            assert_eq!(Xclient::parse(fault), None, "{}", fault.escape_ascii());
        }
    }
}
