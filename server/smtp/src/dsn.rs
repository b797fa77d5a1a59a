//! What a sender asks for about delivery status notifications (RFC 3461 §4).

use std::fmt::{self, Write as _};

/// `RET=`: what of the message a report of failure returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// `FULL`
    Full,
    /// `HDRS`
    Headers,
}

impl Returned {
    /// Reads what stands after `RET=`.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        match &*value.to_ascii_uppercase() {
            b"FULL" => Some(Self::Full),
            b"HDRS" => Some(Self::Headers),
            _ => None,
        }
    }
}

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "FULL",
            Self::Headers => "HDRS",
        })
    }
}

/// `NOTIFY=`: when to report about a recipient. None of the three is `NEVER`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notify {
    /// `SUCCESS`
    pub success: bool,
    /// `FAILURE`
    pub failure: bool,
    /// `DELAY`
    pub delay: bool,
}

impl Notify {
    /// Reads what stands after `NOTIFY=`: `NEVER`, which stands alone, or a list (RFC 3461 §4.1).
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        if value.eq_ignore_ascii_case(b"NEVER") {
            return Some(Self::default());
        }
        let mut notify = Self::default();
        for word in value.split(|&octet| octet == b',') {
            match &*word.to_ascii_uppercase() {
                b"SUCCESS" => notify.success = true,
                b"FAILURE" => notify.failure = true,
                b"DELAY" => notify.delay = true,
                _ => return None,
            }
        }
        Some(notify)
    }
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = [(self.success, "SUCCESS"), (self.failure, "FAILURE"), (self.delay, "DELAY")];
        let words: Vec<&str> = asked.into_iter().filter_map(|(asked, word)| asked.then_some(word)).collect();
        f.write_str(if words.is_empty() { "NEVER" } else { "" })?;
        f.write_str(&words.join(","))
    }
}

/// `ORCPT=`: the recipient as the first sender wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRecipient {
    /// `rfc822`, `utf-8` or another registered type: letters, digits and hyphens only, else it is not sent.
    pub address_type: String,
    /// The address, not encoded.
    pub address: String,
}

/// As it stands after `ORCPT=`.
impl fmt::Display for OriginalRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.address_type)?;
        if self.address_type.eq_ignore_ascii_case("utf-8") {
            write_utf8_xtext(f, &self.address)
        } else {
            write_xtext(f, &self.address)
        }
    }
}

impl OriginalRecipient {
    /// Reads what stands after `ORCPT=`: `addr-type ";" xtext`. With the type `utf-8`, also the forms of RFC 6533 §3.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let semicolon = memchr::memchr(b';', value)?;
        let address_type = std::str::from_utf8(&value[..semicolon]).ok()?.to_owned();
        let encoded = &value[semicolon + 1..];
        let address = if address_type.eq_ignore_ascii_case("utf-8") {
            decode_utf8_xtext(encoded)?
        } else {
            String::from_utf8(decode_xtext(encoded)?).ok()?
        };
        let original = Self { address_type, address };
        (original.is_sendable() && !original.address.chars().any(char::is_control)).then_some(original)
    }

    /// Whether its type fits the grammar, so that it can be sent.
    pub fn is_sendable(&self) -> bool {
        let is_type = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        !self.address_type.is_empty() && self.address_type.bytes().all(is_type) && !self.address.is_empty()
    }
}

/// `xtext` (RFC 3461 §4) of a text.
pub(crate) struct Xtext<'a>(pub(crate) &'a str);

impl fmt::Display for Xtext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_xtext(f, self.0)
    }
}

fn write_xtext(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.bytes().try_for_each(|octet| match octet {
        b'+' | b'=' => write!(f, "+{octet:02X}"),
        b'!'..=b'~' => f.write_char(char::from(octet)),
        _ => write!(f, "+{octet:02X}"),
    })
}

/// `utf-8-addr-xtext` (RFC 6533 §3), which every server can take.
fn write_utf8_xtext(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|character| match character {
        '+' | '=' | '\\' => write!(f, "\\x{{{:X}}}", u32::from(character)),
        '!'..='~' => f.write_char(character),
        _ => write!(f, "\\x{{{:X}}}", u32::from(character)),
    })
}

/// `xtext = *( xchar / "+" 2HEXDIG )`
pub(crate) fn decode_xtext(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    loop {
        text = match text {
            [] => return Some(decoded),
            [b'+', high, low, rest @ ..] => {
                decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                rest
            }
            [octet @ b'!'..=b'~', rest @ ..] if !matches!(octet, b'+' | b'=') => {
                decoded.push(*octet);
                rest
            }
            _ => return None,
        };
    }
}

/// Upper case only, by the grammar.
fn hex_digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    }
}

/// `utf-8-addr-xtext` or `utf-8-addr-unitext`: `\x{HEX}` stands for a character, others stand for themselves.
fn decode_utf8_xtext(text: &[u8]) -> Option<String> {
    let mut rest = std::str::from_utf8(text).ok()?;
    let mut decoded = String::with_capacity(rest.len());
    while let Some(character) = rest.chars().next() {
        if let Some(escaped) = rest.strip_prefix("\\x{") {
            let (digits, after) = escaped.split_once('}')?;
            let is_number =
                (2..=6).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_hexdigit());
            decoded.push(is_number.then(|| char::from_u32(u32::from_str_radix(digits, 16).ok()?))??);
            rest = after;
        } else if matches!(character, '+' | '=' | '\\' | ' ') || character.is_control() {
            return None;
        } else {
            decoded.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else_is_read() {
        for text in [
            "rfc822;a+2Bb@x.test",
            "utf-8;jos\\x{E9}\\x{2B}\\x{1F600}@x",
            "x400;/C=es/".replace('=', "+3D").as_str(),
        ] {
            let read = OriginalRecipient::parse(text.as_bytes()).unwrap();
            assert_eq!(read.to_string(), text);
        }
        assert_eq!(OriginalRecipient::parse("utf-8;josé@x".as_bytes()).unwrap().address, "josé@x");
        let faults = [
            "",
            "rfc822",
            "rfc822;",
            ";a@x",
            "a b;a@x",
            "rfc822;a=b",
            "rfc822;a+0D+0A",
            "rfc822;a+2b",
            "utf-8;a\\x{}",
            "utf-8;a\\x{0}",
            "utf-8;a\\x{D800}",
            "utf-8;a+2B",
            "utf-8;a\\x{0A}",
            "utf-8;\\",
            "utf-8;\\x{110000}",
        ];
        for fault in faults {
            assert_eq!(OriginalRecipient::parse(fault.as_bytes()), None, "{fault}");
        }
        let all = Notify { success: true, failure: true, delay: true };
        assert_eq!(Notify::parse(b"delay,Success,FAILURE"), Some(all));
        assert_eq!(Notify::parse(b"never"), Some(Notify::default()));
        for fault in [&b""[..], b"NEVER,SUCCESS", b"SUCCESS,", b"ALWAYS", b"SUCCESS DELAY"] {
            assert_eq!(Notify::parse(fault), None);
        }
    }

    #[test]
    fn what_is_asked_for_is_written_as_its_grammar_says() {
        assert_eq!(Notify::default().to_string(), "NEVER");
        assert_eq!(Notify { success: true, failure: false, delay: true }.to_string(), "SUCCESS,DELAY");
        assert_eq!(Xtext("a+b=c d\u{f1}\r\n").to_string(), "a+2Bb+3Dc+20d+C3+B1+0D+0A");
        let original = |kind: &str, address: &str| {
            let original = OriginalRecipient { address_type: kind.into(), address: address.into() };
            (original.to_string(), original.is_sendable())
        };
        assert_eq!(original("rfc822", "a+b@x.test"), ("rfc822;a+2Bb@x.test".into(), true));
        assert_eq!(
            original("utf-8", "jos\u{e9}+\u{1f600}@x"),
            ("utf-8;jos\\x{E9}\\x{2B}\\x{1F600}@x".into(), true)
        );
        assert!(!original("rfc822\r\nRSET", "x").1);
    }
}
