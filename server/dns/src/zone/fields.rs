//! The fields of a record's data.

use std::str::FromStr;

use super::FaultKind;
use super::entry::name_in;
use super::lexer::Token;
use crate::record::MAX_TTL;
use crate::{Data, Kind, Name, Soa, Srv, Tlsa};

/// The tokens of a record's data, taken one by one.
pub(super) struct Fields<'a> {
    rest: &'a [Token],
    origin: Option<&'a Name>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(rest: &'a [Token], origin: Option<&'a Name>) -> Self {
        Self { rest, origin }
    }

    /// The data of a record of this type.
    pub(super) fn data(&mut self, kind: Kind) -> Result<Data, FaultKind> {
        Ok(match kind {
            Kind::A => Data::A(self.value("an IPv4 address")?),
            Kind::Aaaa => Data::Aaaa(self.value("an IPv6 address")?),
            Kind::Ns => Data::Ns(self.name("the name server")?),
            Kind::Cname => Data::Cname(self.name("the name it is an alias of")?),
            Kind::Ptr => Data::Ptr(self.name("the name")?),
            Kind::Mx => Data::Mx {
                preference: self.value("a preference (0 to 65535)")?,
                exchange: self.name("the mail host")?,
            },
            Kind::Txt => Data::Txt(self.strings()?),
            Kind::Soa => Data::Soa(Soa {
                primary: self.name("the primary name server")?,
                contact: self.name("the mailbox of the contact")?,
                serial: self.value("a serial (0 to 4294967295)")?,
                refresh: self.time("the refresh time")?,
                retry: self.time("the retry time")?,
                expire: self.time("the expire time")?,
                minimum: self.time("the minimum time")?,
            }),
            Kind::Srv => Data::Srv(Srv {
                priority: self.value("a priority (0 to 65535)")?,
                weight: self.value("a weight (0 to 65535)")?,
                port: self.value("a port (0 to 65535)")?,
                target: self.name("the host")?,
            }),
            Kind::Tlsa => Data::Tlsa(Tlsa {
                usage: self.value("a certificate usage (0 to 3)")?,
                selector: self.value("a selector (0 or 1)")?,
                matching: self.value("a matching type (0 to 2)")?,
                data: self.hex()?,
            }),
            Kind::Caa => Data::Caa {
                flags: self.value("a number of flags (0 to 255)")?,
                tag: self.next("the tag")?.text.to_ascii_lowercase(),
                value: string(self.next("the value")?)?,
            },
            Kind::Other(_) => return Err(FaultKind::KindNotSupported(kind)),
        })
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), FaultKind> {
        self.rest.first().map_or(Ok(()), |token| Err(FaultKind::Extra(token.text.clone())))
    }

    fn next(&mut self, what: &'static str) -> Result<&'a Token, FaultKind> {
        let (token, rest) = self.rest.split_first().ok_or(FaultKind::Missing(what))?;
        self.rest = rest;
        Ok(token)
    }

    fn value<T: FromStr>(&mut self, what: &'static str) -> Result<T, FaultKind> {
        let text = &self.next(what)?.text;
        text.parse().map_err(|_| FaultKind::Field { what, text: text.clone() })
    }

    fn name(&mut self, what: &'static str) -> Result<Name, FaultKind> {
        name_in(&self.next(what)?.text, self.origin)
    }

    fn time(&mut self, what: &'static str) -> Result<u32, FaultKind> {
        seconds(&self.next(what)?.text)
    }

    fn strings(&mut self) -> Result<Vec<Vec<u8>>, FaultKind> {
        let tokens = std::mem::take(&mut self.rest);
        if tokens.is_empty() { Err(FaultKind::NoText) } else { tokens.iter().map(string).collect() }
    }

    /// Hexadecimal digits, which may have spaces between them (RFC 6698 §2.2).
    fn hex(&mut self) -> Result<Vec<u8>, FaultKind> {
        const WHAT: &str = "hexadecimal data";
        let text: String = std::mem::take(&mut self.rest).iter().map(|token| token.text.as_str()).collect();
        if text.is_empty() {
            return Err(FaultKind::Missing(WHAT));
        }
        let octet = |pair: &[u8]| {
            let text =
                std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|c| c.is_ascii_hexdigit()))?;
            u8::from_str_radix(text, 16).ok().filter(|_| pair.len() == 2)
        };
        let octets: Option<Vec<u8>> = text.as_bytes().chunks(2).map(octet).collect();
        octets.ok_or(FaultKind::Field { what: WHAT, text })
    }
}

fn string(token: &Token) -> Result<Vec<u8>, FaultKind> {
    let bad = || FaultKind::Field {
        what: "a text (a backslash comes before a character or three digits)",
        text: token.text.clone(),
    };
    token.octets().ok_or_else(bad)
}

/// A time: seconds, or numbers with units as in `1h30m`, `2W`.
pub(super) fn seconds(text: &str) -> Result<u32, FaultKind> {
    let bad = || FaultKind::Field { what: "a time (3600, 1h, 1h30m, 2d, 1w)", text: text.to_owned() };
    if text.bytes().all(|octet| octet.is_ascii_digit()) && !text.is_empty() {
        let number: u64 = text.parse().map_err(|_| FaultKind::TtlTooLong)?;
        return u32::try_from(number).ok().filter(|ttl| *ttl <= MAX_TTL).ok_or(FaultKind::TtlTooLong);
    }
    let mut total = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
        let unit = match rest.as_bytes().get(digits).map(u8::to_ascii_lowercase) {
            Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => 86_400,
            Some(b'w') => 604_800,
            _ => return Err(bad()),
        };
        total =
            number.checked_mul(unit).and_then(|part| part.checked_add(total)).ok_or(FaultKind::TtlTooLong)?;
        rest = &rest[digits + 1..];
    }
    u32::try_from(total).ok().filter(|ttl| *ttl <= MAX_TTL && !text.is_empty()).ok_or(FaultKind::TtlTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, expected) in
            [("0", 0), ("3600", 3600), ("1h30m", 5400), ("2W", 1_209_600), ("1d1s", 86_401)]
        {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in ["1x", "h", "-1", "1h30", "1ñ", "1 h"] {
            assert!(matches!(seconds(text), Err(FaultKind::Field { .. })), "{text}");
        }
        for text in ["2147483648", "99999999999999999999", "9999w", "30000000000000000w1h"] {
            assert_eq!(seconds(text), Err(FaultKind::TtlTooLong), "{text}");
        }
    }
}
