//! Domain names: absolute, lower case, at most 255 octets.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hickory_proto::rr::Name as WireName;
use thiserror::Error;

/// An absolute domain name. Upper and lower case are one (RFC 4343), so it is kept in lower case; order is the canonical one
/// (RFC 4034 §6.1): a zone's name stands directly before the names below it.
///
/// `Display` gives A-labels without the final dot, with the escapes of zone files (RFC 1035 §5.1); the root is `.`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(WireName);

/// Why a text is not a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadName {
    /// There is no text.
    #[error("the name is empty")]
    Empty,
    /// Two dots in a row, or one at the beginning.
    #[error("a part of the name is empty")]
    EmptyLabel,
    /// A part has more than 63 octets (RFC 1035 §2.3.4).
    #[error("a part of the name is longer than 63 octets")]
    LabelTooLong,
    /// The name has more than 255 octets on the wire (RFC 1035 §2.3.4).
    #[error("the name is longer than 255 octets")]
    TooLong,
    /// White space, a control character, a quote, a parenthesis or a semicolon without a backslash before it.
    #[error("the name holds a character that needs a backslash")]
    Character,
    /// A backslash before nothing, or before a number above 255.
    #[error("a backslash is followed by neither a character nor three digits up to 255")]
    Escape,
    /// IDNA has no A-label for it (RFC 5891).
    #[error("the name has letters that domain names cannot have")]
    Unicode,
}

impl Name {
    /// The root of all names.
    #[must_use]
    pub fn root() -> Self {
        Self(WireName::root())
    }

    /// Reads a name, with or without its final dot. Letters outside ASCII become A-labels; `\.` and `\046` are octets of a label.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text == "." {
            return Ok(Self::root());
        }
        Self::from_labels(&labels(text)?.0)
    }

    /// Reads a name as zone files write it: relative to the origin unless it ends in a dot, `@` for the origin itself.
    pub(crate) fn parse_in(text: &str, origin: &Self) -> Result<Self, BadName> {
        if text == "@" {
            return Ok(origin.clone());
        }
        if text == "." {
            return Ok(Self::root());
        }
        let (mut labels, absolute) = labels(text)?;
        if !absolute {
            labels.extend(origin.0.iter().map(<[u8]>::to_vec));
        }
        Self::from_labels(&labels)
    }

    fn from_labels(labels: &[Vec<u8>]) -> Result<Self, BadName> {
        if labels.iter().any(|label| label.len() > 63) {
            return Err(BadName::LabelTooLong);
        }
        let name = WireName::from_labels(labels.iter().map(Vec::as_slice)).map_err(|_| BadName::TooLong)?;
        Ok(Self::from_wire(&name))
    }

    pub(crate) fn from_wire(name: &WireName) -> Self {
        let mut name = name.to_lowercase();
        name.set_fqdn(true);
        Self(name)
    }

    pub(crate) fn to_wire(&self) -> WireName {
        self.0.clone()
    }

    /// The name under which DNS keeps the name of an address: `1.0.0.127.in-addr.arpa` (RFC 1035 §3.5), `….ip6.arpa` (RFC 3596 §2.5).
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        Self::from_wire(&WireName::from(address.to_canonical()))
    }

    /// This name with one more label in front, such as `_25` or `*`; the label is taken as it is, dots included.
    pub fn with_label(&self, label: &str) -> Result<Self, BadName> {
        if label.is_empty() {
            return Err(BadName::EmptyLabel);
        }
        let labels: Vec<_> =
            std::iter::once(label.as_bytes().to_vec()).chain(self.0.iter().map(<[u8]>::to_vec)).collect();
        Self::from_labels(&labels)
    }

    /// Whether it is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_root()
    }

    /// Whether its first label is `*` (RFC 4592 §2.1.1).
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.iter().next() == Some(b"*")
    }

    /// Whether it is this name or below it.
    #[must_use]
    pub fn is_within(&self, above: &Self) -> bool {
        above.0.zone_of(&self.0)
    }

    /// The name without its first label; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        (!self.is_root()).then(|| Self(self.0.base_name()))
    }

    /// For people: U-labels where they are valid (RFC 5891 §5), without the final dot.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        let text = self.to_string();
        let (unicode, valid) = idna::domain_to_unicode(&text);
        if valid.is_ok() { unicode } else { text }
    }

    /// Whether its text reads as an IPv4 or IPv6 address, which no host has for a name.
    #[must_use]
    pub(crate) fn is_address(&self) -> bool {
        self.to_string().parse::<IpAddr>().is_ok()
    }

    /// As zone files write it: relative to the origin where it can be, else with the final dot.
    pub(crate) fn relative_to(&self, origin: &Self) -> String {
        if self == origin && !self.is_root() {
            return "@".to_owned();
        }
        let text = self.to_string();
        if origin.is_root() || !self.is_within(origin) {
            return if self.is_root() { text } else { text + "." };
        }
        // Both texts are canonical, so the shorter name's text is the end of the longer one's.
        text[..text.len() - origin.to_string().len() - 1].to_owned()
    }
}

/// Cuts a text into labels, and tells whether it ended in a dot.
fn labels(text: &str) -> Result<(Vec<Vec<u8>>, bool), BadName> {
    if text.is_empty() {
        return Err(BadName::Empty);
    }
    let ascii = if text.is_ascii() {
        text.to_owned()
    } else {
        idna::domain_to_ascii(text).map_err(|_| BadName::Unicode)?
    };
    let mut labels = Vec::new();
    let mut label = Vec::new();
    let mut rest = ascii.as_bytes();
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b'.' if label.is_empty() => return Err(BadName::EmptyLabel),
            b'.' => labels.push(std::mem::take(&mut label)),
            b'\\' => {
                let (octet, after) = unescape(rest).ok_or(BadName::Escape)?;
                label.push(octet);
                rest = after;
            }
            b'"' | b'(' | b')' | b';' | b'\0'..=b' ' | 0x7f => return Err(BadName::Character),
            octet => label.push(octet),
        }
    }
    let absolute = label.is_empty();
    if !absolute {
        labels.push(label);
    }
    Ok((labels, absolute))
}

/// The octet that an escape stands for, and what follows it; `text` begins after the backslash (RFC 1035 §5.1: `\X`, `\DDD` in decimal).
pub(crate) fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let number = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
            Some((u8::try_from(number).ok()?, rest))
        }
        [b'0'..=b'9', ..] | [] => None,
        [octet, rest @ ..] => Some((*octet, rest)),
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::parse(text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for (place, label) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            for &octet in label {
                match octet {
                    b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => {
                        write!(f, "\\{}", char::from(octet))?
                    }
                    b'!'..=b'~' => write!(f, "{}", char::from(octet))?,
                    _ => write!(f, "\\{octet:03}")?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn case_and_the_final_dot_make_no_difference() {
        assert_eq!(name("Mail.Lab.TEST."), name("mail.lab.test"));
        assert_eq!(name("Mail.Lab.TEST.").to_string(), "mail.lab.test");
    }

    #[test]
    fn letters_of_other_alphabets_become_a_labels_and_come_back() {
        let spanish = name("correo.España.test");
        assert_eq!(spanish.to_string(), "correo.xn--espaa-rta.test");
        assert_eq!(spanish.to_unicode(), "correo.españa.test");
        assert_eq!(name("xn--espaa-rta.test"), name("españa。test"));
        assert_eq!(name("_25._tcp.españa.test").to_string(), "_25._tcp.xn--espaa-rta.test");
    }

    #[test]
    fn what_is_no_name_is_told_apart() {
        assert_eq!(Name::parse(""), Err(BadName::Empty));
        assert_eq!(Name::parse("a..b"), Err(BadName::EmptyLabel));
        assert_eq!(Name::parse(".a"), Err(BadName::EmptyLabel));
        assert_eq!(Name::parse(&"a".repeat(64)), Err(BadName::LabelTooLong));
        assert_eq!(Name::parse(&["a".repeat(63).as_str(); 4].join(".")), Err(BadName::TooLong));
        assert_eq!(Name::parse("a b"), Err(BadName::Character));
        assert_eq!(Name::parse("a\\256"), Err(BadName::Escape));
        assert_eq!(Name::parse("a\\"), Err(BadName::Escape));
        assert_eq!(Name::parse("\u{378}.test"), Err(BadName::Unicode));
    }

    #[test]
    fn escapes_are_decimal_and_a_dot_can_be_inside_a_label() {
        let contact = name("ana\\.garcia.lab.test");
        assert_eq!(contact, name("ana\\046garcia.lab.test"));
        assert_eq!(contact.parent(), Some(name("lab.test")));
        assert_eq!(contact.to_string(), "ana\\.garcia.lab.test");
        assert_eq!(name("a\\007\\255").to_string(), "a\\007\\255");
    }

    #[test]
    fn addresses_have_names() {
        assert_eq!(Name::of_address([192, 0, 2, 7].into()).to_string(), "7.2.0.192.in-addr.arpa");
        let six = Name::of_address("2001:db8::1".parse().unwrap()).to_string();
        assert_eq!(six, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
        let mapped = Name::of_address("::ffff:192.0.2.7".parse().unwrap());
        assert_eq!(mapped.to_string(), "7.2.0.192.in-addr.arpa");
    }

    #[test]
    fn names_are_written_relative_to_their_origin() {
        let origin = name("lab.test");
        for (absolute, relative) in [
            ("lab.test", "@"),
            ("www.lab.test", "www"),
            ("a.b.lab.test", "a.b"),
            ("xlab.test", "xlab.test."),
            (".", "."),
        ] {
            assert_eq!(name(absolute).relative_to(&origin), relative);
            assert_eq!(Name::parse_in(relative, &origin), Ok(name(absolute)));
        }
        assert_eq!(Name::root().relative_to(&Name::root()), ".");
        assert_eq!(name("test").relative_to(&Name::root()), "test.");
    }

    proptest::proptest! {
        #[test]
        fn every_name_is_read_back_from_its_text(labels in proptest::collection::vec(proptest::collection::vec(0u8.., 1..20), 0..6)) {
            let name = Name::from_labels(&labels).unwrap();
            proptest::prop_assert_eq!(Name::parse(&name.to_string()), Ok(name));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = Name::parse(&text);
        }
    }
}
